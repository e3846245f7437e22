"""Claim, lease, heartbeat, fence and finish of one Run."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet

from centre import audit
from centre.clock import database_now
from centre.errors import Refusal
from centre.models import Run, RunAttempt
from centre.runs.holders import host, is_dead, is_replaceable, owner

log = logging.getLogger(__name__)

_PATIENCE = 30  # seconds that a database which has gone away is waited for

Links = dict[str, Any]


class LeaseLost(Exception):
    """Another worker holds the Run now; whatever this one computed is discarded."""


class Cancelled(Exception):
    """A person cancelled the Run."""


class Work(Protocol):
    """The work of a Run: computes, and returns what writes its rows and names its links."""

    def __call__(self, context: "Context") -> Callable[[], Links]:
        """Compute; the returned callable runs inside the transaction that finishes the Run."""
        ...


class Context:
    """What the work may know and say while it holds the lease."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lost = threading.Event()
        began = time.monotonic()
        self.stop_by, self.kill_by = began + settings.RUN_STOP_SECONDS, began + settings.RUN_KILL_SECONDS
        self._told_at = 0.0

    def progress(self, fraction: float, message: str) -> None:
        """Say how far the work is; raise where it must stop.

        Raises
        ------
        Cancelled : a person asked for it.
        LeaseLost : another worker has taken over.
        """
        if self.lost.is_set():
            raise LeaseLost(str(self.run.pk))
        moment = time.monotonic()
        if moment - self._told_at < 0.3 and fraction < 1:
            return
        self._told_at = moment
        own = held(self.run)
        if not own.update(progress=min(max(fraction, 0.0), 1.0), message=message[:200]):
            raise LeaseLost(str(self.run.pk))
        if own.filter(cancel_requested_at__isnull=False).exists():
            raise Cancelled


def execute(run_id: str, work: Work, *, on_failed: Callable[[Run], None] | None = None) -> Run | None:
    """Do the work of a Run once, or do nothing where somebody else does it.

    `on_failed` tidies up (a staged upload) inside the transaction that records the failure, and after a Run that was
    cancelled before anybody took it. It may be called more than once.
    """
    run = _claim(run_id)
    if run is None:
        _tidy_cancelled(run_id, on_failed)
        return None
    context = Context(run)
    stop = threading.Event()
    heart = threading.Thread(
        target=_beat, args=(context, stop, on_failed), name=f"heartbeat-{run_id}", daemon=True
    )
    heart.start()
    try:
        commit = work(context)
        context.progress(1.0, "Writing the results")
        _finish(run, commit)
    except LeaseLost:
        _discard(run)
    except Cancelled:
        _fail(run, Run.State.CANCELLED, "cancelled", "Cancelled on request", [], on_failed)
    except Refusal as refusal:
        problems = [problem.as_json() for problem in refusal.problems]
        _fail(run, Run.State.FAILED, refusal.code, refusal.message, problems, on_failed)
    except SoftTimeLimitExceeded:
        _fail(run, Run.State.FAILED, "too_long", _took_too_long(), [], on_failed)
    except MemoryError:
        _fail(
            run,
            Run.State.FAILED,
            "too_large",
            "The data are too large for this worker's memory.",
            [],
            on_failed,
        )
    except (OperationalError, InterfaceError):
        _release(run)
    except Exception:
        log.exception("Run %s failed", run_id)
        reference = f"An error on our side stopped this run. Quote {str(run.pk)[:8]} when you report it."
        _fail(run, Run.State.FAILED, "internal", reference, [], on_failed)
    finally:
        stop.set()
        heart.join(timeout=5)
    return Run.objects.filter(pk=run.pk).first()


def _release(run: Run) -> None:
    """Give the run back: the database went away in the middle, which is no fault of the work's.

    A database that restarts is waited for. If it stays away the lease runs out, and the sweeper gives the run back.
    """
    log.warning("Run %s lost the database in the middle; another attempt is due.", run.pk, exc_info=True)
    for _ in range(_PATIENCE):
        connection.close()
        try:
            give_back(run)
        except (OperationalError, InterfaceError):
            time.sleep(1)
        else:
            return


@transaction.atomic
def give_back(run: Run) -> int:
    """Let another worker have the run, unless it has been taken already or has no attempt left; return how many."""
    waiting = held(run).filter(attempt__lt=F("max_attempts"))
    given = waiting.update(
        state=Run.State.QUEUED, published_at=None, lease_owner="", message="Waiting for another worker"
    )
    if given:
        end_attempts(run, RunAttempt.Outcome.LOST)
    return given


