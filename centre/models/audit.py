"""The audit log: append-only, hash-chained."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast

from centre.frozen import FrozenModel, FrozenQuerySet


class AuditEventQuerySet(FrozenQuerySet):
    """Questions about many events."""

    def with_erased(self) -> "AuditEventQuerySet":
        """Tell of each event when its actor was erased: what is shown to people names no erased person."""
        person = settings.AUTH_USER_MODEL
        people = self.model._meta.apps.get_model(person)._base_manager.alias(
            key=Cast("pk", models.CharField(max_length=64))
        )
        actor = people.filter(key=models.OuterRef("actor_id"), erased_at__isnull=False)
        return self.annotate(actor_erased_at=models.Subquery(actor.values("erased_at")[:1]))


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

    objects = AuditEventQuerySet.as_manager()  # type: ignore[misc]  # a manager of our own on a frozen model

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("subject_type", "subject_id"), name="centre_audit_subject"),)

    @property
    def actor_shown(self) -> str:
        """Return who acted, as it is shown; of rows that come `with_erased`."""
        erased_at = self.actor_erased_at  # type: ignore[attr-defined]  # annotated
        return f"A person erased on {erased_at:%-d %B %Y}" if erased_at else self.actor_name

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.event} {self.subject_type} {self.subject_id}"
