"""`manage.py sweep_runs`: one sweep by hand, for when beat is away."""

from typing import Any

from django.core.management.base import BaseCommand

from centre import runs


class Command(BaseCommand):
    """Announce forgotten runs, free abandoned ones, end hopeless ones."""

    help = "Look once for runs that nobody works on."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say what was done."""
        swept = runs.sweep()
        self.stdout.write(f"announced {swept.published}, freed {swept.requeued}, ended {swept.failed}")
