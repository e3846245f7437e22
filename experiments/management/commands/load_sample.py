"""`manage.py load_sample`: the simulated programme, in the embedded default only."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre import sample
from experiments.management.sample import programme


class Command(BaseCommand):
    """Load the sample programme; a second time it changes nothing."""

    help = "Load simulated trials of simulated tactics in invented forces, with sign-ins. Not with production settings."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and print who can sign in."""
        try:
            programme.load()
        except sample.ProductionHasNoSample as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            "The sample programme is loaded: trials, forces and results are simulated; the reviews are real."
        )
        self.stdout.write(f"Sign in with one of these addresses and the password: {sample.PASSWORD}")
        for person in sample.sign_ins():
            self.stdout.write(f"  {person.email:32} {', '.join(person.role_names)}")
