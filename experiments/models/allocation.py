"""The frozen unit list, the commitment, the draw and its rows."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from centre.models import Force
from centre.permissions import Permission, has_permission
from experiments import randomise
from experiments.models.registration import Registration
from experiments.models.trial import Trial
from experiments.protocol.vocabulary import AllocationMethod, SeedPolicy
from experiments.randomise import beacon, trickle
from experiments.randomise import scheme as schemes
from experiments.randomise.scheme import Scheme
from experiments.unit_querysets import AllocationQuerySet, UnitQuerySet

if TYPE_CHECKING:
    from centre.permissions import Person


class Allocation(FrozenModel):
    """One unit list, hashed with a commitment to a secret seed; later its draw, later the seed."""

    frozen_except = ("drawn_at", "drawn_by", "record", "seed_revealed", "revealed_at", "revealed_by")
    vault_fields = ("unit_list_sha256",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="allocations")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="allocations")
    method = models.CharField(max_length=20, choices=AllocationMethod.choices())
    parameters = models.JSONField()
    algorithm = models.CharField(max_length=60)
    # The canonical list, kept in the vault under this hash; where cases come one by one, the scheme.
    unit_list_sha256 = models.CharField(max_length=64)
    n_units = models.PositiveIntegerField()
    commitment = models.CharField(max_length=64, blank=True)  # empty where there is no draw
    seed_policy = models.CharField(
        max_length=20, choices=SeedPolicy.choices(), default=SeedPolicy.COMMIT_REVEAL.value
    )
    beacon_round = models.PositiveBigIntegerField(null=True)  # named before it was out
    prepared = models.JSONField(
        default=dict
    )  # what the list alone decides: pairs, the set of a constrained draw
    committed_at = models.DateTimeField()
    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allocations_committed"
    )
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="allocations_drawn"
    )
    record = models.JSONField(null=True)  # the audit record of the draw
    seed_revealed = models.CharField(max_length=300, blank=True)
    revealed_at = models.DateTimeField(null=True)
    revealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="allocations_revealed"
    )

    objects = AllocationQuerySet.as_manager()

    class Meta:
        ordering = ("-committed_at",)
        constraints = (
            models.CheckConstraint(
                name="experiments_allocation_beacon_whole",
                condition=(Q(seed_policy="public_beacon") & Q(beacon_round__isnull=False, commitment=""))
                | (~Q(seed_policy="public_beacon") & Q(beacon_round=None)),
            ),
            # One list, one draw: a second would let somebody choose the draw they like.
            models.UniqueConstraint(fields=("trial",), name="experiments_allocation_once"),
            models.CheckConstraint(
                name="experiments_allocation_draw_whole",
                condition=Q(drawn_at=None, drawn_by=None) | Q(drawn_at__isnull=False, drawn_by__isnull=False),
            ),
            models.CheckConstraint(
                name="experiments_allocation_reveal_whole",
                condition=Q(revealed_at=None, revealed_by=None, seed_revealed="")
                | (
                    Q(revealed_at__isnull=False, revealed_by__isnull=False, drawn_at__isnull=False)
                    & ~Q(seed_revealed="")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"Allocation of {self.trial}"

    def kept_files(self) -> list[str]:
        """Return the hashes of the list, and of the set that a constrained draw chose from."""
        return super().kept_files() + [value for name, value in self.prepared.items() if name == "set_sha256"]

    @property
    def drawing_seed(self) -> str:
        """Return the secret seed; empty where none was needed. For the draw and its proof alone."""
        return AllocationSeed.objects.get(allocation=self).seed if self.has_seed else ""

    @property
    def scheme(self) -> Scheme:
        """Return what was registered to be drawn, as the draw engine takes it."""
        return schemes.read(self.method, self.parameters)

    @property
    def is_drawn(self) -> bool:
        return self.drawn_at is not None

    @property
    def is_revealed(self) -> bool:
        return self.revealed_at is not None

    @property
    def needs_draw(self) -> bool:
        return self.method != AllocationMethod.NONE

    def is_open_to(self, viewer: "Person") -> bool:
        """Return whether the person may know how the draw fell: everybody once the seed is out, before that few."""
        return self.is_revealed or has_permission(viewer, Permission.ALLOCATION_SEE, on=self.trial)

    @property
    def is_one_by_one(self) -> bool:
        """Return whether cases get their arms as they are enrolled, by a sequence that was committed to."""
        return AllocationMethod(self.method).one_by_one

    @property
    def trickle_scheme(self) -> trickle.TrickleScheme:
        """Return the scheme of cases one by one, as it was committed to."""
        return trickle.TrickleScheme.from_json(self.parameters)

    @property
    def units_so_far(self) -> int:
        """Return how many units there are: those of the list, or the cases enrolled by now."""
        return self.units.count() if self.is_one_by_one else self.n_units

    @property
    def log_head(self) -> str:
        """Return the hash of the newest case; of the commitment, where there is none yet."""
        newest = self.assignments.exclude(hash="").order_by("-pk").values_list("hash", flat=True).first()
        return newest or self.commitment

    @property
    def is_external(self) -> bool:
        """Return whether the arms were drawn elsewhere and only taken over."""
        return self.method == AllocationMethod.EXTERNAL

    @property
    def has_seed(self) -> bool:
        return self.needs_draw and not self.is_external

    @property
    def by_beacon(self) -> bool:
        return self.seed_policy == SeedPolicy.PUBLIC_BEACON

    @property
    def is_concealed(self) -> bool:
        """Return whether nobody could know the draw beforehand: a commitment, or a round that was still to come."""
        return bool(self.commitment) or self.by_beacon

    @property
    def beacon_time(self) -> dt.datetime | None:
        """Return when the named round comes out."""
        return beacon.QUICKNET.time_of(self.beacon_round) if self.beacon_round else None

    @property
    def waits_for_beacon(self) -> bool:
        return self.by_beacon and not hasattr(self, "beacon_value")

    @property
    def group_noun(self) -> str:
        """Return what a unit was drawn to, in one word."""
        return {"stepped_wedge": "Sequence", "factorial": "Cell"}.get(self.method, "Arm")

    @property
    def changes_over_time(self) -> bool:
        """Return whether a unit has other arms in other periods."""
        return self.by_step or self.by_day

    @property
    def waiting_until(self) -> dt.date | None:
        """Return the day on which the waiting arm gets the treatment, in a randomised waiting list."""
        waiting = (self.record or {}).get("waiting")
        return dt.date.fromisoformat(waiting["until"]) if waiting else None

    @property
    def block_noun(self) -> str:
        """Return what units were drawn in, in one word; "" where there is nothing of the kind."""
        return {"matched": "Tuple", "external": "Block" if self.scheme.blocks else ""}.get(self.method, "")

    @property
    def by_step(self) -> bool:
        """Return whether units are drawn to the sequences of a stepped wedge."""
        return self.method == AllocationMethod.STEPPED_WEDGE

    @property
    def by_day(self) -> bool:
        """Return whether the arm of a unit changes from day to day."""
        return self.method == AllocationMethod.CROSSOVER


class AllocationSeed(FrozenModel):
    """The secret behind a commitment. Read only by the draw and the reveal; never in a list, page or API."""

    allocation = models.OneToOneField(
        Allocation, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    seed = models.CharField(max_length=300)

    class Meta:
        db_table = "experiments_allocation_seed"

    def __str__(self) -> str:
        return "a secret seed"


class BeaconValue(FrozenModel):
    """What the named round of the public beacon gave. Whoever enters it, it can be looked up by anybody."""

    allocation = models.OneToOneField(
        Allocation, on_delete=models.PROTECT, related_name="beacon_value", primary_key=True
    )
    round = models.PositiveBigIntegerField()
    randomness = models.CharField(max_length=64)
    signature = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "experiments_beacon_value"

    def __str__(self) -> str:
        return f"Round {self.round}"

    @property
    def as_published(self) -> beacon.BeaconValue:
        """Return the value as the draw engine takes it."""
        return beacon.BeaconValue(self.round, self.randomness, self.signature)


class Unit(FrozenModel):
    """One line of the frozen list: what may be drawn, whose it is, and when it starts where nothing is drawn."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=200)
    stratum = models.CharField(max_length=200, blank=True)
    cluster = models.CharField(max_length=200, blank=True)
    start = models.CharField(max_length=40, blank=True)
    extra = models.JSONField(default=list)  # covariates, or the arm of a list drawn elsewhere: name and value
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="+")

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("allocation", "code"), name="experiments_unit_once"),)
        indexes = (models.Index(fields=("code", "force"), name="experiments_unit_elsewhere"),)

    def __str__(self) -> str:
        return self.code

    def as_drawn(self) -> randomise.Unit:
        """Return the unit as the draw engine takes it."""
        extra = tuple((name, value) for name, value in self.extra)
        return randomise.Unit(self.code, self.stratum, self.cluster, extra)


