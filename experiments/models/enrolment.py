"""Cases that come one by one: who was let in, and what was delivered instead of the arm that was assigned."""

import uuid
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from experiments.models.allocation import Allocation, Assignment, Unit
from experiments.models.registration import Registration
from experiments.randomise.trickle import facts_sha256
from experiments.unit_querysets import EnrolmentQuerySet


class Enrolment(FrozenModel):
    """One case that somebody found eligible, at its place in the queue; the arm is in its `Assignment`."""

    class Source(models.TextChoices):
        PAGE = "page", "Page"
        API = "api", "API"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="enrolments")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="enrolments")
    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="enrolment")
    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="enrolment")
    position = models.PositiveIntegerField()
    answers = (
        models.JSONField()
    )  # to the registered conditions: {"include": [true, …], "exclude": [false, …]}
    levels = models.JSONField()  # of the registered factors
    # The counts of all cases up to this one, so that the next is allotted without reading them; null: count them.
    tally = models.JSONField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments_confirmed"
    )
    confirmed_at = models.DateTimeField()  # when eligibility was confirmed and the case registered
    latency_ms = models.PositiveIntegerField()  # from there to the arm
    source = models.CharField(max_length=4, choices=Source)
    source_ip = models.GenericIPAddressField(null=True)
    key = models.CharField(max_length=120)  # the same key again gets the same answer
    salt = models.CharField(max_length=64)  # keeps the hash of these facts from being guessed

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ("-position",)
        constraints = (
            models.UniqueConstraint(
                fields=("allocation", "position"), name="experiments_enrolment_position_once"
            ),
            models.UniqueConstraint(
                fields=("allocation", "confirmed_by", "key"), name="experiments_enrolment_key_once"
            ),
        )

    def __str__(self) -> str:
        return str(self.unit)

    @property
    def facts_sha256(self) -> str:
        """Return the hash by which the log binds what it does not show: the case, its answers, who and when."""
        facts: dict[str, Any] = {
            "case": self.unit.code,
            "force": self.unit.force.slug if self.unit.force else "",
            "registration": self.registration.version,
            "answers": self.answers,
            "confirmed_by": str(self.confirmed_by_id),
            "confirmed_at": self.confirmed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "latency_ms": self.latency_ms,
            "source": str(self.source),
            "source_ip": self.source_ip,
        }
        return facts_sha256(self.salt, facts)


class Override(FrozenModel):
    """What a unit was given instead of its arm. A row, never an edit: the analysis keeps the arm assigned."""

    class Reason(models.TextChoices):
        SAFETY = "safety", "Safety"
        LEGAL = "legal", "Legal"
        OPERATIONAL = "operational", "Operational"
        ERROR = "error", "Error"
        OFFICER_CHOICE = "officer_choice", "Officer's choice"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="overrides")
    assigned = models.CharField(max_length=40)
    delivered = models.CharField(
        max_length=40, blank=True
    )  # an arm's code; empty where nothing was delivered
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="overrides_made")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                name="experiments_override_reason",
                condition=Q(reason__in=("safety", "legal", "operational", "error", "officer_choice")),
            ),
        )

    def __str__(self) -> str:
        return f"Override of {self.assignment}"
