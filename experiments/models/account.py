"""What people say happened in a trial, while it runs or at its close: kept as said, put right by a later entry."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from experiments.models.registration import Registration
from experiments.models.trial import Trial
from experiments.querysets import AccountQuerySet


class AccountEntry(FrozenModel):
    """One thing that people recorded of a trial.

    It is never edited. A later entry says something else in its place, or takes it back; both stay to be read.
    """

    is_for_no_analyst: ClassVar[bool] = False  # who analyses the trial may not make such an entry

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="%(class)s_entries")
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="correction")
    correction_reason = models.TextField(blank=True)
    takes_back = models.BooleanField(default=False)  # the earlier entry should not stand, nor does this one
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)s_entries"
    )
    at = models.DateTimeField()

    objects = AccountQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("at", "pk")
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="experiments_%(class)s_correction_whole",
                condition=Q(corrects=None, correction_reason="", takes_back=False)
                | (Q(corrects__isnull=False) & ~Q(correction_reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} of {self.trial}, {self.at:%-d %B %Y}".capitalize()

    @property
    def is_standing(self) -> bool:
        """Return whether nothing later replaces it or takes it back."""
        return not self.takes_back and getattr(self, "correction", None) is None


class Deviation(AccountEntry):
    """Something was not done as the protocol says, and the protocol was not amended for it first."""

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="deviations"
    )  # the version in force when it was recorded
    pointer = models.CharField(max_length=200)  # the field of that version: an anchor of its document
    what = models.TextField()
    happened_on = models.DateField()
    reason = models.TextField()
    effect = models.TextField()  # what it may do to the results
    outcome_data_opened = (
        models.BooleanField()
    )  # had anyone opened or analysed outcomes by arm when it was recorded
    outcome_data_evidence = models.JSONField(default=dict)

    class Meta(AccountEntry.Meta):
        pass
