"""How a trial was, check by check, each time it was looked at; and who was told when something got worse."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from experiments.health import CHECKS, Status, worst
from experiments.models.trial import Trial
from experiments.querysets import OfTrialQuerySet

STATUSES = [(status.value, status.value.capitalize()) for status in Status]


class HealthCheck(FrozenModel):
    """Every check of one trial at one time."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="health_checks")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    worst = models.CharField(max_length=8, choices=STATUSES)
    verdicts = models.JSONField()  # [{"check": …, "status": …, "said": …, "figures": …}]

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("trial", "-at"), name="experiments_health_newest"),)

    def __str__(self) -> str:
        return f"{self.trial}, {self.at:%-d %B %Y}"

    @property
    def statuses(self) -> dict[str, str]:
        """Return the worst status of each check."""
        of_check: dict[str, list[Status]] = {}
        for one in self.verdicts:
            of_check.setdefault(one["check"], []).append(Status(one["status"]))
        return {name: worst(statuses).value for name, statuses in of_check.items()}


class Notice(FrozenModel):
    """One person is told that a check of a trial has got worse. Nothing of it is secret from those inside."""

    frozen_except = ("seen_at",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="notices")
    health_check = models.ForeignKey(HealthCheck, on_delete=models.PROTECT, related_name="notices")
    check_name = models.CharField(max_length=20, choices=list(CHECKS.items()))
    status = models.CharField(max_length=8, choices=STATUSES)
    said = models.TextField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("user", "-at"), condition=Q(seen_at=None), name="experiments_notice_unseen"),
        )

    def __str__(self) -> str:
        return f"{self.get_check_name_display()}: {self.said}"