class Assignment(FrozenModel):
    """One unit's arm (in a stepped wedge its sequence), with the tag that decided it.

    It never changes: what was delivered instead is an `Override`. Where arms change by the day, `arm` is empty and
    each day is an `AssignedPeriod`. Cases that come one by one have a record each, which holds the hash of the one
    before.
    """

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="assignments")
    unit = models.CharField(max_length=200)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="+")
    stratum = models.CharField(max_length=200, blank=True)
    cluster = models.CharField(max_length=200, blank=True)
    block = models.CharField(max_length=200, blank=True)  # the pair, tuple or block it was drawn in
    tag = models.CharField(max_length=64, blank=True)
    arm = models.CharField(max_length=40, blank=True)
    record = models.JSONField(null=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("allocation", "unit"), name="experiments_assignment_unit_once"),
            # The chain of a log never forks.
            models.UniqueConstraint(
                fields=("allocation", "previous_hash"),
                condition=~Q(previous_hash=""),
                name="experiments_assignment_follows_once",
            ),
        )

    def __str__(self) -> str:
        return self.unit


class AssignedPeriod(FrozenModel):
    """The arm of one unit on one day, where arms change by the day."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="assigned_periods")
    unit = models.CharField(max_length=200)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="+")
    day = models.DateField()
    arm = models.CharField(max_length=40)

    class Meta:
        ordering = ("day", "unit")
        constraints = (
            models.UniqueConstraint(
                fields=("allocation", "unit", "day"), name="experiments_assigned_period_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit}, {self.day}"
