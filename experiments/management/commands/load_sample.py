"""`manage.py load_sample`: the simulated programme, in the embedded default only."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from centre.permissions import ROLES
from experiments.management.sample import people, programme


class Command(BaseCommand):
    """Load the sample programme; a second time it changes nothing."""

    help = "Load simulated trials of simulated tactics in invented forces, with sign-ins. Not with production settings."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and print who can sign in."""
        if not settings.EMBEDDED:
            raise CommandError(
                "The sample programme has sign-ins with a printed password, so it is refused with production settings."
            )
        programme.load()
        self.stdout.write("The sample programme is loaded: everything in it is simulated.")
        self.stdout.write(f"Sign in with one of these addresses and the password: {people.PASSWORD}")
        for key, part in people.PEOPLE.items():
            where = f", {people.FORCES[part.force]}" if part.force else ""
            self.stdout.write(f"  {people.address(key):32} {ROLES[part.role].display_name}{where}")
