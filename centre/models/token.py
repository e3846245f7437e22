"""API tokens, and what is kept so that a POST sent twice acts once."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from knox.models import AbstractAuthToken, AuthTokenManager

if TYPE_CHECKING:
    from centre.permissions import Person


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions about many tokens."""

    def visible_to(self, user: "Person") -> "ApiTokenQuerySet":
        """Return a person's own tokens: nobody sees another's."""
        return self.filter(user=user) if user.is_authenticated and user.is_active else self.none()


class ApiToken(AbstractAuthToken):
    """One key to the API. Only its hash is kept: the key itself is shown once, when it is made."""

    class Scope(models.TextChoices):
        """What the bearer may do with it, within what its owner may do."""

        READ = "read", "Read only"
        WRITE = "write", "Read and write"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    revoked_at = models.DateTimeField(null=True)

    objects = AuthTokenManager.from_queryset(ApiTokenQuerySet)()

    class Meta:
        ordering = ("-created",)
        constraints = (
            models.CheckConstraint(condition=Q(scope__in=("read", "write")), name="centre_apitoken_scope"),
            models.CheckConstraint(condition=Q(expiry__isnull=False), name="centre_apitoken_expires"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        """Return whether its time is over."""
        return bool(self.expiry <= timezone.now())

    @property
    def is_valid(self) -> bool:
        """Return whether it still opens anything."""
        return self.revoked_at is None and not self.has_expired


class IdempotentRequest(models.Model):
    """The answer to a POST that carried an Idempotency-Key, so that a repeat gets the same answer."""

    KEPT_FOR = timedelta(days=7)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="centre_idempotentrequest_once"),)

    def __str__(self) -> str:
        return f"{self.key} → {self.status}"
