"""Recorded offences by title, as forces send them month by month: every version of a month is kept."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from centre.frozen import FrozenModel
from centre.models.forces import Force
from centre.models.of_forces import OfForceQuerySet, WithPartsOfForcesQuerySet
from centre.models.people import User


class OffenceFileQuerySet(WithPartsOfForcesQuerySet):
    """Questions about many files."""

    parts = "months"


class OffenceFile(FrozenModel):
    """A CSV of counts as it came."""

    vault_fields = ("sha256",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filename = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    absent_is_none = models.BooleanField()  # the sender says that an offence without a row was not recorded
    unchanged = models.PositiveIntegerField()  # months that said what the hub had already
    received_at = models.DateTimeField(default=timezone.now)
    received_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: a command

    objects: ClassVar[models.Manager[Any]] = OffenceFileQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return self.filename


class OffenceMonthQuerySet(OfForceQuerySet):
    """Questions about many months."""

    def newest(self) -> "OffenceMonthQuerySet":
        """Return the newest version of each force's month."""
        later: Any = OffenceMonth.objects.filter(
            force=OuterRef("force"), month=OuterRef("month"), version__gt=OuterRef("version")
        )
        return self.exclude(Exists(later))


class OffenceMonth(FrozenModel):
    """One version of one force's month: a count for each title that was sent. A count of none is not known.

    A month that is sent again is sent whole: nothing of the version before is carried over.
    """

    file = models.ForeignKey(OffenceFile, on_delete=models.PROTECT, related_name="months")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="offence_months")
    month = models.DateField()
    version = models.PositiveIntegerField()
    counts = models.JSONField()

    objects: ClassVar[models.Manager[Any]] = OffenceMonthQuerySet.as_manager()

    class Meta:
        ordering = ("force", "month", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("force", "month", "version"), name="centre_offencemonth_version_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, version__gte=1), name="centre_offencemonth_first_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.force}, {self.month:%B %Y}"

    @property
    def n_recorded(self) -> int:
        """Return how many offences are counted in it; of those that are not known, none."""
        return sum(n for n in self.counts.values() if n is not None)

    @property
    def n_unknown(self) -> int:
        """Return how many titles were sent without a count."""
        return sum(n is None for n in self.counts.values())
