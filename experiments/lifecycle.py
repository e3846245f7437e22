"""The four axes of a trial's life. A transition that the table does not hold, or whose guard fails, raises.

Guards are data: each names a fact that the caller states about the trial. This module knows no database, so a
property test can walk it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from centre.errors import Conflict

CHECKS_NEEDED = 2  # output checkers who clear a release before it can be published


class Registration(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    REGISTERED = "registered"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Conduct(StrEnum):
    NOT_STARTED = "not_started"
    BASELINE = "baseline"
    ALLOCATED = "allocated"
    DELIVERING = "delivering"
    SUSPENDED = "suspended"
    FOLLOW_UP = "follow_up"
    DATA_LOCKED = "data_locked"
    COMPLETED = "completed"
    TERMINATED = "terminated"
    NEVER_STARTED = "never_started"


class Results(StrEnum):
    NONE = "none"
    ANALYSING = "analysing"
    AWAITING_OUTPUT_CHECK = "awaiting_output_check"
    CHECKED_INTERNAL = "checked_internal"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


REPORTED = (Results.PUBLISHED, Results.CORRECTED)  # there are results that everybody can read
ONCE_OUT = (*REPORTED, Results.RETRACTED)  # there are, or were before they were taken back


class Visibility(StrEnum):
    PRIVATE = "private"
    EMBARGOED = "embargoed"
    PUBLIC = "public"


State = Registration | Conduct | Results | Visibility
S = TypeVar("S", Registration, Conduct, Results, Visibility)


class Fact(StrEnum):
    """What a guard asks. The value is the message shown when the fact does not hold."""

    COMPLETE = "The protocol is not complete"
    REVIEWED = "A methods reviewer who is not in the team must approve this protocol first"
    COSIGNED = "The lead force’s senior sponsor must sign this protocol, or their agreement stand under Sites"
    REJECTED_BY_REVIEWER = "A methods reviewer who is not in the team must reject this protocol first"
    REASON = "Say why"
    APPROVED_BY_TWO = "The registrar and the director must both approve the withdrawal first"
    NOT_STARTED_YET = "The trial has begun: it can be terminated, not withdrawn"
    REGISTERED = "Register the trial first"
    ETHICS_DECIDED = "The ethics decision is still pending"
    DPIA = "Give the reference of the data protection impact assessment first"
    UNITS_FROZEN = "Freeze the unit list first"
    RANDOMISED = "This design has no draw: freeze its treatment starts instead"
    NOT_RANDOMISED = "A randomised trial is allocated by its draw"
    FIRST_UNIT = "Say on what day the first unit was treated: today or before"
    PLAN_RUNS = "The registered plan does not run on simulated data: amend it first"
    LAST_TREATMENT = "Say on what day the last unit was treated: today or before, and not before the first"
    OUTCOME_DATA = "There is no outcome data to lock"
    BLIND_REVIEW = "Somebody must review the quality of the newest outcome data, blind to arms, first"
    EVERY_PLAN_RAN = "Not every registered analysis has run"
    DELIVERY_TOLD = (
        "Say under “What happened” what was delivered and what it took, or why that was not measured, first"
    )
    DATA_LOCKED = "Lock the data first: results before that would unblind the trial"
    ANALYSED = "The registered analysis has not run"
    CLEARED_TWICE = "Two output checkers must clear the release first"
    RETRACTED_BY_TWO = "A methods reviewer asks for it and the director approves"


@dataclass(frozen=True, slots=True)
class Transition:
    """One permitted step, with the facts that must hold."""

    before: State
    after: State
    facts: tuple[Fact, ...] = ()


_R, _C, _S, _V = Registration, Conduct, Results, Visibility
_ACTIVE = (_C.BASELINE, _C.ALLOCATED, _C.DELIVERING, _C.SUSPENDED, _C.FOLLOW_UP, _C.DATA_LOCKED)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_R.DRAFT, _R.SUBMITTED, (Fact.COMPLETE,)),
    Transition(_R.CHANGES_REQUESTED, _R.SUBMITTED, (Fact.COMPLETE,)),
    Transition(_R.SUBMITTED, _R.IN_REVIEW),
    Transition(_R.IN_REVIEW, _R.CHANGES_REQUESTED, (Fact.REASON,)),
    Transition(_R.IN_REVIEW, _R.REGISTERED, (Fact.COMPLETE, Fact.REVIEWED, Fact.COSIGNED)),
    Transition(_R.IN_REVIEW, _R.REJECTED, (Fact.REASON, Fact.REJECTED_BY_REVIEWER)),
    Transition(_R.REGISTERED, _R.WITHDRAWN, (Fact.REASON, Fact.NOT_STARTED_YET, Fact.APPROVED_BY_TWO)),
    Transition(_C.NOT_STARTED, _C.NEVER_STARTED, (Fact.REASON,)),
    Transition(_C.NOT_STARTED, _C.BASELINE, (Fact.REGISTERED, Fact.ETHICS_DECIDED, Fact.DPIA)),
    Transition(_C.BASELINE, _C.ALLOCATED, (Fact.UNITS_FROZEN, Fact.RANDOMISED)),
    Transition(_C.ALLOCATED, _C.DELIVERING, (Fact.FIRST_UNIT, Fact.PLAN_RUNS)),
    Transition(
        _C.BASELINE,
        _C.DELIVERING,
        (Fact.NOT_RANDOMISED, Fact.UNITS_FROZEN, Fact.FIRST_UNIT, Fact.PLAN_RUNS),
    ),
    Transition(_C.DELIVERING, _C.SUSPENDED, (Fact.REASON,)),
    Transition(_C.SUSPENDED, _C.DELIVERING, (Fact.REASON,)),
    Transition(_C.DELIVERING, _C.FOLLOW_UP, (Fact.LAST_TREATMENT,)),
    Transition(_C.FOLLOW_UP, _C.DATA_LOCKED, (Fact.OUTCOME_DATA, Fact.BLIND_REVIEW)),
    Transition(_C.DATA_LOCKED, _C.COMPLETED, (Fact.EVERY_PLAN_RAN, Fact.DELIVERY_TOLD)),
    *(Transition(state, _C.TERMINATED, (Fact.REASON,)) for state in _ACTIVE),
    Transition(_S.NONE, _S.ANALYSING, (Fact.DATA_LOCKED,)),
    Transition(_S.ANALYSING, _S.AWAITING_OUTPUT_CHECK, (Fact.ANALYSED,)),
    Transition(_S.AWAITING_OUTPUT_CHECK, _S.CHECKED_INTERNAL, (Fact.CLEARED_TWICE,)),
    Transition(_S.AWAITING_OUTPUT_CHECK, _S.ANALYSING, (Fact.REASON,)),
    Transition(_S.CHECKED_INTERNAL, _S.PUBLISHED, (Fact.CLEARED_TWICE,)),
    Transition(_S.PUBLISHED, _S.CORRECTED, (Fact.REASON, Fact.RETRACTED_BY_TWO)),
    Transition(_S.PUBLISHED, _S.RETRACTED, (Fact.REASON, Fact.RETRACTED_BY_TWO)),
    Transition(_S.CORRECTED, _S.RETRACTED, (Fact.REASON, Fact.RETRACTED_BY_TWO)),
    Transition(_V.PRIVATE, _V.EMBARGOED, (Fact.REGISTERED,)),
    Transition(_V.PRIVATE, _V.PUBLIC, (Fact.REGISTERED,)),
    Transition(_V.EMBARGOED, _V.PUBLIC, (Fact.REGISTERED,)),
)
_TABLE = {(step.before, step.after): step for step in TRANSITIONS}


class TransitionRefused(Conflict):
    """The step is not in the table, or one of its facts does not hold."""


def advance(before: S, after: S, facts: Mapping[Fact, bool]) -> S:
    """Return the state after the step, or raise `TransitionRefused`. A fact not stated does not hold."""
    check(before, after, facts)
    return after


def check(before: State, after: State, facts: Mapping[Fact, bool]) -> None:
    """Raise `TransitionRefused` unless the table holds the step and each of its facts holds."""
    step = _TABLE.get((before, after))
    if step is None:
        raise TransitionRefused(f"A trial that is {_words(before)} cannot become {_words(after)}")
    for fact in step.facts:
        if not facts.get(fact, False):
            raise TransitionRefused(fact.value)


def next_states(before: S) -> tuple[S, ...]:
    """Return where the trial may go from here, guards aside."""
    return tuple(
        step.after for step in TRANSITIONS if step.before == before and type(step.after) is type(before)
    )


def facts_for(before: State, after: State) -> tuple[Fact, ...]:
    """Return the facts that a step asks for."""
    step = _TABLE.get((before, after))
    return step.facts if step else ()


def _words(state: State) -> str:
    return state.value.replace("_", " ")
