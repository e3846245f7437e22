"""The registered plan is run on locked data; anything else is run too, and says post hoc for ever."""

import hashlib
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import runs
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from experiments import protocol
from experiments.actions import steps
from experiments.lifecycle import Fact, Results
from experiments.models import Analysis, Dataset, Registration, Trial

TASK = "experiments.analyse"


class CustodianCannotAnalyse(NotPermitted):
    """Who knows the allocation does not analyse the trial."""


class DataChanged(Conflict):
    """Another version of the outcome data was accepted after the person looked."""


@transaction.atomic
def request(
    *,
    trial: Trial,
    by: User,
    dataset: Dataset | None = None,
    plan: dict[str, Any] | None = None,
    seen: str | None = None,
    idempotency_key: str | None = None,
) -> Analysis:
    """A Run analyses the data, by the registered plan unless another is given.

    `seen` is the SHA-256 of the newest outcome data as the person saw them, blank where there were none.
    """
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.ANALYSIS_RUN, on=trial)
    registration = _ready(trial, by)
    dataset = _dataset(trial, dataset)
    registered = registration.frozen_protocol.analysis_plan
    chosen = dict(registered) if plan is None else plan
    is_registered = protocol.canonical_json(chosen) == protocol.canonical_json(registered)
    _check_plan(trial, registration, chosen, is_registered)
    known: Analysis | None = Analysis.objects.filter(run__idempotency_key=idempotency_key).first()
    if idempotency_key and known is not None:
        return known
    _require_unchanged(trial, seen)
    public_id = uuid.uuid4()
    run = runs.submit(
        task=TASK,
        title=f"{'Registered' if is_registered else 'Post hoc'} analysis of {trial.number}",
        subject=trial,
        by=by,
        params={"analysis": str(public_id), "is_simulated": trial.is_simulated},
        idempotency_key=idempotency_key,
    )
    analysis = Analysis.objects.create(
        public_id=public_id,
        trial=trial,
        registration=registration,
        dataset=dataset,
        plan=chosen,
        plan_sha256=hashlib.sha256(protocol.canonical_json(chosen)).hexdigest(),
        is_registered=is_registered,
        run=run,
        requested_at=timezone.now(),
        requested_by=by,
    )
    detail = {"analysis": str(public_id), "registered": is_registered, "dataset": str(dataset.public_id)}
    steps.take_from(
        Results.NONE,
        trial,
        Results.ANALYSING,
        facts={Fact.DATA_LOCKED: trial.is_data_locked},
        by=by,
        using=Permission.ANALYSIS_RUN,
        event="analysis.requested",
        object_sha256=analysis.plan_sha256,
        **detail,
    )
    return analysis


def _ready(trial: Trial, by: User) -> Registration:
    allocation = trial.allocation
    if allocation and by.pk in (allocation.committed_by_id, allocation.drawn_by_id):
        raise CustodianCannotAnalyse("The custodian of the allocation cannot analyse the trial.")
    if allocation and allocation.enrolments.filter(confirmed_by=by).exists():
        raise CustodianCannotAnalyse("Who has enrolled cases knows their arms, and cannot analyse the trial.")
    if trial.registration is None:
        raise Conflict("Freeze the protocol first")
    if not trial.is_data_locked:
        raise Conflict(Fact.DATA_LOCKED.value)
    return trial.registration


def _dataset(trial: Trial, dataset: Dataset | None) -> Dataset:
    if dataset is not None and dataset.trial_id == trial.pk:
        return dataset
    if dataset is not None:
        raise Invalid.field("/dataset", "This dataset belongs to another trial")
    found: Dataset | None = trial.newest_outcomes
    if found is None:
        raise Conflict(Fact.OUTCOME_DATA.value)
    return found


def _require_unchanged(trial: Trial, seen: str | None) -> None:
    """Refuse who looked at another version; the trial is locked, and a version is accepted under the same lock."""
    newest: Dataset | None = trial.newest_outcomes
    if seen is not None and seen != (newest.file_sha256 if newest else ""):
        raise DataChanged("The data changed since you opened this page; look again and submit again")


def _check_plan(trial: Trial, registration: Registration, plan: dict[str, Any], is_registered: bool) -> None:
    if not is_registered and not trial.analyses.filter(is_registered=True).exists():
        raise Conflict("Run the registered plan first; other plans come after it and are labelled post hoc.")
    parsed, problems = protocol.parsed_plan(plan)
    if parsed is not None:  # a look that was not paid for beforehand is paid for by nothing
        problems = list(protocol.looks_problems(registration.frozen_protocol, parsed))
    if problems:
        shown = [
            protocol.Problem(found.pointer.replace("/analysis_plan", "/plan", 1), found.message)
            for found in problems
        ]
        raise Invalid("The plan has problems", shown)
