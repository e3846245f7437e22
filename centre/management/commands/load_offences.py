"""`manage.py load_offences FILE --source "…"`: take counts of offences by title into the hub, for any force."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from centre.hub.actions import offences
from centre.management.here import refusals_told


class Command(BaseCommand):
    """Exit 0: kept; 2: refused, with the problems on standard error, one a line."""

    help = (
        "Take counts of recorded offences from a CSV with the columns force,month,offence,count (docs/hub.md). "
        "A count that is left empty is not known, and never 0."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, where its counts come from, and what an absent offence means."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="where the counts come from, in words")
        parser.add_argument(
            "--absent-is-none",
            action="store_true",
            help="an offence without a row was not recorded in that month (else: its count is not known)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep them, or say what is wrong with them."""
        path = options["file"]
        with refusals_told(self):
            made = offences.receive(
                content=path.read_bytes(),
                filename=path.name,
                source=options["source"],
                absent_is_none=options["absent_is_none"],
                by=None,
            )
        self.stdout.write(f"{made.months.count()} months kept, {made.unchanged} unchanged (file {made.pk})")
