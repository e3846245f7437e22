"""The files of a panel that came as one: a file itself, or those of a zip or a tar that is trusted in nothing."""

import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from centre.hub.archives import FAULTS, ArchiveRefused, Budget, Entry, of_tar, of_zip, unpacked
from centre.hub.panels.faults import PanelRefused
from centre.hub.panels.reading import Source

ENDINGS = (".csv", ".csv.gz", ".parquet")
MOST_FILES = 1_000
MOST_BYTES = 8_000_000_000  # of one file; a country of 120 months and 14 measures as CSV is a quarter of it
_CHUNK = 1 << 20


def unpack(source: Source, folder: Path, *, tell: Callable[[str], None] = lambda words: None) -> list[Source]:
    """Return the file itself, or what an archive holds, written into the folder; files of other kinds are passed over.

    Raises
    ------
    PanelRefused : the archive is damaged, cut off or hostile, or holds no file of a panel or too many.
    """
    if (entries := _entries(source)) is None:
        return [source]
    found: dict[str, Source] = {}
    try:
        for entry in _of_panels(source, entries):
            if entry.name in found:
                raise ArchiveRefused([f"{entry.name}: is there twice"])
            if len(found) == MOST_FILES:
                raise ArchiveRefused([f"more than {MOST_FILES:,} files of a panel"])
            found[entry.name] = Source(_written(entry, folder / f"member-{len(found)}"), entry.name)
            tell(f"Unpacked {entry.name}")
    except ArchiveRefused as refusal:
        raise PanelRefused([f"{source.name}: {problem}" for problem in refusal.problems]) from refusal
    except FAULTS as fault:
        if isinstance(fault, OSError) and fault.errno:
            raise  # of our disk, not of the archive
        raise PanelRefused([f"{source.name}: damaged or cut off ({fault}): send it again"]) from fault
    if not found:
        raise PanelRefused([f"{source.name}: holds no file that ends in {', '.join(ENDINGS)}"])
    return [found[name] for name in sorted(found)]


def _of_panels(source: Source, entries: Iterator[Entry]) -> Iterator[Entry]:
    """Give the files of a panel, and refuse what is no plain file or too much."""
    budget = Budget(source.path, most_of_one=MOST_BYTES)
    for entry in entries:
        entry.plain()
        if entry.name.endswith(ENDINGS) and not PurePosixPath(entry.name).name.startswith("."):
            budget.take(entry.name, entry.size)
            yield entry


def _written(entry: Entry, path: Path) -> Path:
    with entry.plain()() as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file, _CHUNK)
    if path.stat().st_size != entry.size:
        raise ArchiveRefused([f"{entry.name}: has not the size that the archive says: send it again"])
    return path


def _entries(source: Source) -> Iterator[Entry] | None:
    """Return what is in an archive; None of a file that is none. The content decides, and not the name."""
    with source.path.open("rb") as file:
        start = file.read(4)
    if start in (b"PK\x03\x04", b"PK\x05\x06"):
        return of_zip(source.path)
    try:
        with unpacked(source.path) as stream:
            tarfile.TarInfo.frombuf(stream.read(tarfile.BLOCKSIZE), "utf-8", "surrogateescape")
    except FAULTS:
        return None
    return of_tar(source.path)
