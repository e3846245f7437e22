"""`manage.py request_snapshot`: ask a worker for the snapshot of this month, as beat does every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from experiments.actions import snapshots


class Command(BaseCommand):
    """Ask once a month: where there is a snapshot, or one is being made, nothing happens."""

    help = "Ask for a snapshot of the public registry, where this month has none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for it."""
        run = snapshots.request_due()
        self.stdout.write("Nothing is due" if run is None else f"Asked for: {run.title}")
