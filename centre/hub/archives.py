"""PURE: the files of a data.police.uk archive, from a folder, a zip, a tar or one such file, and trusted in nothing.

Layout: ``<YYYY-MM>/<YYYY-MM>-<force>-<kind>.csv``, at the top or below other folders.
"""

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

MOST_FILES = 20_000
MOST_BYTES = 512_000_000  # of one file; the largest real one is near 40 MB
MOST_TIMES = 100  # that the files may be larger than the archive; real ones are ten times
SMALL = 50_000_000  # bytes that a small archive may unpack to, whatever its size
SHOWN = 20
_NAME = re.compile(
    r"(?P<month>\d{4}-(0[1-9]|1[0-2]))-(?P<force>[a-z][a-z-]*[a-z])-(?P<kind>street|outcomes|stop-and-search)\.csv"
)
FAULTS = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    RuntimeError,  # zipfile's word for what is encrypted, or packed in a way that it does not know
)


class ArchiveRefused(ValueError):
    """The archive cannot be used; each problem is one line that names the file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems[:SHOWN]


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One monthly file of one force."""

    force: str
    kind: str
    month: str
    path: str


@dataclass(slots=True)
class Archive:
    """An archive that is read from front to back: iterate over it once. `strays` are other files, passed over."""

    path: Path
    name: str = ""  # what the sender calls it, where the path does not say so
    strays: list[str] = field(default_factory=list)
    _known: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """Return the name that problems begin with."""
        return self.name or self.path.name

    def __iter__(self) -> Iterator[tuple[Member, bytes]]:
        """Give each member with its content, in the order of the archive.

        Raises
        ------
        ArchiveRefused : unreadable, cut off, hostile, mislabelled, or with no file of the layout.
        """
        try:
            yield from self._members()
        except FAULTS as fault:
            raise ArchiveRefused(
                [f"{self.shown}: damaged or cut off ({fault}): send the archive again"]
            ) from fault
        if not self._known:
            raise ArchiveRefused([f"{self.shown}: holds no file named as YYYY-MM/YYYY-MM-force-street.csv"])

    def _members(self) -> Iterator[tuple[Member, bytes]]:
        budget = Budget(self.path)
        for entry in _entries(self.path, self.shown):
            name, size, opened = entry.name, entry.size, entry.plain()
            member = self._member(name)
            if member is None:
                self.strays.append(name)
                continue
            budget.take(name, size)
            with opened() as stream:
                content = stream.read(MOST_BYTES + 1)
            if len(content) != size:
                raise ArchiveRefused(
                    [f"{name}: {len(content):,} bytes where the archive says {size:,}: send it again"]
                )
            yield member, content

    def _member(self, name: str) -> Member | None:
        parts = PurePosixPath(name).parts
        named = _NAME.fullmatch(parts[-1])
        if named is None:
            return None
        folder = parts[-2] if len(parts) > 1 else "(none)"
        if folder != named["month"]:
            raise ArchiveRefused([f"{name}: is named {named['month']}, and lies in the folder {folder}"])
        key = (named["force"], named["kind"], named["month"])
        if key in self._known:
            raise ArchiveRefused([f"{name}: the same force, kind and month as {self._known[key]}"])
        self._known[key] = name
        return Member(*key, path=name)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is packed: `opened` gives its content, and is None for what is no plain file."""

    name: str
    size: int
    opened: Callable[[], Any] | None

    def plain(self) -> Callable[[], Any]:
        """Return what opens it.

        Raises
        ------
        ArchiveRefused : it is no plain file, or its name leads out of the archive.
        """
        if self.opened is None:
            raise ArchiveRefused(
                [f"{self.name}: is a link or a device, not a file: make the archive of plain files"]
            )
        if self.name.startswith("/") or ".." in PurePosixPath(self.name).parts or "\\" in self.name:
            raise ArchiveRefused([f"{self.name}: leads out of the archive: make the archive again"])
        return self.opened


class Budget:
    """What an archive may unpack to: a few kilobytes that become terabytes are an attack."""

    def __init__(self, path: Path, *, most_of_one: int = MOST_BYTES) -> None:
        self.most_of_one = most_of_one
        self.most = None if path.is_dir() else SMALL + MOST_TIMES * path.stat().st_size
        self.n_files = self.n_bytes = 0

    def take(self, name: str, size: int) -> None:
        """Count an entry, or refuse it."""
        self.n_files += 1
        self.n_bytes += size
        if size > self.most_of_one:
            raise ArchiveRefused([f"{name}: larger than {self.most_of_one:,} bytes"])
        if self.n_files > MOST_FILES:
            raise ArchiveRefused([f"{name}: the archive holds more than {MOST_FILES:,} files"])
        if self.most is not None and self.n_bytes > self.most:
            raise ArchiveRefused([f"{name}: the archive unpacks to more than {MOST_TIMES} times its size"])


def _entries(path: Path, name: str) -> Iterator[Entry]:
    if path.is_dir():
        yield from _of_folder(path)
    elif named := _NAME.fullmatch(name):
        yield Entry(f"{named['month']}/{name}", path.stat().st_size, partial(path.open, "rb"))
    elif zipfile.is_zipfile(path):
        yield from of_zip(path)
    else:
        yield from of_tar(path)


def _of_folder(path: Path) -> Iterator[Entry]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_symlink():
            yield Entry(name, 0, None)
        elif file.is_file():
            yield Entry(name, file.stat().st_size, partial(file.open, "rb"))


def of_zip(path: Path) -> Iterator[Entry]:
    """Give the entries of a zip."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
            if not entry.is_dir():
                opened = None if is_link else partial(archive.open, entry)
                yield Entry(entry.filename, entry.file_size, opened)


def of_tar(path: Path) -> Iterator[Entry]:
    """Give the entries of a tar, packed or not, in their order."""
    with unpacked(path) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                if not entry.isdir():
                    opened = partial(archive.extractfile, entry) if entry.isfile() else None
                    yield Entry(entry.name, entry.size, opened)
        # The checksum stands at the end of a packed stream, behind the tar: without it a changed byte goes unseen.
        while stream.read(1 << 20):
            pass


def unpacked(path: Path) -> BinaryIO:
    """Open a tar as it is, or packed; tarfile's own stream would not look at the checksum of gzip."""
    with path.open("rb") as file:
        start = file.read(6)
    for mark, module in ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ", lzma)):
        if start.startswith(mark):
            return cast(BinaryIO, module.open(path, "rb"))
    return path.open("rb")
