"""A policy's thresholds: what each may be, and what is said of one that it may not."""

from typing import Any

import pytest

from experiments.disclosure.thresholds import THRESHOLDS, threshold_problems

GOOD: dict[str, Any] = {
    "threshold": 10,
    "residual_df": 10,
    "rounding_base": 5,
    "significant_figures": 3,
    "dominance_n": 2,
    "dominance_share": 0.9,
    "p_ratio": 0.1,
    "addresses": 8,
}


def test_a_policy_in_bounds_has_no_problem() -> None:
    assert list(threshold_problems(GOOD)) == []


@pytest.mark.parametrize("name", THRESHOLDS)
@pytest.mark.parametrize("end", ["least", "most"])
def test_each_end_may_be_and_what_lies_beyond_may_not(name: str, end: str) -> None:
    rule = THRESHOLDS[name]
    bound = getattr(rule, end)
    step = (1 if rule.is_whole else 0.01) * (1 if end == "most" else -1)
    others = GOOD | {"threshold": 100} if name == "rounding_base" else GOOD
    small = others | {"rounding_base": 1} if name == "threshold" else others
    assert list(threshold_problems(small | {name: bound})) == []
    found = dict(threshold_problems(small | {name: bound + step}))
    assert found[name] == f"{rule.label}: must be from {rule.least:g} to {rule.most:g}"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("threshold", None, "a whole number"),
        ("threshold", "10", "a whole number"),
        ("threshold", True, "a whole number"),
        ("threshold", 10.0, "a whole number"),
        ("p_ratio", "a tenth", "a number"),
        ("p_ratio", False, "a number"),
    ],
)
def test_what_is_no_number_of_its_kind_is_named(name: str, value: Any, kind: str) -> None:
    rule = THRESHOLDS[name]
    said = f"{rule.label}: enter {kind} from {rule.least:g} to {rule.most:g}"
    assert list(threshold_problems(GOOD | {name: value})) == [(name, said)]


def test_a_threshold_that_is_missing_and_one_too_many() -> None:
    short = {name: value for name, value in GOOD.items() if name != "addresses"}
    assert [name for name, _ in threshold_problems(short)] == ["addresses"]
    assert list(threshold_problems(GOOD | {"extra": 1})) == [("extra", "extra is no threshold")]


def test_counts_are_rounded_to_no_more_than_the_fewest() -> None:
    assert list(threshold_problems(GOOD | {"rounding_base": 10})) == []
    said = ("rounding_base", "Counts are rounded to no more than the fewest data subjects")
    assert list(threshold_problems(GOOD | {"rounding_base": 11})) == [said]
