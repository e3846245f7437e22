"""The dictionary of national measures: what each counts and does not, in versions that stay as they were adopted."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from centre.frozen import FrozenModel, FrozenQuerySet
from centre.models.people import User

if TYPE_CHECKING:
    from centre.permissions import Person


class MeasureQuerySet(FrozenQuerySet):
    """Questions about many measures."""

    def in_force(self, *, on: date | None = None) -> "MeasureQuerySet":
        """Return the version of each measure that holds on a day; today, where none is named."""
        held = self.filter(valid_from__lte=on or timezone.localdate())
        later: Any = Measure.objects.filter(
            key=OuterRef("key"),
            version__gt=OuterRef("version"),
            valid_from__lte=on or timezone.localdate(),
        )
        return held.exclude(Exists(later))

    def to_come(self) -> "MeasureQuerySet":
        """Return the versions that are adopted and do not hold yet, the first to hold first."""
        return self.filter(valid_from__gt=timezone.localdate()).order_by("valid_from", "name")

    def visible_to(self, user: "Person") -> "MeasureQuerySet":
        """Return the measures a person may list: a dictionary is public."""
        return self.all()


class Measure(FrozenModel):
    """One version of one measure. A measure with another unit is another measure, under a key of its own."""

    class Kind(models.TextChoices):
        """Where it stands between what policing costs and what the public gets."""

        INPUT = "input", "input: what is put in"
        ACTIVITY = "activity", "activity: what is done"
        OUTCOME = "outcome", "outcome: what comes of it"

    class Unit(models.TextChoices):
        """What one figure of it is."""

        COUNT = "count", "count"
        RATE = "rate", "rate"
        HARM = "harm", "harm score"
        HOURS = "hours", "hours"
        SHARE = "share", "share"

    class Direction(models.TextChoices):
        """Which way is better, where that can be said of the figure alone."""

        LOWER = "lower_is_better", "lower is better"
        HIGHER = "higher_is_better", "higher is better"
        NEITHER = "neither", "neither: it cannot be said of the figure alone"

    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    definition = models.CharField(max_length=600)  # what it is, in plain words
    exclusions = models.CharField(max_length=600)  # what it is not
    recording_rule = models.CharField(max_length=600)  # when a thing is counted, and once or more often
    kind = models.CharField(max_length=10, choices=Kind)
    unit = models.CharField(max_length=10, choices=Unit)
    direction = models.CharField(max_length=20, choices=Direction)
    denominator = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=120)
    standard = models.CharField(max_length=120, blank=True)  # that it belongs to, if any
    # Name of the table by which the hub works it out from counts of offences; empty: its figures are sent.
    weights = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=600, blank=True)  # why this version replaces the one before
    valid_from = models.DateField()
    adopted_at = models.DateTimeField(default=timezone.now)
    adopted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: it came with the software

    objects: ClassVar[models.Manager[Any]] = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("key", "version"), name="centre_measure_version_once"),
            models.CheckConstraint(
                condition=models.Q(version__gte=1)
                & (models.Q(version=1, reason="") | (models.Q(version__gt=1) & ~models.Q(reason=""))),
                name="centre_measure_new_version_has_its_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(unit__in=("rate", "share")) | ~models.Q(denominator=""),
                name="centre_measure_rate_names_its_denominator",
            ),
            models.CheckConstraint(
                condition=models.Q(weights="") | models.Q(unit="harm"),
                name="centre_measure_weights_give_harm",
            ),
        )

    def __str__(self) -> str:
        return self.name


class WeightTableQuerySet(FrozenQuerySet):
    """Questions about many tables of weights."""

    def newest(self) -> "WeightTableQuerySet":
        """Return the table of each name that was loaded last."""
        later: Any = WeightTable.objects.filter(name=OuterRef("name"), pk__gt=OuterRef("pk"))
        return self.exclude(Exists(later))


class WeightTable(FrozenModel):
    """One version of a table of harm weights by offence title, loaded by the Centre under its licence."""

    vault_fields = ("sha256",)

    name = models.CharField(max_length=120)
    version = models.CharField(max_length=40)
    unit = models.CharField(max_length=120)  # of a weight, like days of a starting-point sentence
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=200)
    valid_from = models.DateField()
    price_year = models.CharField(max_length=7, blank=True)  # of weights in money
    n_offences = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    title_column = models.CharField(max_length=60)
    weight_column = models.CharField(max_length=60)
    group_column = models.CharField(max_length=60, blank=True)  # none: an offence is a group of its own
    loaded_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = WeightTableQuerySet.as_manager()

    class Meta:
        ordering = ("name", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="centre_weighttable_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
