"""`manage.py make_snapshot`: the whole public registry of today as one file. Beat does it once a month."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from experiments import analysis
from experiments.models import Snapshot


class Command(BaseCommand):
    """Make the snapshot of today, unless there is one: what was downloaded is never replaced."""

    help = "Make a snapshot of the whole public registry: tables, protocols, checksums, in one zip file."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        day = timezone.localdate()
        if Snapshot.objects.filter(day=day).exists():
            raise CommandError(f"There is a snapshot of {day:%-d %B %Y} already. It is never replaced.")
        kept = analysis.keep_snapshot(analysis.make_snapshot(day, self._tell))
        self.stdout.write(f"{kept.name}  {kept.size / 1e6:.1f} MB  SHA-256 {kept.sha256}")

    def _tell(self, fraction: float, message: str) -> None:
        self.stderr.write(f"{fraction:4.0%}  {message}")
