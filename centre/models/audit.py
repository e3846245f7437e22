"""The audit log: append-only, hash-chained."""

from typing import ClassVar

from django.db import models

from centre.frozen import FrozenModel


class AuditEvent(FrozenModel):
    """One thing that was done or refused.

    Ids are text and there are no foreign keys, so that the log outlives what it speaks of.
    """

    has_imprint: ClassVar[bool] = False  # the chain covers it

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=60, db_index=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("subject_type", "subject_id"), name="centre_audit_subject"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.event} {self.subject_type} {self.subject_id}"
