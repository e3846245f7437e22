"""What a force has agreed to is put on record: its own people do it, or the registrar."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, NotFound
from centre.models import Force, User
from centre.permissions import Permission, require
from experiments.models import SiteStep, Trial
from experiments.protocol.text import required_text

LONGEST_REFERENCE, LONGEST_REASON = 300, 2_000


class StepSettled(Conflict):
    """The step is done or not needed; it has to be reopened first."""


class StepOpen(Conflict):
    """The step is open already."""


@transaction.atomic
def due(*, trial: Trial, force: Force, kind: str, on: dt.date, by: User) -> SiteStep:
    """The step is to be done by this day."""
    step = _open(trial, force, kind, by)
    before, step.due_on = step.due_on, on
    return _kept(step, "site_step.due", by, {"due_on": on, "before": before})


@transaction.atomic
def do(*, trial: Trial, force: Force, kind: str, reference: str, by: User) -> SiteStep:
    """The step is done; the reference says where that can be read."""
    step = _open(trial, force, kind, by)
    step.reference = required_text(
        "/reference",
        reference,
        label="The reference",
        max_length=LONGEST_REFERENCE,
        missing="Enter the reference",
    )
    step.done_at, step.done_by = timezone.now(), by
    return _kept(step, "site_step.done", by, {"reference": step.reference})


@transaction.atomic
def waive(*, trial: Trial, force: Force, kind: str, reason: str, by: User) -> SiteStep:
    """The step is not needed here, for this reason."""
    step = _open(trial, force, kind, by)
    step.not_needed_because = _reason(reason, "Say why it is not needed")
    step.not_needed_at, step.not_needed_by = timezone.now(), by
    return _kept(step, "site_step.not_needed", by, {"reason": step.not_needed_because})


@transaction.atomic
def reopen(*, trial: Trial, force: Force, kind: str, reason: str, by: User) -> SiteStep:
    """The step is open again; what stood there stays in the audit log."""
    step = _found(trial, force, kind, by)
    if not step.is_settled:
        raise StepOpen("This step is open already.")
    why = _reason(reason, "Say why it is open again")
    stood = step.reference or step.not_needed_because
    step.done_at, step.done_by, step.reference = None, None, ""
    step.not_needed_at, step.not_needed_by, step.not_needed_because = None, None, ""
    return _kept(step, "site_step.reopened", by, {"reason": why, "before": stood})


def _open(trial: Trial, force: Force, kind: str, by: User) -> SiteStep:
    step = _found(trial, force, kind, by)
    if step.is_settled:
        raise StepSettled("This step is settled. Reopen it first, with a reason.")
    return step


def _found(trial: Trial, force: Force, kind: str, by: User) -> SiteStep:
    """Return the step, new or as it stands; the trial is locked, so nobody else makes it meanwhile."""
    locked = Trial.objects.for_action(trial, by)
    if not locked.sites.filter(force=force).exists():
        raise NotFound("This force is not a site of the trial.")
    require(by, Permission.TRIAL_CONDUCT, on=force)
    if kind not in SiteStep.Kind.values:
        raise NotFound("There is no such step.")
    found = SiteStep.objects.filter(trial=locked, force=force, kind=kind).first()
    return found or SiteStep(trial=locked, force=force, kind=kind)


def _kept(step: SiteStep, event: str, by: User, detail: dict[str, Any]) -> SiteStep:
    step.save()
    where = {"trial": step.trial.ref, "force": step.force.slug, "step": step.kind}
    audit.record(event, subject=step, by=by, detail={**where, **detail})
    return step


def _reason(given: str, missing: str) -> str:
    return required_text("/reason", given, label="The reason", max_length=LONGEST_REASON, missing=missing)
