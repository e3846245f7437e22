"""The periodic look at unfinished Runs: announces the forgotten, frees the abandoned, ends the hopeless."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from centre import audit, read_only
from centre.clock import database_now
from centre.models import Run, RunAttempt
from centre.runs.doorbell import publish
from centre.runs.engine import end_attempts, give_back, held
from centre.runs.holders import is_dead

log = logging.getLogger(__name__)

_LOCK = 0x53574550  # "SWEP"
_PATIENCE = 3  # a waiting Run is announced again after this many sweeps at most


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    published: int
    requeued: int
    failed: int


def sweep() -> Swept:
    """Look once. Every step is a conditional update, so two sweepers at once do no harm."""
    if read_only.reason() or not _lock():
        return Swept(0, 0, 0)
    try:
        abandoned = _abandoned()
        failed = _end_hopeless(abandoned)
        requeued = sum(give_back(run) for run in abandoned)
        return Swept(_announce_forgotten(), requeued, failed)
    finally:
        _unlock()


def _abandoned() -> list[Run]:
    now = database_now()
    running = Run.objects.filter(state=Run.State.RUNNING)
    return [run for run in running if (run.lease_until and run.lease_until < now) or is_dead(run.lease_owner)]


def _end_hopeless(abandoned: list[Run]) -> int:
    return sum(_end(run) for run in abandoned if run.attempt >= run.max_attempts)


@transaction.atomic
def _end(run: Run) -> int:
    message = f"The worker was lost {run.attempt} times, so this run was ended. Nothing was written."
    done = held(run).update(
        state=Run.State.FAILED,
        finished_at=database_now(),
        error_code="worker_lost",
        error=message,
        message=message,
        lease_owner="",
    )
    if done:
        end_attempts(run, RunAttempt.Outcome.LOST)
        audit.record("run.failed", subject=run, by=run.requested_by, detail={"code": "worker_lost"})
    return done


def _announce_forgotten() -> int:
    now = database_now()
    pause = timedelta(seconds=settings.RUN_SWEEP_SECONDS)
    forgotten = Run.objects.filter(state=Run.State.QUEUED).filter(
        Q(published_at=None, created_at__lt=now - pause)
        | Q(published_at=None, attempt__gt=0)
        | Q(published_at__lt=now - _PATIENCE * pause)
    )
    told = 0
    for run in forgotten.order_by("created_at")[:500]:
        if not publish(run.task, str(run.pk)):
            break  # the broker is away; the next sweep tries again
        told += Run.objects.filter(pk=run.pk, state=Run.State.QUEUED).update(published_at=now)
    return told


def _lock() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _unlock() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
