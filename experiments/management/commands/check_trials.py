"""`manage.py check_trials`: every health check of every live trial, as beat does it each night."""

from typing import Any

from django.core.management.base import BaseCommand

from experiments.actions import health_checks


class Command(BaseCommand):
    """Check what has not been checked for twelve hours, so that doing it twice does nothing."""

    help = "Run the health checks of every live trial that has not been checked for 12 hours."

    def handle(self, *args: Any, **options: Any) -> None:
        """Check them."""
        self.stdout.write(f"{health_checks.check_all()} trials checked")
