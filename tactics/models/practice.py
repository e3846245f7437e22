"""What forces say of their own practice: rows are kept for ever, and a mistake is named by a later row."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from centre.models import Force
from tactics.adoption import DOING, FIDELITIES, MISTAKE, NEEDS_REASON, STAGES
from tactics.models.catalogue import Tactic
from tactics.practice_querysets import AdoptionQuerySet


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
