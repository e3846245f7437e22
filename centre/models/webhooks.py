"""Where what is new is sent, and the messages that wait or went."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone

from centre.models.people import User

if TYPE_CHECKING:
    from centre.permissions import Person


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Questions about many webhooks."""

    def visible_to(self, user: "Person") -> "WebhookQuerySet":
        """Return a person's own."""
        return self.filter(made_by=user) if user.is_authenticated and user.is_active else self.none()

    def live(self) -> "WebhookQuerySet":
        """Return those to which messages go."""
        return self.filter(ended_at=None, made_by__is_active=True)

    def with_newest(self) -> "WebhookQuerySet":
        """Add how the newest message fared."""
        newest = WebhookMessage.objects.filter(webhook=models.OuterRef("pk")).order_by("-made_at", "-pk")
        return self.annotate(
            newest_at=models.Subquery(newest.values("made_at")[:1]),
            newest_sent_at=models.Subquery(newest.values("sent_at")[:1]),
            newest_problem=models.Subquery(newest.values("problem")[:1]),
        )


class Webhook(models.Model):
    """An address that somebody gave. The secret of its signatures is locked: each message needs it again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    url = models.CharField(max_length=500)
    locked_secret = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="webhooks")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("made_by", "url"), condition=Q(ended_at=None), name="centre_webhook_once"
            ),
        )

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """Return the host that it leads to."""
        return urlsplit(self.url).hostname or ""


class WebhookMessageQuerySet(models.QuerySet["WebhookMessage"]):
    """Questions about many messages."""

    def due(self) -> "WebhookMessageQuerySet":
        """Return those that wait, whose time has come and whose webhook is live."""
        waiting = self.filter(sent_at=None, given_up_at=None, next_at__lte=timezone.now())
        return waiting.filter(webhook__in=Webhook.objects.live())


class WebhookMessage(models.Model):
    """One thing that is new, for one webhook."""

    KEPT_FOR = timedelta(days=30)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="messages")
    event = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    body = models.TextField()
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = WebhookMessageQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("webhook", "event"), name="centre_webhookmessage_once"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(given_up_at=None), name="centre_webhookmessage_one_end"
            ),
        )
        indexes = (
            models.Index(
                fields=("next_at",),
                condition=Q(sent_at=None, given_up_at=None),
                name="centre_webhookmessage_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook}"
