"""The frozen unit list, the commitment, the draw and its rows."""

import uuid
from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from centre.models import Force
from experiments import randomise
from experiments.models.registration import Registration
from experiments.models.trial import Trial
from experiments.protocol.vocabulary import AllocationMethod
from experiments.querysets import OfTrialQuerySet
from experiments.randomise import trickle


class Allocation(FrozenModel):
    """One unit list, hashed with a commitment to a secret seed; later its draw, later the seed."""

    frozen_except = ("drawn_at", "drawn_by", "record", "seed_revealed", "revealed_at", "revealed_by")

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

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-committed_at",)
        constraints = (
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

    @property
    def scheme(self) -> randomise.Scheme:
        """Return what was registered to be drawn, as the draw engine takes it."""
        arms = tuple(randomise.Arm(arm["label"], arm["ratio"]) for arm in self.parameters["arms"])
        return randomise.Scheme(method=cast(randomise.Method, self.method), arms=arms)

    @property
    def is_drawn(self) -> bool:
        return self.drawn_at is not None

    @property
    def is_revealed(self) -> bool:
        return self.revealed_at is not None

    @property
    def needs_draw(self) -> bool:
        return self.method != AllocationMethod.NONE

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


class Unit(FrozenModel):
    """One line of the frozen list: what may be drawn, whose it is, and when it starts where nothing is drawn."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=200)
    stratum = models.CharField(max_length=200, blank=True)
    cluster = models.CharField(max_length=200, blank=True)
    start = models.CharField(max_length=40, blank=True)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("allocation", "code"), name="experiments_unit_once"),)

    def __str__(self) -> str:
        return self.code


class Assignment(FrozenModel):
    """One unit's arm, with the tag that decided it. It never changes: what was delivered instead is an `Override`.

    Cases that come one by one have a record each, which holds the hash of the one before.
    """

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="assignments")
    unit = models.CharField(max_length=200)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="+")
    stratum = models.CharField(max_length=200, blank=True)
    cluster = models.CharField(max_length=200, blank=True)
    tag = models.CharField(max_length=64)
    arm = models.CharField(max_length=40)
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
