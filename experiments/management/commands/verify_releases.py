"""`manage.py verify_releases`: ask for the nightly verification of published releases, as beat does every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from experiments.actions import verifications


class Command(BaseCommand):
    """Ask for what was not computed again for twenty hours, so that doing it twice does nothing."""

    help = "Ask for a Run that computes published releases again which were not verified for 20 hours."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for it."""
        self.stdout.write(f"{verifications.request_due()} releases to compute again")
