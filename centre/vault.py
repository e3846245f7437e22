"""The vault: files kept under the SHA-256 of their content, never changed.

Files go through Django's storage "vault": a local folder by default, S3 by settings. A file is written
under a temporary name, synced, and renamed, so that a name always holds the whole content.
"""

import hashlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from centre.errors import Damaged, NoRoom, NotFound, TooLarge

log = logging.getLogger(__name__)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the vault."""

    sha256: str
    size: int


def put(stream: BinaryIO | Iterable[bytes], *, limit: int | None = None) -> Stored:
    """Keep the content and return its hash. The same content twice is one file.

    Raises
    ------
    TooLarge : more than `limit` bytes came; nothing is kept.
    NoRoom : the disk is full; nothing is kept.
    """
    try:
        return _put(stream, limit)
    except OSError as error:
        if refusal := NoRoom.of(error):
            log.error("The vault has no room: %s", error)
            raise refusal from error
        raise


def _put(stream: BinaryIO | Iterable[bytes], limit: int | None) -> Stored:
    chunks = iter(lambda: stream.read(_CHUNK), b"") if hasattr(stream, "read") else stream
    digest, size = hashlib.sha256(), 0
    descriptor, temporary = tempfile.mkstemp(dir=_staging(), prefix="put-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if limit is not None and size > limit:
                    raise TooLarge(f"The file is larger than {limit // 1_000_000} MB. Send it in parts.")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        stored = Stored(digest.hexdigest(), size)
        _keep(Path(temporary), stored.sha256)
        return stored
    finally:
        Path(temporary).unlink(missing_ok=True)


def put_bytes(content: bytes) -> Stored:
    """Keep content that is already in memory."""
    return put([content])


def open_file(sha256: str) -> BinaryIO:
    """Open a kept file for reading. Raises as `path` does."""
    return open(path(sha256), "rb")


def read(sha256: str) -> bytes:
    """Return the whole content of a kept file. Raises as `path` does."""
    with open_file(sha256) as file:
        return file.read()


def path(sha256: str) -> Path:
    """Return a local path of a kept file, checked against its hash; from a remote storage it is fetched once.

    Raises
    ------
    NotFound : no such file is kept.
    Damaged : its content is no longer the one that its name promises.
    """
    storage, name = _storage(), _name(sha256)
    local = Path(storage.path(name)) if isinstance(storage, FileSystemStorage) else _staging() / sha256
    if not local.exists():
        _fetch(storage, name, local)
    if _digest(local) != sha256:
        log.error("The vault's file %s is damaged.", sha256)
        if not isinstance(storage, FileSystemStorage):
            local.unlink()  # it may be the fetched copy alone: the next reader fetches it anew
        raise Damaged(
            "A kept file no longer has the content that its hash promises, so it is not used. Tell the Centre."
        )
    return local


def check(sha256: str) -> None:
    """Hash a kept file again, where it is kept. Raises as `path` does."""
    found = hashlib.sha256()
    for piece in pieces(sha256):
        found.update(piece)
    if found.hexdigest() != sha256:
        raise Damaged("A kept file no longer has the content that its hash promises.")


def pieces(sha256: str) -> Iterator[bytes]:
    """Give a kept file piece by piece, as it is: whoever asks checks the hash."""
    storage, name = _storage(), _name(sha256)
    if not storage.exists(name):
        raise NotFound("This file is not in the vault.")
    with storage.open(name, "rb") as content:
        yield from iter(lambda: content.read(_CHUNK), b"")


def exists(sha256: str) -> bool:
    """Return whether the file is kept."""
    return _storage().exists(_name(sha256))


def discard(sha256: str) -> None:
    """Remove a staged upload that was refused; never a file that a row refers to."""
    if exists(sha256):
        _storage().delete(_name(sha256))


def forget_staged(before: datetime) -> int:
    """Remove what was begun before a moment and never kept: a process ended in the middle. Return how many."""
    old = [
        file for file in _staging().iterdir() if file.is_file() and file.stat().st_mtime < before.timestamp()
    ]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def _fetch(storage: Storage, name: str, local: Path) -> None:
    if isinstance(storage, FileSystemStorage) or not storage.exists(name):
        raise NotFound("This file is not in the vault.")
    partial = local.with_suffix(f".{os.getpid()}")
    with storage.open(name, "rb") as source, open(partial, "wb") as target:
        shutil.copyfileobj(source, target, _CHUNK)
    os.replace(partial, local)


def _digest(file: Path) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _storage() -> Storage:
    return storages["vault"]


def _staging() -> Path:
    storage = _storage()
    # Beside the files where they are local, so that the rename is atomic.
    folder = (
        Path(storage.path("")) / "staging"
        if isinstance(storage, FileSystemStorage)
        else Path(tempfile.gettempdir()) / "tactic-registry-vault"
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _name(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise NotFound("This is not the name of a file in the vault.")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _keep(temporary: Path, sha256: str) -> None:
    storage, name = _storage(), _name(sha256)
    if storage.exists(name):
        return
    if isinstance(storage, FileSystemStorage):
        target = Path(storage.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        os.chmod(temporary, 0o440)
        os.replace(temporary, target)
        return
    with open(temporary, "rb") as file:
        storage.save(name, File(file))
