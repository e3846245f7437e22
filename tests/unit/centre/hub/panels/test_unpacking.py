"""A panel as one archive: the same panel as its files, and nothing that an archive may hide."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from centre.hub import archives
from centre.hub.panels import rollup
from centre.hub.panels.building import build
from centre.hub.panels.faults import PanelRefused
from centre.hub.panels.reading import Source
from centre.hub.panels.unpacking import unpack
from tests.unit.centre.hub.panels.small import KNOWN, PLACES, built, wide, written

Packer = Callable[[Path, dict[str, bytes]], Path]


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def _unpacked(path: Path, tmp_path: Path) -> list[Source]:
    place = tmp_path / "place"
    place.mkdir()
    return unpack(Source(path, path.name), place)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_is_the_panel_of_its_files(tmp_path: Path, pack: Packer) -> None:
    rows = wide()
    parts = {
        "a/one.csv": written(tmp_path / "one.csv", rows[:5]).path.read_bytes(),
        "two.csv.gz": written(tmp_path / "two.csv.gz", rows[5:]).path.read_bytes(),
        "read me.txt": b"area,month",
        "._one.csv": b"of a Mac",
    }
    sources = _unpacked(pack(tmp_path / "whatever it is called", parts), tmp_path)
    assert [one.name for one in sources] == ["a/one.csv", "two.csv.gz"]
    done = build(sources, KNOWN, PLACES, tmp_path)
    expected = rollup.read(built(tmp_path, rows).rollup, absent_is_zero=False)
    np.testing.assert_array_equal(
        rollup.read(done.rollup, absent_is_zero=False).values, expected.values, strict=True
    )


@pytest.mark.parametrize("name", ["panel.csv", "panel.csv.gz", "panel.parquet"])
def test_a_file_is_itself(tmp_path: Path, name: str) -> None:
    source = written(tmp_path / name, wide())
    assert unpack(source, tmp_path) == [source]


def test_an_empty_file_is_itself_and_refused_by_whoever_reads_it(tmp_path: Path) -> None:
    empty = tmp_path / "panel.csv"
    empty.touch()
    with pytest.raises(PanelRefused, match=r"panel.csv: there is no column"):
        build(unpack(Source(empty, "panel.csv"), tmp_path), KNOWN, PLACES, tmp_path)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"../one.csv": b"x"}, "leads out of the archive"),
        ({"read me.txt": b"x"}, "holds no file that ends in .csv, .csv.gz, .parquet"),
        ({"bomb.csv": bytes(archives.SMALL * 2)}, "unpacks to more than 100 times its size"),
    ],
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_what_an_archive_may_not_be(tmp_path: Path, pack: Packer, files: dict[str, bytes], said: str) -> None:
    with pytest.raises(PanelRefused, match=said) as refused:
        _unpacked(pack(tmp_path / "p.zip", files), tmp_path)
    assert str(refused.value).startswith("p.zip: ")


def test_a_link_two_of_one_name_and_an_end_that_is_missing(tmp_path: Path) -> None:
    link = tarfile.TarInfo("one.csv")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(tmp_path / "link.tar", "w") as archive:
        archive.addfile(link)
    with tarfile.open(tmp_path / "twice.tar", "w") as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo("one.csv"))
    whole = tarred(tmp_path / "whole.tar.gz", {"one.csv": np.random.default_rng(1).bytes(200_000)})
    (tmp_path / "cut.tar.gz").write_bytes(whole.read_bytes()[:100_000])
    for name, said in (("link.tar", "is a link"), ("twice.tar", "is there twice"), ("cut.tar.gz", "cut off")):
        with pytest.raises(PanelRefused, match=said):
            unpack(Source(tmp_path / name, name), tmp_path)
