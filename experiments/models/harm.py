"""Harms and adverse effects as they were reported, and that they were looked for where none was found."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from experiments.models.account import AccountEntry

_FOUND = (
    # Said both ways: a comparison with nothing is neither true nor false, and a constraint lets that pass.
    Q(n_events__isnull=False, n_events__gte=1, n_units__isnull=False, n_units__gte=1)
    & Q(severity__in=("minor", "moderate", "serious", "death", "not_graded"))
    & Q(relatedness__in=("related", "possible", "unrelated", "not_known"))
    & ~Q(action="")
)
_NONE_FOUND = Q(n_events=None, n_units=None, severity="", relatedness="", action="")


class Harm(AccountEntry):
    """One kind of harm in one arm: how many, how bad, how found; or that it was looked for and not found.

    Nothing on record means that nothing is known. It is never a zero.
    """

    is_for_no_analyst = True

    class Severity(models.TextChoices):
        MINOR = "minor", "Minor"
        MODERATE = "moderate", "Moderate"
        SERIOUS = "serious", "Serious"
        DEATH = "death", "A death"
        NOT_GRADED = "not_graded", "Not graded"

    class Relatedness(models.TextChoices):
        RELATED = "related", "Caused by the tactic"
        POSSIBLE = "possible", "Possibly caused by the tactic"
        UNRELATED = "unrelated", "Not caused by the tactic"
        NOT_KNOWN = "not_known", "Not known"

    class FoundBy(models.TextChoices):
        SYSTEMATIC = "systematic", "Looked for in every unit"
        RECORDS = "records", "Looked for in records"
        REPORTED = "reported", "Reported by somebody, not looked for"

    outcome = models.CharField(max_length=100, blank=True)  # of the registered protocol; blank: another harm
    name = models.CharField(max_length=200)
    arm = models.CharField(max_length=100, blank=True)  # blank: not told by arm
    was_found = models.BooleanField()
    n_events = models.PositiveIntegerField(null=True)
    n_units = models.PositiveIntegerField(null=True)  # units, or people, concerned
    severity = models.CharField(max_length=12, choices=Severity, blank=True)
    relatedness = models.CharField(max_length=12, choices=Relatedness, blank=True)
    found_by = models.CharField(max_length=12, choices=FoundBy)
    how = models.TextField()
    action = models.TextField(blank=True)

    class Meta(AccountEntry.Meta):
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *AccountEntry.Meta.constraints,
            models.CheckConstraint(
                name="experiments_harm_found_or_not",
                condition=(Q(was_found=True) & _FOUND) | (Q(was_found=False) & _NONE_FOUND),
            ),
            models.CheckConstraint(
                name="experiments_harm_none_found_was_looked_for",
                condition=Q(was_found=True) | ~Q(found_by="reported"),
            ),
            models.CheckConstraint(
                name="experiments_harm_found_by",
                condition=Q(found_by__in=("systematic", "records", "reported")),
            ),
        )