@transaction.atomic
def _claim(run_id: str) -> Run | None:
    """Take the Run if it waits, or if its holder's lease has run out or its process has ended."""
    before = Run.objects.filter(pk=run_id).first()
    if before is None:
        return None
    now, me = database_now(), owner()
    free = Q(state=Run.State.QUEUED) | Q(state=Run.State.RUNNING, lease_until__lt=now)
    if before.state == Run.State.RUNNING and is_dead(before.lease_owner):
        free |= Q(state=Run.State.RUNNING, lease_owner=before.lease_owner)
    claimed = Run.objects.filter(free, pk=run_id, attempt__lt=F("max_attempts")).update(
        state=Run.State.RUNNING,
        attempt=F("attempt") + 1,
        fence=F("fence") + 1,
        lease_owner=me,
        lease_until=now + timedelta(seconds=settings.RUN_LEASE_SECONDS),
        started_at=now,
        progress=0,
        message="Starting",
    )
    if not claimed:
        return None
    run = Run.objects.get(pk=run_id, lease_owner=me)
    end_attempts(run, RunAttempt.Outcome.LOST)  # of a holder whose lease ran out, or whose process has ended
    RunAttempt.objects.create(
        run=run, number=run.attempt, fence=run.fence, host=host(), pid=os.getpid(), started_at=now
    )
    return run


@transaction.atomic
def _tidy_cancelled(run_id: str, on_failed: Callable[[Run], None] | None) -> None:
    """Take away what waited for a Run that will never work."""
    run = Run.objects.filter(pk=run_id, state=Run.State.CANCELLED).first()
    if run is not None and on_failed:
        on_failed(run)


def held(run: Run) -> QuerySet[Run]:
    """Return the row as long as this worker's fence is the newest."""
    return Run.objects.filter(pk=run.pk, fence=run.fence, state=Run.State.RUNNING)


def _took_too_long() -> str:
    """Return why a run that overran was ended."""
    return f"This took longer than {settings.CELERY_TASK_SOFT_TIME_LIMIT} seconds and was stopped."


def end_attempts(run: Run, outcome: RunAttempt.Outcome) -> None:
    """Write down what became of whoever was at work."""
    RunAttempt.objects.filter(run=run, outcome=RunAttempt.Outcome.WORKING).update(
        outcome=outcome, ended_at=database_now()
    )


@transaction.atomic
def _discard(run: Run) -> None:
    """Write down that a copy came too late: nothing else of it is kept."""
    own = RunAttempt.objects.filter(run=run, fence=run.fence)
    late = own.filter(outcome__in=(RunAttempt.Outcome.WORKING, RunAttempt.Outcome.LOST))
    if not late.update(outcome=RunAttempt.Outcome.DISCARDED, ended_at=database_now()):
        return  # its end is written down already: it overran
    log.warning("Run %s was taken over by another worker; this copy's output is discarded.", run.pk)
    audit.record(
        "run.discarded", subject=run, by=audit.SYSTEM, detail={"task": run.task, "attempt": run.attempt}
    )


def _beat(context: Context, stop: threading.Event, on_failed: Callable[[Run], None] | None) -> None:
    """Extend the lease until told to stop; say so when it is lost.

    Work that swallows the soft limit's exception is ended here, before the hard limit kills its process. Its process is
    ended here too where the worker did not: a worker that lost its queue for a moment may not know of it any more.
    """
    try:
        _beat_until(context, stop, on_failed)
    finally:
        connection.close()
    if not stop.wait(max(context.kill_by - time.monotonic(), 0)) and is_replaceable():
        log.error("Run %s: its work hears nothing, and its process is ended.", context.run.pk)
        os.kill(os.getpid(), signal.SIGKILL)


def _beat_until(context: Context, stop: threading.Event, on_failed: Callable[[Run], None] | None) -> None:
    """Extend the lease until told to stop, until it is lost, or until the work has overrun."""
    while not stop.wait(_pause(context)):
        try:
            if time.monotonic() >= context.stop_by:
                _fail(context.run, Run.State.FAILED, "too_long", _took_too_long(), [], on_failed)
                context.lost.set()
                return
            until = database_now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)
            if not held(context.run).update(lease_until=until):
                context.lost.set()
                return
        except DatabaseError as error:  # the next beat may reach it; the lease outlives several
            log.warning("Run %s: a heartbeat did not reach the database: %s", context.run.pk, error)


def _pause(context: Context) -> float:
    remaining = context.stop_by - time.monotonic()
    return min(settings.RUN_HEARTBEAT_SECONDS, remaining) if remaining > 0 else 1.0


def _finish(run: Run, commit: Callable[[], Links]) -> None:
    """Write the results and the end of the Run in one transaction, if the fence still holds."""
    with transaction.atomic():
        done = held(run).update(
            state=Run.State.DONE, finished_at=database_now(), progress=1, message="Done", lease_owner=""
        )
        if not done:
            raise LeaseLost(str(run.pk))
        end_attempts(run, RunAttempt.Outcome.DONE)
        links = commit()
        Run.objects.filter(pk=run.pk).update(links=links)
        audit.record(
            "run.done", subject=run, by=run.requested_by, detail={"task": run.task, "attempt": run.attempt}
        )


@transaction.atomic
def _fail(
    run: Run,
    state: str,
    code: str,
    message: str,
    problems: list[dict[str, str]],
    on_failed: Callable[[Run], None] | None,
) -> None:
    ended = held(run).update(
        state=state,
        finished_at=database_now(),
        error_code=code,
        error=message,
        message=message[:200],
        problems=problems,
        lease_owner="",
    )
    if not ended:
        return
    end_attempts(run, RunAttempt.Outcome(state))
    if on_failed:
        on_failed(run)
    audit.record(f"run.{state}", subject=run, by=run.requested_by, detail={"task": run.task, "code": code})
