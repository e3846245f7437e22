"""A registered trial moves through its life."""

from django.db import transaction

from centre import audit
from centre.errors import Invalid
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import lifecycle
from experiments.actions import library
from experiments.lifecycle import Conduct, Fact, Registration
from experiments.models import Dataset, Trial
from experiments.protocol.vocabulary import EthicsDecision

_BY_THE_DRAW = (Conduct.ALLOCATED,)


@transaction.atomic
def advance(*, trial: Trial, to: str, reason: str = "", by: User) -> Trial:
    """The trial is in the next state of its conduct. Allocation is not reached here but by the draw."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_CONDUCT, on=trial)
    if to not in list(Conduct) or Conduct(to) in _BY_THE_DRAW:
        raise Invalid.field("/to", "Choose one of the next states")
    before = trial.conduct_state
    trial.conduct_state = lifecycle.advance(Conduct(before), Conduct(to), facts(trial, reason))
    if not is_blank(reason):
        trial.state_reason = tidied(reason)
    trial.save()
    library.note(trial, by)
    detail = {"from": before, "to": to, "reason": tidied(reason)}
    audit.record("trial.moved", subject=trial, by=by, detail=detail)
    return trial


def facts(trial: Trial, reason: str = "") -> dict[Fact, bool]:
    """Return what the guards ask about a trial, from its rows."""
    registration, allocation = trial.registration, trial.allocation
    read = registration.frozen_protocol if registration else trial.draft
    decision = read.ethics.decision
    is_randomised = bool(read.design.design and read.design.design.is_randomised)
    outcome = trial.datasets.filter(kind=Dataset.Kind.OUTCOME).exists()
    return {
        Fact.REASON: not is_blank(reason),
        Fact.REGISTERED: trial.registration_state == Registration.REGISTERED,
        Fact.ETHICS_DECIDED: decision is not None and decision is not EthicsDecision.PENDING,
        Fact.UNITS_FROZEN: allocation is not None,
        Fact.RANDOMISED: is_randomised,
        Fact.NOT_RANDOMISED: not is_randomised,
        Fact.OUTCOME_DATA: outcome,
        Fact.EVERY_PLAN_RAN: trial.analyses.filter(is_registered=True).exclude(result_sha256="").exists(),
        Fact.DATA_LOCKED: trial.is_data_locked,
        Fact.NOT_STARTED_YET: trial.conduct_state == Conduct.NOT_STARTED,
    }
