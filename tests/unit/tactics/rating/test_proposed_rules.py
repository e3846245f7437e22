"""Rules that are only thought of: the cut-offs in use with some changed, or the word on what is wrong."""

from dataclasses import asdict
from typing import Any

import pytest

from tactics.rating.rules import CURRENT, BadRules, proposed


def test_what_is_named_changes_and_nothing_else() -> None:
    made = proposed("RULES-X", {"few_events": 200, "egger_p": 0.05})
    expected = asdict(CURRENT) | {"version": "RULES-X", "few_events": 200, "egger_p": 0.05}
    assert asdict(made) == expected


def test_a_ladder_is_changed_as_a_whole() -> None:
    steps = [5, 10, 20, 30, 40]
    assert proposed("RULES-X", {"attrition_at_most": steps}).attrition_at_most == tuple(steps)


def test_a_whole_number_written_with_a_point_is_one() -> None:
    made = proposed("RULES-X", {"few_events": 200.0})
    assert (made.few_events, type(made.few_events)) == (200, int)


NAMES = ", ".join(sorted(asdict(CURRENT).keys() - {"version"}))
NAME_ONE = 'Name at least one cut-off that changes, as {"name": number}'
RISES = "The cut-off “attrition_at_most” runs from the strictest to the mildest, so it must rise"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, NAME_ONE),
        ([("few_events", 1)], NAME_ONE),
        ({"version": "2"}, f"There is no cut-off “version”: choose from {NAMES}"),
        ({"nonsense": 1}, f"There is no cut-off “nonsense”: choose from {NAMES}"),
        ({"few_events": "many"}, "The cut-off “few_events” must be a number"),
        ({"few_events": True}, "The cut-off “few_events” must be a number"),
        ({"few_events": 1.5}, "The cut-off “few_events” must be a whole number"),
        ({"egger_p": float("nan")}, "The cut-off “egger_p” must be a number"),
        ({"egger_p": float("inf")}, "The cut-off “egger_p” must be a number"),
        ({"egger_p": "0.1"}, "The cut-off “egger_p” must be a number"),
        ({"attrition_at_most": 10}, "The cut-off “attrition_at_most” is a list of 5 numbers"),
        ({"attrition_at_most": [1, 2]}, "The cut-off “attrition_at_most” is a list of 5 numbers"),
        ({"attrition_at_most": [5, 4, 3, 2, 1]}, RISES),
        ({"attrition_at_most": [1, 2, 3, 4, None]}, "The cut-off “attrition_at_most” must be a number"),
    ],
)
def test_what_makes_no_rules_is_named(changes: Any, said: str) -> None:
    with pytest.raises(BadRules) as caught:
        proposed("RULES-X", changes)
    assert str(caught.value) == said


def test_rules_that_are_built_in_are_not_changed() -> None:
    with pytest.raises(BadRules) as caught:
        proposed("RULES-1.0", {"few_events": 200})
    assert str(caught.value) == (
        "RULES-1.0 is built in and cannot be changed: give the proposal a name of its own"
    )


def test_a_proposal_may_build_on_another() -> None:
    first = proposed("RULES-X", {"few_events": 200})
    second = proposed("RULES-Y", {"attrition_at_most": (1.5, 1.5, 2, 3, 4)}, first)
    assert (second.version, second.few_events, second.attrition_at_most) == (
        "RULES-Y",
        200,
        (1.5, 1.5, 2, 3, 4),
    )
