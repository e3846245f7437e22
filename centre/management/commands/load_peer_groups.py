"""`manage.py load_peer_groups FILE`: load groups of forces that are alike, as their source has them."""

import sys
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from centre.errors import Refusal
from centre.hub.actions import peer_groups

REFUSED = 2


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
        try:
            made = peer_groups.load(content=options["file"].read_bytes(), by=None)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            for problem in refusal.shown:
                self.stderr.write(problem.message)
            sys.exit(REFUSED)
        for group in made:
            self.stdout.write(f"{group.name}, version {group.version}: {group.members.count()} forces")
