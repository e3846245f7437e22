"""`manage.py backup DIR`: the database of this moment and every file of the vault, beside the backups before."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre import backups
from centre.errors import Refusal


class Command(BaseCommand):
    """May run while people write; exit 1 where it is not whole."""

    help = "Back up the database and the vault into DIR, beside earlier backups; files of the vault are kept once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be asked."""
        parser.add_argument("place", type=Path, metavar="DIR")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="take older databases away but N"
        )

    def handle(self, *args: Any, place: Path, keep: int, **options: Any) -> None:
        """Make one."""
        began = time.monotonic()
        try:
            made = backups.make(place, keep=keep)
        except (Refusal, OSError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(
            f"{backups.newest(place)}: {made.database_bytes / 1e6:,.1f} MB, {sum(made.tables.values()):,} rows, "
            f"{made.files:,} files, {made.events:,} events, head {made.head[:12]}, {time.monotonic() - began:.1f} s"
        )
        if made.damaged:
            names = "\n".join(made.damaged)
            raise CommandError(f"{len(made.damaged)} files of the vault are gone or damaged:\n{names}")
