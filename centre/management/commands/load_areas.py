"""`manage.py load_areas LOOKUP --districts FILE --vintage "…"`: judge files by these areas from now on."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from centre.errors import Refusal
from centre.hub import areas
from centre.hub.actions import lookups


class Command(BaseCommand):
    """Load what is known of areas: without it nothing is said of vintages and of other forces' areas."""

    help = (
        "Load the ONS lookup of LSOAs 2011 to 2021 to districts (geoportal.statistics.gov.uk), and the ONS table of "
        "recorded crime by community safety partnership, which says which force a district is in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the tables, and of when they are."""
        parser.add_argument("lookup", type=Path, help="CSV, or CSV in gzip")
        parser.add_argument("--districts", type=Path, help="CSV with the columns la_code and pfa_code")
        parser.add_argument(
            "--vintage", required=True, help='like "LSOAs of 2011 and 2021, districts of 2022"'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load them, or say what is wrong with them."""
        try:
            content = options["lookup"].read_bytes()
            districts = options["districts"].read_bytes() if options["districts"] else None
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        try:
            made = lookups.load(lookup=content, districts=districts, vintage=options["vintage"])
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        for odd in areas.disagreements(districts) if districts else ():
            self.stderr.write(f"--districts, {odd}")
        self.stdout.write(f"Files are judged by the {made.n_areas:,} areas of {made.vintage}.")
