"""What is kept for how long, and what is taken away when its time is over.

What a public register rests on is kept for ever and is not here: the audit log, refusals included, registrations,
data, results and releases. The table of docs/data-protection.md and the privacy notice say the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from centre import audit, vault
from centre.models import ApiToken, IdempotentRequest, WebhookMessage


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is not kept for ever. `forget` takes away what ended before a moment, and counts it."""

    what: str
    how_long: timedelta
    forget: Callable[[datetime], int]

    def __str__(self) -> str:
        return f"{self.what}: {self.how_long.days} days"


def _sessions(before: datetime) -> int:
    return Session.objects.filter(expire_date__lt=before).delete()[0]


def _repeats(before: datetime) -> int:
    return IdempotentRequest.objects.filter(created_at__lt=before).delete()[0]


def _tokens(before: datetime) -> int:
    ended = ApiToken.objects.filter(expiry__lt=before) | ApiToken.objects.filter(revoked_at__lt=before)
    return ended.delete()[0]


def _messages(before: datetime) -> int:
    return WebhookMessage.objects.filter(made_at__lt=before).delete()[0]


SCHEDULE = {
    "sessions": Kept("Sessions, after their end", timedelta(days=1), _sessions),
    "repeats": Kept("Answers kept for a request that is sent again", IdempotentRequest.KEPT_FOR, _repeats),
    "tokens": Kept("Keys of the API, after their end", timedelta(days=365), _tokens),
    "messages": Kept("Messages of webhooks", WebhookMessage.KEPT_FOR, _messages),
    "staged": Kept("Uploads that never became data", timedelta(days=1), vault.forget_staged),
}


@transaction.atomic
def keep() -> dict[str, int]:
    """Nothing is here longer than its time; the audit log counts what went, and says nothing of what it was."""
    now = timezone.now()
    gone = {name: kept.forget(now - kept.how_long) for name, kept in SCHEDULE.items()}
    if any(gone.values()):
        audit.record("retention.kept", subject=("retention", "schedule"), by=audit.SYSTEM, detail=gone)
    return gone
