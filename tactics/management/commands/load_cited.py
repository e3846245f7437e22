"""The command that fills a new library with real tactics and what reviews say of them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from centre.errors import Refusal
from centre.models import User
from tactics.management.cited import loading


class Command(BaseCommand):
    """Loads the tactics of `tactics/management/cited` and the lines of `reference/cited_evidence.csv`."""

    help = "Publish real tactics with what published reviews and studies say of them. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who does it."""
        parser.add_argument("--by", required=True, help="e-mail address of a registrar")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how many."""
        person = User.objects.filter(email=options["by"]).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['by']}. Add them with add_person.")
        try:
            made = loading.load(by=person)
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{made} quotations are new.")
