"""Making a backup."""

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from centre import heartbeats, imprints, vault
from centre.backups import databases, manifest
from centre.errors import Refusal
from centre.models import Run


def make(place: Path, *, keep: int = 0) -> manifest.Manifest:
    """A whole backup is in the place, beside those before; with `keep`, only so many stay.

    The database comes first: a file is in the vault before any row refers to it, so what the copy refers to is there.
    """
    now = dt.datetime.now(dt.UTC)
    name = f"{now:%Y-%m-%dT%H%M%SZ}"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = place / f".{name}-{os.getpid()}"
    partial.mkdir(mode=0o700)
    try:
        made = _write(place, partial, now)
        os.rename(partial, place / name)
        manifest.settle(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    if not made.damaged:
        heartbeats.heard("backup")
    if keep:
        for old in sorted(folder.parent for folder in place.glob(f"*Z/{manifest.NAME}"))[:-keep]:
            shutil.rmtree(old)
    return made


def file_of(place: Path, sha256: str) -> Path:
    """Return where the backups of a place keep a file of the vault."""
    return place / "files" / sha256[:2] / sha256


def _write(place: Path, folder: Path, now: dt.datetime) -> manifest.Manifest:
    database = folder / databases.file_name()
    facts = databases.copy(database)
    damaged: list[str] = []
    kept: set[str] = set()
    for sha256 in _wanted():
        if sha256 not in kept:
            kept.add(sha256)
            if not _copy_file(place, sha256):
                damaged.append(sha256)
    files_hash = manifest.write(folder / manifest.FILES, (f"{one}\n".encode() for one in sorted(kept)))
    with open(database, "rb") as content:
        os.fsync(content.fileno())
        database_hash = hashlib.file_digest(content, "sha256").hexdigest()
    made = manifest.Manifest(
        made_at=now.isoformat(),
        code_version=settings.CODE_VERSION,
        vendor=connection.vendor,
        database=database.name,
        database_sha256=database_hash,
        database_bytes=database.stat().st_size,
        events=facts.events,
        head=facts.head,
        tables=facts.tables,
        files=len(kept),
        files_sha256=files_hash,
        damaged=damaged,
    )
    made.write(folder)
    manifest.settle(folder)
    return made


def _wanted() -> Iterator[str]:
    """Yield the hashes of files that rows refer to, and of uploads that wait for their check."""
    for model in imprints.imprinted_models():
        if model.vault_fields:
            for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
                yield from row.kept_files()
    for params in Run.objects.unfinished().values_list("params", flat=True):
        if sha256 := params.get("sha256"):
            yield sha256


def _copy_file(place: Path, sha256: str) -> bool:
    """Copy a file that is not there yet; return whether the vault had it as its name promises."""
    target = file_of(place, sha256)
    if target.exists():
        return True
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_suffix(f".{os.getpid()}")
    try:
        if manifest.write(partial, vault.pieces(sha256)) != sha256:
            return False
        os.replace(partial, target)
    except (Refusal, OSError):
        return False
    finally:
        partial.unlink(missing_ok=True)
    return True
