"""`manage.py import_panel PATH --name … --source … --vintage 2021`: take a national panel into the hub."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre.errors import Refusal
from centre.hub import panelling
from centre.hub.actions import panels
from centre.hub.panels.places import VINTAGES
from centre.hub.panels.unpacking import ENDINGS
from centre.management.here import carry_out


class Command(BaseCommand):
    """Exit 0: kept; 2: refused, with the problems on standard error, one a line."""

    help = (
        "Take a panel of areas by months: CSV, CSV in gzip or Parquet, one file, a folder of them, a zip or a tar. "
        "Wide (area, month, a column for each measure) or long (area, month, measure, value)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files, and what they are."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--name", required=True, help="of the panel, the same for each version")
        parser.add_argument("--source", required=True, help="where the figures come from, in words")
        parser.add_argument(
            "--vintage", required=True, choices=VINTAGES, help="of which census the areas are"
        )
        parser.add_argument(
            "--absent-is-zero",
            action="store_true",
            help="rows without a count were left out, where a force has any",
        )

    def handle(self, **options: Any) -> None:
        """Stage it, and do here what a worker does."""
        path: Path = options["path"]
        files = (
            sorted(one for one in path.iterdir() if one.name.endswith(ENDINGS)) if path.is_dir() else [path]
        )
        said = {name: options[name] for name in ("name", "source", "vintage", "absent_is_zero")}
        try:
            run = panels.receive(files=files, **said)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        if done := carry_out(self, run, panelling.receive, on_failed=panelling.discard_staged):
            self.stdout.write(f"{done.links['message']} ({done.links['panel']})")
