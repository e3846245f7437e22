"""The table of states, whole: every step with its facts, and nothing that is not in it."""

import re
from itertools import product

import pytest

from experiments import lifecycle
from experiments.lifecycle import (
    TRANSITIONS,
    Conduct,
    Fact,
    Registration,
    Results,
    Transition,
    TransitionRefused,
    Visibility,
    advance,
    check,
    facts_for,
    next_states,
)

STEPS = {(step.before, step.after): step for step in TRANSITIONS}
ALL = {fact: True for fact in Fact}


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: f"{step.before.value} to {step.after.value}")
def test_a_step_needs_each_of_its_facts(step: Transition) -> None:
    assert advance(step.before, step.after, dict.fromkeys(step.facts, True)) is step.after
    assert facts_for(step.before, step.after) == step.facts
    for missing in step.facts:
        held = {fact: fact is not missing for fact in step.facts}
        with pytest.raises(TransitionRefused, match=f"^{re.escape(missing.value)}$"):
            advance(step.before, step.after, held)
        with pytest.raises(TransitionRefused):
            advance(step.before, step.after, {fact: True for fact in Fact if fact is not missing})


@pytest.mark.parametrize("axis", [Registration, Conduct, Results, Visibility])
def test_no_other_step_is_taken_whatever_holds(axis: type) -> None:
    for before, after in product(axis, axis):
        if (before, after) not in STEPS:
            with pytest.raises(TransitionRefused, match=r"A trial that is .* cannot become"):
                advance(before, after, ALL)
        assert ((before, after) in STEPS) is (after in next_states(before))


def test_what_is_refused_says_from_where_to_where() -> None:
    with pytest.raises(TransitionRefused) as refusal:
        check(Conduct.NEVER_STARTED, Results.AWAITING_OUTPUT_CHECK, ALL)
    assert str(refusal.value) == "A trial that is never started cannot become awaiting output check"
    assert facts_for(Conduct.NEVER_STARTED, Conduct.BASELINE) == ()


def test_no_step_leads_from_one_axis_to_another() -> None:
    for step in TRANSITIONS:
        assert type(step.before) is type(step.after)
    with pytest.raises(TransitionRefused):
        advance(Registration.DRAFT, Conduct.BASELINE, ALL)


@pytest.mark.parametrize(
    "end", [Registration.WITHDRAWN, Registration.REJECTED, Conduct.COMPLETED, Conduct.TERMINATED]
)
def test_ends_are_ends(end: object) -> None:
    assert next_states(end) == ()  # type: ignore[type-var]


def test_every_state_can_be_reached() -> None:
    first = {Registration.DRAFT, Conduct.NOT_STARTED, Results.NONE, Visibility.PRIVATE}
    reached = first | {step.after for step in TRANSITIONS}
    assert reached == {*Registration, *Conduct, *Results, *Visibility}
    assert lifecycle.TRANSITIONS is TRANSITIONS
