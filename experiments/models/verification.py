"""Verifications: a release's numbers computed again from its plan and data, and what came of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from centre.models import Run
from experiments.models.release import Release
from experiments.verification_querysets import VerificationQuerySet


class Verification(FrozenModel):
    """One time that a release was computed again. What came out otherwise is not kept: nobody has cleared it."""

    class Verdict(models.TextChoices):
        SAME = "same", "Same numbers"  # every number came out as published
        DIFFERS = "differs", "Other numbers"  # at least one did not
        NOT_DONE = "not_done", "Could not be done"  # plan or data could not be used; the reason says why

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="verifications")
    at = models.DateTimeField()
    by = models.ForeignKey(  # null: the registry itself, at night
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="verifications"
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="verifications")
    verdict = models.CharField(max_length=8, choices=Verdict)
    engine_version = models.CharField(max_length=40, blank=True)
    is_same_image = models.BooleanField(null=True)  # null where it could not be done
    n_numbers = models.PositiveIntegerField(default=0)
    n_differences = models.PositiveIntegerField(default=0)
    differences = models.JSONField(default=list)  # the first: where, what is published, how large at most
    reason = models.TextField(blank=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("release", "-at"), name="experiments_verified_newest"),)
        constraints = (
            models.CheckConstraint(
                name="experiments_verification_whole",
                condition=Q(verdict="same", n_differences=0, reason="", is_same_image__isnull=False)
                | Q(verdict="differs", n_differences__gt=0, reason="", is_same_image__isnull=False)
                | (Q(verdict="not_done", n_differences=0, is_same_image=None) & ~Q(reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}, {self.at:%-d %B %Y}"
