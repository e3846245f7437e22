"""Standards of productivity, and the groups of forces that are alike: data in versions, each kept as it was."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from centre.frozen import FrozenModel, FrozenQuerySet
from centre.models.forces import Force
from centre.models.measures import Measure
from centre.models.people import User
from centre.permissions import Permission, has_permission

if TYPE_CHECKING:
    from centre.permissions import Person


class PeerGroupQuerySet(FrozenQuerySet):
    """Questions about many groups."""

    def in_force(self, *, on: date | None = None) -> "PeerGroupQuerySet":
        """Return the version of each group that holds on a day; today, where none is named."""
        day = on or timezone.localdate()
        later: Any = PeerGroup.objects.filter(
            name=OuterRef("name"), version__gt=OuterRef("version"), valid_from__lte=day
        )
        return self.filter(valid_from__lte=day).exclude(Exists(later))


class PeerGroup(FrozenModel):
    """One version of a group of forces that are like each other, as its source has it."""

    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    valid_from = models.DateField()
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=120)
    loaded_at = models.DateTimeField(default=timezone.now)
    loaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: a command

    objects: ClassVar[models.Manager[Any]] = PeerGroupQuerySet.as_manager()

    class Meta:
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="centre_peergroup_version_once"),
        )

    def __str__(self) -> str:
        return self.name


class PeerGroupForce(FrozenModel):
    """A force in a group."""

    group = models.ForeignKey(PeerGroup, on_delete=models.PROTECT, related_name="members")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "force"), name="centre_peergroupforce_once"),)

    def __str__(self) -> str:
        return f"{self.force} in {self.group}"


class StandardQuerySet(FrozenQuerySet):
    """Questions about many standards."""

    def adopted(self) -> "StandardQuerySet":
        """Return those that a second person adopted."""
        return self.filter(adopted_at__isnull=False)

    def in_force(self, *, on: date | None = None) -> "StandardQuerySet":
        """Return the adopted version of each standard that holds on a day; today, where none is named."""
        day = on or timezone.localdate()
        later: Any = Standard.objects.adopted().filter(
            key=OuterRef("key"), version__gt=OuterRef("version"), valid_from__lte=day
        )
        return self.adopted().filter(valid_from__lte=day).exclude(Exists(later))

    def to_come(self) -> "StandardQuerySet":
        """Return what is adopted and does not hold yet."""
        return self.adopted().filter(valid_from__gt=timezone.localdate()).order_by("valid_from", "name")

    def visible_to(self, user: "Person") -> "StandardQuerySet":
        """Return what was adopted to everybody in the hub, proposals to those who see the whole of it."""
        if has_permission(user, Permission.HUB_SEE_ALL):
            return self.all()
        return self.adopted() if has_permission(user, Permission.HUB_SEE) else self.none()


class Standard(FrozenModel):
    """One version of a standard: what good looks like, and what is put in, done, and comes of it, side by side."""

    frozen_except = ("adopted_at", "adopted_by")

    class Direction(models.TextChoices):
        """Which way the outcome is better."""

        HIGHER = "higher", "higher is better"
        LOWER = "lower", "lower is better"

    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    good = models.CharField(max_length=600)  # what good looks like, in words
    inputs = models.ForeignKey(Measure, on_delete=models.PROTECT, null=True, related_name="+")
    activity = models.ForeignKey(Measure, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=10, choices=Direction)
    target = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    target_source = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    reason = models.CharField(max_length=600, blank=True)  # why this version replaces the one before
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Any]] = StandardQuerySet.as_manager()

    class Meta:
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("key", "version"), name="centre_standard_version_once"),
            # What is put in is never shown alone: with it stand what was done and, in every standard, what came of it.
            models.CheckConstraint(
                condition=Q(inputs__isnull=True) | Q(activity__isnull=False),
                name="centre_standard_never_inputs_alone",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True, target_source="")
                | (Q(target__isnull=False) & ~Q(target_source="")),
                name="centre_standard_target_has_its_source",
            ),
            models.CheckConstraint(
                condition=Q(adopted_at__isnull=True, adopted_by__isnull=True)
                | (Q(adopted_at__isnull=False, adopted_by__isnull=False) & ~Q(adopted_by=F("proposed_by"))),
                name="centre_standard_adopted_by_another",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_adopted(self) -> bool:
        """Return whether a second person adopted it."""
        return self.adopted_at is not None

    @property
    def measures(self) -> list[Measure]:
        """Return what it shows side by side, in the order of how one comes of the other."""
        return [one for one in (self.inputs, self.activity, self.outcome) if one is not None]
