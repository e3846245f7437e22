"""Data arrive: staged at once, checked by a worker, kept for ever or refused whole."""

import io
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from centre import audit, runs, vault
from centre.errors import Conflict, Invalid
from centre.models import Run, User
from centre.permissions import Permission, require, require_any
from centre.text import is_blank, shown_name, tidied
from experiments.analysis import feeding
from experiments.lifecycle import Conduct
from experiments.models import Dataset, Trial

TASK = "experiments.ingest"
_OPEN = (
    Conduct.BASELINE,
    Conduct.ALLOCATED,
    Conduct.DELIVERING,
    Conduct.SUSPENDED,
    Conduct.FOLLOW_UP,
    Conduct.DATA_LOCKED,
    Conduct.COMPLETED,
    Conduct.TERMINATED,
)


@transaction.atomic
def receive(
    *,
    trial: Trial,
    file: BinaryIO,
    kind: str = Dataset.Kind.OUTCOME,
    filename: str = "",
    reason: str = "",
    by: User,
    idempotency_key: str | None = None,
) -> Run:
    """The file is staged; a Run checks it and makes a Dataset version, or names every problem."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.DATASET_UPLOAD, on=trial)
    _check(trial, kind, reason)
    stored = vault.put(file, limit=settings.UPLOAD_LIMIT_BYTES)
    name = shown_name(filename)
    run = runs.submit(
        task=TASK,
        title=f"Checking {name or 'an upload'} for {trial.ref}",
        subject=trial,
        by=by,
        params={
            "kind": kind,
            "is_simulated": trial.is_simulated,
            "sha256": stored.sha256,
            "size": stored.size,
            "filename": name,
            "reason": tidied(reason),
            "return_to": reverse("trial-data-upload", args=[trial.ref]),
        },
        idempotency_key=idempotency_key,
    )
    detail = {"kind": kind, "sha256": stored.sha256, "run": str(run.pk)}
    audit.record("dataset.received", subject=trial, by=by, detail=detail)
    return run


@transaction.atomic
def feed(*, trial: Trial, reason: str = "", by: User) -> Run:
    """The outcomes that the hub counts are sent as a file is: checked by the same Run, and sealed where files are."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.DATASET_UPLOAD, on=trial)
    require_any(by, (Permission.HUB_SEE,))
    fed = feeding.outcomes(trial, by)
    return receive(
        trial=trial,
        file=io.BytesIO(fed.content),
        filename=f"From the data hub {fed.months[0]} to {fed.months[-1]}.csv",
        reason=reason,
        by=by,
    )


def _check(trial: Trial, kind: str, reason: str) -> None:
    if kind not in Dataset.Kind.values:
        raise Invalid.field("/kind", "Choose outcomes, baseline or treatment delivered")
    if trial.allocation is None:
        raise Conflict("Data are taken once the unit list is frozen: the custodian has not done this yet.")
    if kind == Dataset.Kind.DOSE and trial.conduct_state == Conduct.BASELINE:
        raise Conflict("Nothing can have been delivered yet: the units are not allocated.")
    if trial.conduct_state not in _OPEN:
        raise Conflict("This trial does not take data: it has not begun, or never will.")
    if trial.is_data_locked and is_blank(reason):
        raise Invalid.field("/reason", "The data are locked. Say why this version replaces them")
