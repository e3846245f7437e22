"""Bringing a backup back."""

import time
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

from centre import vault, verification
from centre.backups import databases, manifest
from centre.backups.making import file_of
from centre.errors import Conflict


class NotEmpty(Conflict):
    """The database holds something."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and how long it took."""

    manifest: manifest.Manifest
    reports: list[verification.Report]
    missing: list[str]  # files that the backup does not have as they were
    load_seconds: float
    files_seconds: float
    verify_seconds: float

    @property
    def holds(self) -> bool:
        """Return whether everything is back, and is what it was."""
        return not self.missing and all(report.holds for report in self.reports)


def restore(folder: Path, *, replace: bool = False) -> Restored:
    """The database and the vault are those of the backup, brought to this code's tables, and proved.

    Raises
    ------
    NotEmpty : there are tables already, and nobody said that they may go.
    Incomplete : the folder is no whole backup.
    """
    kept = manifest.read(folder)
    if kept.database != databases.file_name():
        raise manifest.Incomplete(f"This is a backup of {kept.vendor}: give a DATABASE_URL of the same kind.")
    if not databases.is_empty():
        if not replace:
            raise NotEmpty(
                "The database is not empty. Give an empty one, or say --replace to lose what it holds."
            )
        databases.empty()
    began = time.monotonic()
    databases.load(folder / kept.database)
    call_command("migrate", interactive=False, verbosity=0)
    loaded = time.monotonic()
    missing = _bring_files(folder)
    brought = time.monotonic()
    head = {"day": kept.made_at[:10], "events": kept.events, "hash": kept.head}
    reports = list(verification.run(heads=[head]))
    times = (loaded - began, brought - loaded, time.monotonic() - brought)
    return Restored(kept, reports, missing, *times)


def _bring_files(folder: Path) -> list[str]:
    missing = []
    for sha256 in (folder / manifest.FILES).read_text(encoding="ascii").split():
        if vault.exists(sha256):
            continue
        try:
            with open(file_of(folder.parent, sha256), "rb") as content:
                if vault.put(content).sha256 != sha256:
                    missing.append(sha256)
        except OSError:
            missing.append(sha256)
    return missing
