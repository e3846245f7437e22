"""What people do with runs: ask for one, cancel one."""

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction

from centre import audit
from centre.clock import database_now
from centre.errors import Conflict, NotPermitted
from centre.models import Run
from centre.permissions import Permission, has_permission
from centre.runs.doorbell import ring

if TYPE_CHECKING:
    from centre.models import User

log = logging.getLogger(__name__)


class RunFinished(Conflict):
    """The run has ended."""


@transaction.atomic
def submit(
    *,
    task: str,
    title: str,
    subject: models.Model,
    by: "User | None",
    params: dict[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Run:
    """A Run waits for a worker. The same idempotency key again returns the Run that it made.

    Without `by` the registry itself asks, by its timetable.
    """
    if idempotency_key and (known := Run.objects.filter(idempotency_key=idempotency_key).first()):
        return known
    run = Run.objects.create(
        task=task,
        title=title[:200],
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        params=params or {},
        requested_by=by,
        idempotency_key=idempotency_key,
        created_at=database_now(),
        code_version=settings.CODE_VERSION,
        message="Waiting for a worker",
    )
    audit.record("run.submitted", subject=run, by=by, detail={"task": task, "subject": str(subject.pk)})
    log.info("Run %s is submitted: %s", run.pk, task)  # with the request's id, which the worker does not know
    transaction.on_commit(partial(ring, task, str(run.pk)), robust=True)
    return run


@transaction.atomic
def cancel(*, run: Run, by: "User") -> Run:
    """The Run is cancelled, at once where it waits and at its next step where it works."""
    if run.requested_by_id != by.pk and not has_permission(by, Permission.RUN_CANCEL):
        raise NotPermitted("Only the person who asked for this run, or an analyst, can cancel it.")
    now = database_now()
    waiting = Run.objects.filter(pk=run.pk, state=Run.State.QUEUED).update(
        state=Run.State.CANCELLED,
        finished_at=now,
        cancel_requested_at=now,
        message="Cancelled before it started",
    )
    if not waiting and not Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(
        cancel_requested_at=now
    ):
        raise RunFinished("This run has already ended, so it cannot be cancelled.")
    audit.record("run.cancelled" if waiting else "run.cancel_requested", subject=run, by=by)
    run.refresh_from_db()
    return run
