"""`manage.py issue_passports SLUG`: every public rating of a tactic that rests on trials has a passport."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from centre.errors import Refusal
from tactics.actions import passports
from tactics.models import Rating, Tactic

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Issue what is missing. Twice does nothing."""

    help = "Issues a passport for each public rating of a tactic that rests on trials and has none yet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the slug of the tactic."""
        parser.add_argument("slug")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        """Issue them; say how many."""
        tactic = Tactic.objects.filter(slug=slug).first()
        if tactic is None:
            raise CommandError(f"There is no tactic “{slug}”")
        issued = 0
        if passports.can_sign():
            rows = Rating.objects.public().filter(tactic=tactic, synthesis__k__gte=1, passports=None)
            for rating in rows.select_related("tactic__force", "outcome_domain", "synthesis"):
                try:
                    passports.issue(rating=rating, by=None)
                    issued += 1
                except Refusal as refusal:  # another rating took its place meanwhile
                    log.info("No passport of %s: %s", rating.pk, refusal.message)
        self.stdout.write(f"passports: {issued}")
