"""What a backup says of itself."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from centre.errors import Refusal

NAME = "manifest.json"
FILES = "files.txt"  # of the vault: one hash a line


class Incomplete(Refusal):
    """The folder holds no whole backup."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. The hash of its list of files stands for the files: each is named by its own."""

    made_at: str
    code_version: str
    vendor: str
    database: str  # the file's name
    database_sha256: str
    database_bytes: int
    events: int  # of the audit log
    head: str  # the hash of its newest event
    tables: dict[str, int]  # rows
    files: int
    files_sha256: str
    damaged: list[str] = field(default_factory=list)  # files that the vault no longer had as they were

    def write(self, folder: Path) -> None:
        """Write it into the folder of its backup."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        write(folder / NAME, [text.encode(), b"\n"])


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup, and check its parts against it."""
    try:
        said: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        manifest = Manifest(**said)
        parts = {manifest.database: manifest.database_sha256, FILES: manifest.files_sha256}
        for name, expected in parts.items():
            with open(folder / name, "rb") as part:
                if hashlib.file_digest(part, "sha256").hexdigest() != expected:
                    raise Incomplete(f"{folder / name} is not as the manifest says.")
    except (OSError, ValueError, TypeError) as problem:
        raise Incomplete(f"{folder} is no whole backup: {problem}") from problem
    return manifest


def newest(place: Path) -> Path:
    """Return the folder of the newest backup of a place."""
    found = sorted(folder.parent for folder in place.glob(f"*Z/{NAME}"))
    if not found:
        raise Incomplete(f"There is no backup in {place}.")
    return found[-1]


def write(file: Path, content: Any) -> str:
    """Write content piece by piece, have it on the disk, and return its hash."""
    digest = hashlib.sha256()
    with open(file, "wb") as target:
        for piece in content:
            digest.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
