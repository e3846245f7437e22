"""`manage.py load_peer_groups FILE`: load groups of forces that are alike, as their source has them."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from centre.hub.actions import peer_groups
from centre.management.here import refusals_told


class Command(BaseCommand):
    """Exit 0: loaded; 2: refused, with the problems on standard error, one a line."""

    help = (
        "Load groups of like forces from a CSV with the columns group,valid_from,source,licence,force: a line for each "
        "force of each group. A group that differs from its newest version becomes the next."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, or say what is wrong with it."""
        with refusals_told(self):
            made = peer_groups.load(content=options["file"].read_bytes(), by=None)
        for group in made:
            self.stdout.write(f"{group.name}, version {group.version}: {group.members.count()} forces")
