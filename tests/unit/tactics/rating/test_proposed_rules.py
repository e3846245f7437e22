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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Name at least one cut-off that changes"),
        ([("few_events", 1)], "Name at least one cut-off that changes"),
        ({"version": "2"}, "There is no cut-off “version”"),
        ({"nonsense": 1}, "There is no cut-off “nonsense”: choose from attrition_at_most"),
        ({"few_events": "many"}, "The cut-off “few_events” must be a number"),
        ({"few_events": True}, "The cut-off “few_events” must be a number"),
        ({"few_events": 1.5}, "The cut-off “few_events” must be a whole number"),
        ({"egger_p": float("nan")}, "The cut-off “egger_p” must be a number"),
        ({"egger_p": float("inf")}, "The cut-off “egger_p” must be a number"),
        ({"attrition_at_most": 10}, "The cut-off “attrition_at_most” is a list of 5 numbers"),
        ({"attrition_at_most": [1, 2]}, "The cut-off “attrition_at_most” is a list of 5 numbers"),
        ({"attrition_at_most": [5, 4, 3, 2, 1]}, "so it must rise"),
        ({"attrition_at_most": [1, 2, 3, 4, None]}, "The cut-off “attrition_at_most” must be a number"),
    ],
)
def test_what_makes_no_rules_is_named(changes: Any, said: str) -> None:
    with pytest.raises(BadRules) as caught:
        proposed("RULES-X", changes)
    assert said in str(caught.value)


def test_rules_that_are_built_in_are_not_changed() -> None:
    with pytest.raises(BadRules, match=r"RULES-1\.0 is built in"):
        proposed("RULES-1.0", {"few_events": 200})
