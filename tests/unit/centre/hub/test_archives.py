"""Archives: the same files from a folder, a zip and a tar; what is corrupt, mislabelled or hostile is refused."""

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from centre.hub.archives import Archive, ArchiveRefused, Member
from tests.unit.centre.hub.invented import folder, name_of, rows, tar, text, zipped

MONTHS = ("2024-01", "2024-02")
FILES = {name_of(month): text(rows(month)) for month in MONTHS}
Writer = Callable[[Path, dict[str, bytes]], Path]


def refused(path: Path) -> str:
    with pytest.raises(ArchiveRefused) as refusal:
        list(Archive(path))
    return "\n".join(refusal.value.problems)


@pytest.mark.parametrize(("write", "name"), [(folder, "f"), (zipped, "a.zip"), (tar, "a.tar.gz")])
def test_one_layout_three_ways(tmp_path: Path, write: Writer, name: str) -> None:
    below = {f"download/{path}": content for path, content in FILES.items()}
    archive = Archive(write(tmp_path / name, {**below, "download/README.txt": b"hello"}))
    found = list(archive)
    assert [member for member, _ in found] == [
        Member("testshire", "street", month, f"download/{name_of(month)}") for month in MONTHS
    ]
    assert [content for _, content in found] == list(FILES.values())
    assert archive.strays == ["download/README.txt"]


@pytest.mark.parametrize("size", [0, 10, 400, -30])
def test_cut_off_and_corrupt(tmp_path: Path, size: int) -> None:
    whole = tar(tmp_path / "a.tar.gz", FILES).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[:size])
    assert refused(tmp_path / "cut.tar.gz").startswith("cut.tar.gz: ")
    turned = bytearray(whole)
    turned[len(whole) // 2] ^= 0xFF
    (tmp_path / "turned.tar.gz").write_bytes(bytes(turned))
    assert "turned.tar.gz: damaged or cut off" in refused(tmp_path / "turned.tar.gz")


def test_a_zip_whose_bytes_changed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES)
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(bytes(content))
    assert "a.zip: damaged or cut off" in refused(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../2024-01/2024-01-testshire-street.csv", "leads out of the archive"),
        ("/2024-01/2024-01-testshire-street.csv", "leads out of the archive"),
        ("2024-02/2024-01-testshire-street.csv", "is named 2024-01, and lies in the folder 2024-02"),
        ("2024-01-testshire-street.csv", "lies in the folder (none)"),
    ],
)
def test_paths_that_are_wrong(tmp_path: Path, name: str, words: str) -> None:
    assert words in refused(tar(tmp_path / "a.tar.gz", {name: text(rows("2024-01"))}))


def test_links_and_devices(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        link = tarfile.TarInfo(name_of("2024-01"))
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert "is a link or a device" in refused(tmp_path / "a.tar")
    place = folder(tmp_path / "f", FILES)
    os.symlink("/etc/passwd", place / "2024-03-testshire-street.csv")
    assert "is a link or a device" in refused(place)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped_link:
        entry = zipfile.ZipInfo(name_of("2024-01"))
        entry.external_attr = 0o120777 << 16
        zipped_link.writestr(entry, "/etc/passwd")
    assert "is a link or a device" in refused(tmp_path / "a.zip")


def test_the_same_file_twice(tmp_path: Path) -> None:
    twice = {f"{part}/{name_of('2024-01')}": text(rows("2024-01")) for part in ("a", "b")}
    assert "the same force, kind and month as a/2024-01" in refused(tar(tmp_path / "a.tar.gz", twice))


def test_a_few_kilobytes_that_become_gigabytes(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {name_of("2024-01"): b"a" * 120_000_000})
    assert path.stat().st_size < 200_000
    assert "unpacks to more than 100 times its size" in refused(path)


def test_a_size_that_is_a_lie(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        entry = tarfile.TarInfo(name_of("2024-01"))
        entry.size = 100
        archive.addfile(entry, io.BytesIO(b"x" * 100))
    content = (tmp_path / "a.tar").read_bytes()
    (tmp_path / "b.tar").write_bytes(content[: 512 + 40])
    assert "b.tar" in refused(tmp_path / "b.tar") or "send it again" in refused(tmp_path / "b.tar")


def test_nothing_of_the_layout(tmp_path: Path) -> None:
    assert "holds no file named as" in refused(tar(tmp_path / "a.tar.gz", {"2024-01/crimes.csv": b"x"}))
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    assert refused(tmp_path / "a.pdf").startswith("a.pdf: damaged or cut off")
