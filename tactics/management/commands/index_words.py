"""The command that makes the library's search words again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import F

from tactics.actions import words
from tactics.models import LibraryWord, Tactic, TacticTurn


class Command(BaseCommand):
    """Makes all words again: after a change of the synonyms, or of the name of a problem or a force."""

    help = "Make the words that the library's search looks into again, from the tactics."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how many."""
        LibraryWord.objects.all().delete()
        tactics = Tactic.objects.select_related("main_outcome", "force").prefetch_related("problems")
        for tactic in tactics:
            words.keep(tactic=tactic)
        # A force's region and a problem's name are no part of a tactic's own row.
        TacticTurn.objects.update(n=F("n") + 1)
        self.stdout.write(f"The words of {len(tactics)} tactics are made again.")
