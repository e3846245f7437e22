"""What a search of the library looks into. Made from the tactics by `actions.words`, and never the record itself."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from tactics.models.catalogue import Tactic
from tactics.searching import LONGEST, PLACES
from tactics.spelling import slips


class TacticWords(models.Model):
    """The stems of what a tactic says, by where it says it.

    Each database indexes the table in its own way (migration 0003): SQLite by an FTS5 table that triggers keep,
    PostgreSQL by a tsvector that the database makes, with a GIN index.
    """

    tactic = models.OneToOneField(Tactic, on_delete=models.CASCADE, primary_key=True, related_name="words")
    name = models.TextField(blank=True)
    problems = models.TextField(blank=True)
    text = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "words of tactics"

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def said(self) -> dict[str, frozenset[str]]:
        """Return the stems of each place."""
        return {place: frozenset(getattr(self, place).split()) for place in PLACES}


class LibraryWordQuerySet(models.QuerySet[Any]):
    """Questions about the words of the library."""

    def stems_among(self, stems: Iterable[str]) -> set[str]:
        """Return which of some stems a public tactic has said."""
        asked = set(stems)
        return set(self.filter(stem__in=asked).values_list("stem", flat=True)) if asked else set()

    def like(self, word: str) -> "LibraryWordQuerySet":
        """Return the words that `word` may be a misspelling or the beginning of, and some more."""
        most = slips(word)
        ends = Q(word__startswith=word[0]) | Q(word__endswith=word[-2:])
        near = ends & Q(letters__gte=len(word) - most, letters__lte=len(word) + most)
        return self.annotate(letters=Length("word")).filter(near | Q(word__startswith=word))


class LibraryWord(models.Model):
    """A word that a public tactic has said: what a misspelt search may have meant."""

    word = models.CharField(max_length=LONGEST, unique=True)
    stem = models.CharField(max_length=LONGEST, db_index=True)

    objects = LibraryWordQuerySet.as_manager()

    class Meta:
        ordering = ("word",)

    def __str__(self) -> str:
        return self.word


class TacticTurn(models.Model):
    """How often what the lists say of a tactic has changed. Triggers count it (`models.turns`)."""

    tactic = models.OneToOneField(Tactic, on_delete=models.CASCADE, primary_key=True, related_name="+")
    n = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.pk}: {self.n}"
