"""`manage.py import_archive PATH --source "…"`: take an archive of monthly files into the hub, here and now."""

import tarfile
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from centre.errors import Refusal
from centre.hub import receiving
from centre.hub.actions import submissions
from centre.management.here import carry_out
from centre.models import Run


class Command(BaseCommand):
    """Exit 0: kept, or known already; 2: refused, with the problems on standard error, one a line."""

    help = "Take an archive of data.police.uk (folder, .zip, .tar, .tar.gz, or one file) into the hub."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the archive, and where it comes from."""
        parser.add_argument("archive", type=Path)
        parser.add_argument("--source", required=True, help="where the files come from, in words")

    def handle(self, **options: Any) -> None:
        """Stage it, and do here what a worker does for a person."""
        try:
            run = self._staged(options["archive"], options["source"])
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        if done := carry_out(self, run, receiving.receive, on_failed=receiving.discard_staged):
            self.stdout.write(f"{done.links['message']} (submission {done.links['submission']})")

    def _staged(self, path: Path, source: str) -> Run:
        if path.is_dir():
            with tempfile.TemporaryFile() as packed:
                _pack(path, packed)
                packed.seek(0)
                return submissions.receive(file=packed, filename=f"{path.name}.tar", source=source, by=None)
        with path.open("rb") as file:
            return submissions.receive(file=file, filename=path.name, source=source, by=None)


def _pack(folder: Path, packed: BinaryIO) -> None:
    """Write a folder as a tar whose bytes depend on names and contents alone, for the same hash another day."""
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in sorted(folder.rglob("*")):
            entry = archive.gettarinfo(file, arcname=file.relative_to(folder).as_posix())
            entry.mtime = entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mode = 0o644
            if entry.isreg():
                with file.open("rb") as content:
                    archive.addfile(entry, content)
            elif not entry.isdir():
                archive.addfile(entry)  # a link: the archive's reader refuses it by name
