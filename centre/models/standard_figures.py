"""Figures of measures that no street file counts, as forces send them: every version is kept."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from centre.frozen import FrozenModel
from centre.models.forces import Force
from centre.models.of_forces import OfForceQuerySet, WithPartsOfForcesQuerySet
from centre.models.people import User


class FigureFileQuerySet(WithPartsOfForcesQuerySet):
    """Questions about many files."""

    parts = "figures"


class FigureFile(FrozenModel):
    """A CSV of figures as it came."""

    vault_fields = ("sha256",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filename = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    unchanged = models.PositiveIntegerField()  # rows that said what the hub had already
    received_at = models.DateTimeField(default=timezone.now)
    received_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: a command

    objects: ClassVar[models.Manager[Any]] = FigureFileQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return self.filename


class StandardFigureQuerySet(OfForceQuerySet):
    """Questions about many figures."""

    def newest(self) -> "StandardFigureQuerySet":
        """Return the newest version of each force's figure."""
        later: Any = StandardFigure.objects.filter(
            force=OuterRef("force"),
            measure=OuterRef("measure"),
            first_month=OuterRef("first_month"),
            last_month=OuterRef("last_month"),
            version__gt=OuterRef("version"),
        )
        return self.exclude(Exists(later))


class StandardFigure(FrozenModel):
    """One version of one force's figure of a measure, of a month or of several. A value of none is not known."""

    class Basis(models.TextChoices):
        """How the figure came about, and so whether it may be compared."""

        COUNTED = "counted", "counted"
        SAMPLED = "sampled", "worked out from a sample"
        ESTIMATED = "estimated", "estimated"

    file = models.ForeignKey(FigureFile, on_delete=models.PROTECT, related_name="figures")
    line = models.PositiveIntegerField()
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="standard_figures")
    measure = models.SlugField(max_length=60)  # its key: a figure outlives a version of its measure
    first_month = models.DateField()
    last_month = models.DateField()
    value = models.DecimalField(max_digits=16, decimal_places=3, null=True)
    denominator = models.DecimalField(max_digits=16, decimal_places=3, null=True)
    basis = models.CharField(max_length=10, choices=Basis)
    version = models.PositiveIntegerField()

    objects: ClassVar[models.Manager[Any]] = StandardFigureQuerySet.as_manager()

    class Meta:
        ordering = ("measure", "force", "first_month", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("force", "measure", "first_month", "last_month", "version"),
                name="centre_standardfigure_version_once",
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1, last_month__day=1, last_month__gte=F("first_month")),
                name="centre_standardfigure_whole_months",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=True) | Q(value__gte=0))
                & (Q(denominator__isnull=True) | Q(denominator__gt=0)),
                name="centre_standardfigure_value_and_denominator",
            ),
        )

    def __str__(self) -> str:
        return f"{self.measure}, {self.force}, {self.first_month:%B %Y}"
