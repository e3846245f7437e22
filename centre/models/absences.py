"""Files that their source never had, as a person of the Centre stated with where it can be read."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centre.frozen import FrozenModel
from centre.models.forces import Force
from centre.models.of_forces import OfForceQuerySet
from centre.models.people import User
from centre.models.submissions import MonthlyFile


class SourceAbsenceQuerySet(OfForceQuerySet):
    """Questions about many statements."""

    def standing(self) -> "SourceAbsenceQuerySet":
        """Return those that nobody has withdrawn."""
        return self.filter(withdrawal=None)

    def for_list(self) -> "SourceAbsenceQuerySet":
        """Add what a list shows, by force, kind and month."""
        rows = self.select_related("force", "stated_by", "withdrawal")
        return rows.order_by("force__name", "kind", "first_month", "pk")


class SourceAbsence(FrozenModel):
    """The source has no file of a kind for these months: a statement with its source. What is wrong is withdrawn."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="source_absences")
    kind = models.CharField(max_length=20, choices=MonthlyFile.Kind)
    first_month = models.DateField()  # its first day
    last_month = models.DateField(null=True)  # its first day; null: it goes on
    words = models.CharField(max_length=500)
    source = models.CharField(max_length=300)
    checked_on = models.DateField()  # when the source was read
    stated_at = models.DateTimeField(default=timezone.now)
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[Any]] = SourceAbsenceQuerySet.as_manager()

    class Meta:
        ordering = ("stated_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(first_month__day=1)
                & (Q(last_month=None) | Q(last_month__day=1, last_month__gte=F("first_month"))),
                name="centre_sourceabsence_months_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(words="") & ~Q(source=""), name="centre_sourceabsence_says_its_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.force}, {self.get_kind_display()}, {self.span}"

    @property
    def span(self) -> str:
        """Return the months in words."""
        first = f"{self.first_month:%Y-%m}"
        if self.last_month is None:
            return f"{first} and since"
        return first if self.last_month == self.first_month else f"{first} to {self.last_month:%Y-%m}"


class SourceAbsenceWithdrawal(FrozenModel):
    """A statement does not hold any more, or never did; both stay on record."""

    absence = models.OneToOneField(SourceAbsence, on_delete=models.PROTECT, related_name="withdrawal")
    because = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(because=""), name="centre_sourceabsencewithdrawal_says_why"),
        )

    def __str__(self) -> str:
        return f"Withdrawn: {self.absence}"
