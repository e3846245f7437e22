"""`manage.py load_figures FILE --source "…"`: take figures of measures into the hub, for any force."""

import sys
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from centre.errors import Refusal
from centre.hub.actions import figures

REFUSED = 2


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
        try:
            made = figures.receive(
                content=path.read_bytes(), filename=path.name, source=options["source"], by=None
            )
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            for problem in refusal.shown:
                self.stderr.write(problem.message)
            sys.exit(REFUSED)
        self.stdout.write(f"{made.figures.count()} figures kept, {made.unchanged} unchanged (file {made.pk})")
