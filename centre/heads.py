"""The daily head: what anybody can keep, so that nobody can cut or rewrite the log without its showing."""

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from centre import audit, imprints
from centre.models import AuditHead

# Imprints are covered once every transaction that could still write an earlier one has ended.
SETTLED = dt.timedelta(hours=1)


@transaction.atomic
def publish() -> AuditHead | None:
    """Today's head is published, where it is not yet. Asked every hour, so that no day is missed."""
    now = timezone.now()
    today = timezone.localdate(now)
    if AuditHead.objects.filter(day__gte=today).exists():
        return None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [audit.LOCK])
    last = AuditHead.objects.order_by("-day").first()
    until = max(now - SETTLED, last.imprinted_until) if last else now - SETTLED
    count, imprints_hash = imprints.chained(
        last.imprints_hash if last else audit.GENESIS, last.imprinted_until if last else None, until
    )
    head = audit.head()
    return AuditHead.objects.create(
        day=today,
        count=head.count,
        hash=head.hash,
        imprints=count,
        imprints_hash=imprints_hash,
        imprinted_until=until,
        at=now,
    )
