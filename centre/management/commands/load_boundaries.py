"""`manage.py load_boundaries FILE --vintage "December 2023"`: draw maps with the official boundaries of force areas."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from centre import boundaries
from centre.errors import Refusal


class Command(BaseCommand):
    """Load boundaries; tiles of one size serve where none are loaded."""

    help = (
        "Load the boundaries of police force areas (GeoJSON, WGS 84) of the Office for National Statistics, simplified "
        "for maps. Get the file from geoportal.statistics.gov.uk: Police Force Areas, ultra generalised."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and of when it is."""
        parser.add_argument("file", help="the GeoJSON file")
        parser.add_argument(
            "--vintage", required=True, help='of when the boundaries are, like "December 2023"'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, or say what is wrong with it."""
        try:
            content = Path(options["file"]).read_bytes()
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from error
        try:
            made = boundaries.load(content=content, vintage=options["vintage"])
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"Maps are drawn with the {len(made.document['areas'])} areas of {made.vintage}.")
