"""`manage.py load_figures FILE --source "…"`: take figures of measures into the hub, for any force."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from centre.hub.actions import figures
from centre.management.here import refusals_told


class Command(BaseCommand):
    """Exit 0: kept; 2: refused, with the problems on standard error, one a line."""

    help = (
        "Take figures from a CSV with the columns force,measure,period,value,denominator,basis (docs/standards.md). "
        "A value that is left empty is not known, and never 0."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and where its figures come from."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="where the figures come from, in words")

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep them, or say what is wrong with them."""
        path = options["file"]
        with refusals_told(self):
            made = figures.receive(
                content=path.read_bytes(), filename=path.name, source=options["source"], by=None
            )
        self.stdout.write(f"{made.figures.count()} figures kept, {made.unchanged} unchanged (file {made.pk})")
