"""`manage.py keep_ratings`: pool and rate again, and tell who follows what changed. Twice does nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tactics.actions import bulletins, registry
from tactics.models import Tactic


class Command(BaseCommand):
    """Keep every rating in step with its evidence."""

    help = (
        "Pools and rates tactics again and makes notices of what changed. Safe to run as often as you like."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the slug of one tactic."""
        parser.add_argument("slug", nargs="?", help="only this tactic; else all that have trials or findings")

    def handle(self, *args: Any, slug: str | None = None, **options: Any) -> None:
        """Rate, then tell; say how many of each."""
        tactics = Tactic.objects.filter(slug=slug) if slug else Tactic.objects.with_evidence()
        if slug and not tactics.exists():
            raise CommandError(f"There is no tactic “{slug}”")
        rated = sum(registry.rerate(tactic=tactic) for tactic in tactics)
        told = bulletins.tell(tactics if slug else None)
        self.stdout.write(f"rated: {rated}, notices: {told}")
