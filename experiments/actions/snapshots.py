"""The registry keeps a snapshot of itself, once a month."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre import runs
from centre.models import Force, Run
from experiments.models import Snapshot

TASK = "experiments.snapshot"


@transaction.atomic
def request_due() -> Run | None:
    """A Run makes the snapshot of this month, where there is none and none is being made."""
    today = timezone.localdate()
    first = today.replace(day=1)
    if Snapshot.objects.filter(day__gte=first).exists():
        return None
    if Run.objects.unfinished().filter(task=TASK).exists():
        return None
    return _request(today)


def _request(day: dt.date) -> Run:
    subject = Force.objects.order_by("pk").first()
    assert subject is not None, "the reference data are loaded by migrate"  # noqa: S101  and nothing deletes them
    return runs.submit(
        task=TASK,
        title=f"Snapshot of the public registry, {day:%-d %B %Y}",
        subject=subject,
        by=None,
        params={"day": day.isoformat()},
    )
