"""What forces say of their own practice: rows are kept for ever, and a mistake is named by a later row."""

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel
from centre.models import Force
from tactics.adoption import DOING, FIDELITIES, MISTAKE, NEEDS_REASON, STAGES
from tactics.hours import BASES, STATUSES, Claim
from tactics.models.catalogue import Tactic
from tactics.practice_querysets import AdoptionQuerySet, HoursQuerySet


class SaidByForce(FrozenModel):
    """Something that a force says of its use of a tactic, or the Centre on its behalf."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="%(class)ss")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="%(class)ss")
    # The earlier row that this one puts right. A row is corrected once: the next mistake is in the newer row.
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="correction")
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_centre = models.BooleanField(default=False)  # the Centre said it on the force's behalf

    class Meta:
        abstract = True


class Adoption(SaidByForce):
    """One entry of the adoption ledger: how far a force has come with a tactic, since when."""

    stage = models.CharField(max_length=12, choices=list(STAGES.items()))
    since = models.DateField()
    fidelity = models.CharField(max_length=12, choices=list(FIDELITIES.items()), blank=True)
    scale = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    contact = models.CharField(max_length=200, blank=True)

    objects: ClassVar[models.Manager[Any]] = AdoptionQuerySet.as_manager()

    class Meta:
        ordering = ("-said_at", "-pk")
        indexes = (models.Index(fields=("tactic", "force", "-since"), name="tactics_adoption_of_force"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(stage__in=sorted(NEEDS_REASON)) | ~Q(reason=""),
                name="tactics_adoption_reason_where_needed",
            ),
            models.CheckConstraint(
                condition=~Q(stage=MISTAKE) | Q(corrects__isnull=False),
                name="tactics_adoption_mistake_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=sorted(DOING)) | ~Q(fidelity=""),
                name="tactics_adoption_fidelity_where_done",
            ),
        )

    def __str__(self) -> str:
        return f"{self.force}, {self.tactic}: {self.get_stage_display()} since {self.since}"

    @property
    def is_done(self) -> bool:
        """Return whether the force does it."""
        return self.stage in DOING


class HoursClaim(SaidByForce):
    """Officer time of one force over one period: what a tactic saved, and what it took."""

    starts_on = models.DateField()
    ends_on = models.DateField()
    gross_hours = models.DecimalField(max_digits=10, decimal_places=1)
    cost_hours = models.DecimalField(max_digits=10, decimal_places=1)
    cost_words = models.CharField(max_length=500)
    net_low = models.DecimalField(max_digits=10, decimal_places=1)
    net_high = models.DecimalField(max_digits=10, decimal_places=1)
    incidents = models.PositiveIntegerField()
    counted_as = models.CharField(max_length=60)
    basis = models.CharField(max_length=16, choices=list(BASES.items()))
    status = models.CharField(max_length=8, choices=list(STATUSES.items()))
    how_known = models.TextField()

    objects: ClassVar[models.Manager[Any]] = HoursQuerySet.as_manager()

    class Meta:
        ordering = ("-said_at", "-pk")
        indexes = (models.Index(fields=("tactic", "force", "starts_on"), name="tactics_hours_of_force"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="tactics_hours_period_forward"
            ),
            models.CheckConstraint(condition=Q(net_high__gte=F("net_low")), name="tactics_hours_range"),
            models.CheckConstraint(
                condition=Q(gross_hours__gte=0, cost_hours__gte=0, incidents__gte=1),
                name="tactics_hours_not_below_nought",
            ),
            models.CheckConstraint(
                condition=~Q(how_known="") & ~Q(basis="") & ~Q(status=""), name="tactics_hours_how_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.force}, {self.tactic}: {self.net_hours} hours, {self.starts_on} to {self.ends_on}"

    @property
    def net_hours(self) -> Decimal:
        """Return the hours saved when what the tactic takes is taken off; below nought where it takes more."""
        return self.gross_hours - self.cost_hours

    @property
    def net_per_1000(self) -> Decimal:
        """Return the net hours for every 1,000 that were counted."""
        return 1000 * self.net_hours / self.incidents

    @property
    def as_claim(self) -> Claim:
        """Return what the sums and the scale-up need."""
        return Claim(
            force=self.force.name,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            gross=self.gross_hours,
            cost=self.cost_hours,
            low=self.net_low,
            high=self.net_high,
            incidents=self.incidents,
            counted_as=self.counted_as,
            basis=self.basis,
            status=self.status,
            officers=self.force.officers,
        )
