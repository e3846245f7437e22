"""A design is diagnosed before its data exist: the plan runs on data drawn from what the protocol states."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit, runs
from centre.errors import Conflict, NotPermitted
from centre.models import Run, User
from centre.permissions import Permission, has_permission
from experiments import protocol
from experiments.actions.trials import may_edit
from experiments.analysis import diagnosing as bridge
from experiments.models import Diagnosis, DiagnosisPart, Trial

TASK = "experiments.diagnose"
IN_ONE_PART = 25  # replicates; small enough to be done again when a worker dies
MOST_AT_ONCE = 3  # diagnoses of one trial that are not finished


class NoPlan(Conflict):
    """There is nothing to run yet."""


@transaction.atomic
def request(*, trial: Trial, answers: Mapping[str, Any], by: User) -> Diagnosis:
    """The replicates wait for workers, in parts that any number of them share."""
    trial = Trial.objects.for_action(trial, by)
    if not may_request(trial, by):
        raise NotPermitted("Only the team of this trial and methods reviewers can ask for a diagnosis.")
    read = trial.draft
    known = bridge.stated(read)
    if known is None:
        raise NoPlan("Write the analysis plan first: a diagnosis runs it.")
    if unfinished(trial) >= MOST_AT_ONCE:
        raise Conflict("Three diagnoses of this trial are not finished. Wait for one, or cancel it.")
    parameters = bridge.parameters(known, answers)
    diagnosis = Diagnosis.objects.create(
        trial=trial,
        registration=trial.registration,
        protocol_edition=trial.protocol_edition,
        protocol_sha256=protocol.digest(read),
        plan=dict(read.analysis_plan),
        parameters=parameters,
        parameters_sha256=bridge.sha256(parameters),
        requested_at=timezone.now(),
        requested_by=by,
    )
    _share_out(diagnosis, by)
    detail = {"diagnosis": str(diagnosis.public_id), "replicates": diagnosis.replicates}
    audit.record("diagnosis.requested", subject=trial, by=by, detail=detail)
    return diagnosis


@transaction.atomic
def cancel(*, diagnosis: Diagnosis, by: User) -> Diagnosis:
    """No further replicate is begun; those that work stop at their next step."""
    Trial.objects.for_action(diagnosis.trial, by)
    if diagnosis.requested_by_id != by.pk and not has_permission(by, Permission.RUN_CANCEL):
        raise NotPermitted("Only the person who asked for this diagnosis, or an analyst, can cancel it.")
    open_ones = Run.objects.filter(diagnosis_part__diagnosis=diagnosis).unfinished()
    if not open_ones.exists():
        raise Conflict("This diagnosis has already ended, so it cannot be cancelled.")
    for run in open_ones:
        try:
            runs.cancel(run=run, by=by)
        except runs.RunFinished:
            continue  # it ended in the meantime
    audit.record(
        "diagnosis.cancelled", subject=diagnosis.trial, by=by, detail={"diagnosis": str(diagnosis.public_id)}
    )
    return diagnosis


def may_request(trial: Trial, by: User) -> bool:
    """Return whether the person writes the protocol, or reviews protocols."""
    return may_edit(trial, by) or has_permission(by, Permission.TRIAL_REVIEW, on=trial)


def unfinished(trial: Trial) -> int:
    """Return how many diagnoses of the trial are waiting or at work."""
    waiting = Run.objects.filter(diagnosis_part__diagnosis__trial=trial).unfinished()
    return waiting.values("diagnosis_part__diagnosis").distinct().count()


def _share_out(diagnosis: Diagnosis, by: User) -> None:
    parts = range(0, diagnosis.replicates, IN_ONE_PART)
    for place, first in enumerate(parts, start=1):
        run = runs.submit(
            task=TASK,
            title=f"Design diagnosis of “{diagnosis.trial.title[:80]}”, part {place} of {len(parts)}",
            subject=diagnosis.trial,
            by=by,
            params={"diagnosis": str(diagnosis.public_id), "is_simulated": diagnosis.trial.is_simulated},
        )
        count = min(IN_ONE_PART, diagnosis.replicates - first)
        DiagnosisPart.objects.create(diagnosis=diagnosis, first=first, count=count, run=run)
