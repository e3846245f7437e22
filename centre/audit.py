"""The audit log: one action, one event, each holding the hash of the one before.

`h_n = SHA-256(h_{n-1} || canonical(event))`. The chain shows a changed, removed or inserted event; only a
published head shows that the tail was cut or the whole log rewritten, so the head is on a public page.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction
from django.utils import timezone

from centre.models.audit import AuditEvent

GENESIS = "0" * 64
SYSTEM = "system"  # who acts where a timer does
LOCK = 0x41554449  # "AUDI": one writer at a time on PostgreSQL


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of the chain."""

    count: int
    hash: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the chain holds, and where it first breaks."""

    checked: int
    broken_at: int | None

    @property
    def holds(self) -> bool:
        """Return whether every event follows from the one before."""
        return self.broken_at is None


# Inside an act no savepoint of its own: without its event the act does not stand either.
@transaction.atomic(savepoint=False)
def record(
    event: str,
    *,
    subject: models.Model | tuple[str, str],
    by: Any | None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Append one event. `subject` is a row, or its type and id where there is no row; `by` a timer's is `SYSTEM`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    kind, key = subject if isinstance(subject, tuple) else (subject._meta.label_lower, str(subject.pk))
    is_person = by is not None and by != SYSTEM and not isinstance(by, AnonymousUser)
    known = by if is_person else None
    last = AuditEvent.objects.order_by("-pk").values_list("hash", flat=True).first()
    entry = AuditEvent(
        at=timezone.now(),
        event=event,
        subject_type=kind,
        subject_id=key[:64],
        actor_id=str(known.pk) if known else "",
        actor_name=known.name if known else (SYSTEM if by == SYSTEM else ""),
        detail=json.loads(json.dumps(detail or {}, default=str)),
        previous_hash=last or GENESIS,
    )
    entry.hash = digest(entry)
    entry.save()
    return entry


def digest(entry: AuditEvent) -> str:
    """Return the hash of an event that follows `entry.previous_hash`."""
    facts = {
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "event": entry.event,
        "subject": [entry.subject_type, entry.subject_id],
        "actor": [entry.actor_id, entry.actor_name],
        "detail": entry.detail,
    }
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((entry.previous_hash + text).encode()).hexdigest()


def head() -> Head:
    """Return the newest event, to be published."""
    last = AuditEvent.objects.order_by("-pk").first()
    return Head(AuditEvent.objects.count(), last.hash if last else GENESIS, last.at if last else None)


def verify() -> Verification:
    """Recompute the whole chain."""
    previous, checked = GENESIS, 0
    for entry in AuditEvent.objects.order_by("pk").iterator(chunk_size=2000):
        if entry.previous_hash != previous or digest(entry) != entry.hash:
            return Verification(checked, entry.pk)
        previous, checked = entry.hash, checked + 1
    return Verification(checked, None)
