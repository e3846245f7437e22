"""A registered trial moves through its life."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre.errors import Invalid
from centre.models import User
from centre.permissions import Permission, require, require_any
from centre.text import is_blank, tidied
from experiments.actions import implementations, library, steps
from experiments.lifecycle import Conduct, Fact, Registration
from experiments.models import Trial
from experiments.protocol.dry_run import dry_run_problems
from experiments.protocol.vocabulary import EthicsDecision

_BY_THE_DRAW = (Conduct.ALLOCATED,)
# Whose part a step is, where it is not the team's and the registrar's.
_NEEDS = {
    Conduct.BASELINE: Permission.TRIAL_REGISTER,
    Conduct.NEVER_STARTED: Permission.TRIAL_REGISTER,
    Conduct.COMPLETED: Permission.TRIAL_REGISTER,
    Conduct.TERMINATED: Permission.TRIAL_TERMINATE,
}
PERMISSIONS = (Permission.TRIAL_CONDUCT, *dict.fromkeys(_NEEDS.values()))


def needed_for(to: Conduct) -> Permission:
    """Return what a person must hold to move a trial there."""
    return _NEEDS.get(to, Permission.TRIAL_CONDUCT)


@transaction.atomic
def advance(*, trial: Trial, to: str, reason: str = "", on: dt.date | None = None, by: User) -> Trial:
    """The trial is in the next state of its conduct. Allocation is not reached here but by the draw.

    `on` is the day of the first treatment where delivery begins, of the last where it ends; blank means today.
    """
    trial = Trial.objects.for_action(trial, by)
    require_any(by, PERMISSIONS, on=trial)
    if to not in list(Conduct) or Conduct(to) in _BY_THE_DRAW:
        raise Invalid.field("/to", "Choose one of the next states")
    after, before = Conduct(to), Conduct(trial.conduct_state)
    require(by, needed_for(after), on=trial)
    day = on or timezone.localdate()
    known = facts(trial, reason, day) | _plan_runs(trial, after)
    if not is_blank(reason):
        trial.state_reason = tidied(reason)
    if after is Conduct.DELIVERING and before is not Conduct.SUSPENDED:
        trial.first_treated_on = day
    elif after is Conduct.FOLLOW_UP:
        trial.last_treated_on = day
    steps.take(
        trial,
        after,
        facts=known,
        by=by,
        using=needed_for(after),
        reason=tidied(reason),
        object_sha256=_locked_data(trial) if after is Conduct.DATA_LOCKED else "",
    )
    library.note(trial, by)
    return trial


def facts(trial: Trial, reason: str = "", on: dt.date | None = None) -> dict[Fact, bool]:
    """Return what the guards ask about a trial, from its rows; `on` is the day that is to be recorded."""
    registration, allocation = trial.registration, trial.allocation
    read = registration.frozen_protocol if registration else trial.draft
    decision = read.ethics.decision
    is_randomised = bool(read.design.design and read.design.design.is_randomised)
    newest = trial.newest_outcomes
    day, today = on or timezone.localdate(), timezone.localdate()
    return {
        Fact.REASON: not is_blank(reason),
        Fact.REGISTERED: trial.registration_state == Registration.REGISTERED,
        Fact.ETHICS_DECIDED: decision is not None and decision is not EthicsDecision.PENDING,
        Fact.DPIA: not is_blank(read.ethics.dpia_reference),
        Fact.UNITS_FROZEN: allocation is not None,
        Fact.RANDOMISED: is_randomised,
        Fact.NOT_RANDOMISED: not is_randomised,
        Fact.FIRST_UNIT: day <= today,
        Fact.LAST_TREATMENT: (trial.first_treated_on or day) <= day <= today,
        Fact.PLAN_RUNS: True,  # as it did when it was registered; asked again where delivery begins
        Fact.OUTCOME_DATA: newest is not None,
        Fact.BLIND_REVIEW: newest is not None and newest.blind_reviews.exists(),
        Fact.EVERY_PLAN_RAN: trial.analyses.filter(is_registered=True).exclude(result_sha256="").exists(),
        Fact.DELIVERY_TOLD: implementations.is_told(trial),
        Fact.DATA_LOCKED: trial.is_data_locked,
        Fact.NOT_STARTED_YET: trial.conduct_state == Conduct.NOT_STARTED,
    }


def _plan_runs(trial: Trial, after: Conduct) -> dict[Fact, bool]:
    """Run the registered plan on simulated data, where delivery is about to begin: the engine may have changed."""
    if after is not Conduct.DELIVERING or trial.registration is None:
        return {}
    return {Fact.PLAN_RUNS: not dry_run_problems(trial.registration.frozen_protocol)}


def _locked_data(trial: Trial) -> str:
    """Return the hash of the outcome data that a lock closes."""
    newest = trial.newest_outcomes
    return newest.file_sha256 if newest else ""
