"""Standards of productivity, and the groups of forces that are alike: data in versions, each kept as it was."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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


def _withdrawals() -> Any:
    """Return the withdrawals of a standard, of a row that has its key; one ends earlier versions too."""
    return StandardWithdrawal.objects.filter(
        standard__key=OuterRef("key"), decision=StandardWithdrawal.Decision.WITHDRAWN
    )


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
        ended: Any = _withdrawals().filter(
            standard__version__gte=OuterRef("version"), decided_at__date__lte=day
        )
        return self.adopted().filter(valid_from__lte=day).exclude(Exists(later)).exclude(Exists(ended))

    def withdrawn(self) -> "StandardQuerySet":
        """Return the newest adopted version of each standard that was withdrawn and has no later one."""
        later: Any = Standard.objects.adopted().filter(key=OuterRef("key"), version__gt=OuterRef("version"))
        ended: Any = _withdrawals().filter(standard=OuterRef("pk"))
        return self.adopted().filter(Exists(ended)).exclude(Exists(later))

    def in_force_or_withdrawn(self) -> "StandardQuerySet":
        """Return what holds today, and what held until it was withdrawn."""
        every = Standard.objects
        return self.filter(Q(pk__in=every.in_force().values("pk")) | Q(pk__in=every.withdrawn().values("pk")))

    def with_measures(self) -> "StandardQuerySet":
        """Read the measures with the standards."""
        read = self.select_related("inputs", "activity", "outcome")
        return read.prefetch_related("further__measure", "withdrawals")

    def to_come(self) -> "StandardQuerySet":
        """Return what is adopted and does not hold yet."""
        ended: Any = _withdrawals().filter(standard__version__gte=OuterRef("version"))
        waiting = self.adopted().filter(valid_from__gt=timezone.localdate()).exclude(Exists(ended))
        return waiting.order_by("valid_from", "name")

    def visible_to(self, user: "Person") -> "StandardQuerySet":
        """Return what was adopted to everybody in the hub, proposals to those who see the whole of it."""
        if has_permission(user, Permission.HUB_SEE_ALL):
            return self.all()
        return self.adopted() if has_permission(user, Permission.HUB_SEE) else self.none()


@dataclass(frozen=True, slots=True)
class Aim:
    """One outcome of a standard: its measure, which way it is better, and the target of a month, if there is one."""

    measure: Measure
    direction: str
    target: Decimal | None
    target_source: str

    def get_direction_display(self) -> str:
        """Return the direction in words."""
        return str(Standard.Direction(self.direction).label)


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
    def withdrawal(self) -> "StandardWithdrawal | None":
        """Return how this version was withdrawn; None where it was not."""
        return next((one for one in self.withdrawals.all() if one.is_agreed), None)

    @property
    def put_in(self) -> list[Measure]:
        """Return the measures of what is put in; none where it has no inputs."""
        return self._of(FurtherMeasure.Part.INPUTS, self.inputs)

    @property
    def done(self) -> list[Measure]:
        """Return the measures of what is done; none where it has no activity."""
        return self._of(FurtherMeasure.Part.ACTIVITY, self.activity)

    @property
    def aims(self) -> list[Aim]:
        """Return what comes of it, the first outcome first."""
        further = [one for one in self.further.all() if one.part == FurtherMeasure.Part.OUTCOME]
        return [
            Aim(self.outcome, self.direction, self.target, self.target_source),
            *(Aim(one.measure, one.direction, one.target, one.target_source) for one in further),
        ]

    def _of(self, part: str, first: Measure | None) -> list[Measure]:
        further = [one.measure for one in self.further.all() if one.part == part]
        return further if first is None else [first, *further]


class FurtherMeasure(FrozenModel):
    """A measure beside the first of its kind in a standard.

    The first stays in the standard's own row, whose imprint covers it and whose constraint keeps inputs from
    standing alone; a further one needs a first of its kind (centre/models/rules.py).
    """

    class Part(models.TextChoices):
        """Where it stands in the standard."""

        INPUTS = "inputs", "inputs"
        ACTIVITY = "activity", "activity"
        OUTCOME = "outcome", "outcome"

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="further")
    part = models.CharField(max_length=10, choices=Part)
    position = models.PositiveSmallIntegerField()
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=10, choices=Standard.Direction, blank=True)  # of an outcome
    target = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    target_source = models.CharField(max_length=200, blank=True)

    objects: ClassVar[models.Manager[Any]] = FrozenQuerySet.as_manager()

    class Meta:
        ordering = ("standard", "part", "position")
        constraints = (
            models.UniqueConstraint(fields=("standard", "measure"), name="centre_furthermeasure_once"),
            models.UniqueConstraint(
                fields=("standard", "part", "position"), name="centre_furthermeasure_one_at_a_place"
            ),
            models.CheckConstraint(
                condition=Q(part="outcome", direction__in=("higher", "lower"))
                | Q(part__in=("inputs", "activity"), direction="", target__isnull=True),
                name="centre_furthermeasure_direction_of_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True, target_source="")
                | (Q(target__isnull=False) & ~Q(target_source="")),
                name="centre_furthermeasure_target_has_its_source",
            ),
        )

    def __str__(self) -> str:
        return f"{self.measure} in {self.standard}"


class StandardWithdrawal(FrozenModel):
    """One person's proposal that a standard holds no longer, and what another decided of it."""

    frozen_except = ("decided_at", "decided_by", "decision")

    class Decision(models.TextChoices):
        """What the second person said."""

        WITHDRAWN = "withdrawn", "Withdrawn"
        KEPT = "kept", "Kept"

    standard = models.ForeignKey(
        Standard, on_delete=models.PROTECT, related_name="withdrawals"
    )  # its newest adopted version, with which earlier ones end
    reason = models.CharField(max_length=600)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision, blank=True)

    objects: ClassVar[models.Manager[Any]] = FrozenQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="centre_standardwithdrawal_says_why"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, decision="")
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False, decision__in=("withdrawn", "kept"))
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="centre_standardwithdrawal_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=("standard",),
                condition=~Q(decision="kept"),
                name="centre_standardwithdrawal_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"Withdrawal of {self.standard}"

    @property
    def is_open(self) -> bool:
        """Return whether nobody has decided it."""
        return self.decided_at is None

    @property
    def is_agreed(self) -> bool:
        """Return whether the standard was withdrawn by it."""
        return self.decision == self.Decision.WITHDRAWN
