"""Whom the numbers of an analysis are made of: steps, cohorts, yes and no, and who is counted."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from experiments.analysis.behind import EVERYBODY, Audience
from experiments.analysis.observed import Observed
from experiments.stats.frame import Frame

ARMS = {"u1": "treatment", "u2": "treatment", "u3": "control", "u4": "control"}


def audience(rows: list[dict[str, Any]], arms: dict[str, str], **columns: str) -> Audience:
    """Return the audience of a table, without an analysis in the database."""
    named = dict.fromkeys(("unit", "period", "first_treated", "arm", "cluster")) | {"unit": "unit"} | columns
    observed = object.__new__(Observed)
    observed.plan = SimpleNamespace(columns=SimpleNamespace(**named), arms=None)  # type: ignore[assignment]
    observed.frame = Frame(pd.DataFrame(rows).astype(str))
    made = object.__new__(Audience)
    made.observed, made.arms = observed, arms
    return made


def estimate(*terms: str, outcome: str = "hit") -> dict[str, Any]:
    return {
        "estimates": [
            {"id": "H1", "status": "ok", "outcome": outcome, "terms": [{"term": term} for term in terms]},
            {"id": "H2", "status": "not_estimable", "outcome": outcome, "terms": []},
        ]
    }


def test_yes_and_no_by_arm() -> None:
    rows = [{"unit": unit, "hit": value} for unit, value in zip(ARMS, (1, 0, 1, 1), strict=True)]
    behind = audience(rows, ARMS).behind(estimate("treatment"))
    assert set(behind) == {"H1"}
    assert behind["H1"].table == {
        "units in control with hit": 2, "units in control without": 0,
        "units in treatment with hit": 1, "units in treatment without": 1,
    }  # fmt: skip
    assert audience(rows, {}).behind(estimate())["H1"].table == {"units with hit": 3, "units without hit": 1}


@pytest.mark.parametrize("values", [(1, 0, 2, 1), (0.5, 0, 1, 1)])
def test_counts_and_amounts_are_no_yes_and_no(values: tuple[float, ...]) -> None:
    rows = [{"unit": unit, "hit": value} for unit, value in zip(ARMS, values, strict=True)]
    assert audience(rows, ARMS).behind(estimate())["H1"].table == {}


def test_steps_and_cohorts() -> None:
    """Two units start in period 2 and one in 3, and one never; periods 1 to 4."""
    first = {"u1": "2", "u2": "2", "u3": "3", "u4": "never"}
    rows = [
        {"unit": unit, "period": period, "g": start, "hit": 5}
        for unit, start in first.items()
        for period in range(1, 5)
    ]
    made = audience(rows, {}, period="period", first_treated="g")
    steps = made.behind(estimate("event_time=-2", "event_time=0", "event_time=2"))["H1"]
    assert steps.steps == {
        "treated units at step -2": 1,
        "treated units at step 0": 3,
        "treated units at step 2": 2,
    }
    assert made.behind(estimate("g=2,t=3"))["H1"].groups == {"units of cohort 2": 2, "units of cohort 3": 1}
    assert made.behind(estimate("treatment"))["H1"].steps == {}


def test_three_arms_are_told_apart() -> None:
    arms = ARMS | {"u4": "other"}
    rows = [{"unit": unit, "hit": 5} for unit in arms]
    behind = audience(rows, arms).behind(estimate())["H1"]
    assert behind.groups == {"units in control": 1, "units in other": 1, "units in treatment": 2}


def test_who_is_counted() -> None:
    rows = [{"unit": unit, "hit": value} for unit, value in zip(ARMS, ("1", "", "1", "1"), strict=True)]
    counted = audience(rows, ARMS).counted(estimate(), "this release")
    assert counted.units["hit"] == {
        "control": {"u3", "u4"}, "treatment": {"u1"}, EVERYBODY: {"u1", "u3", "u4"},
    }  # fmt: skip
