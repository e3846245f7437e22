"""What a panel estimator cannot answer it refuses in words: never 0, 1 or not-a-number."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import stats
from experiments.stats.errors import BadData
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan, row

PANEL = vectors.panel()
NUMBERS = ("estimate", "std_error", "p_value", "conf_low", "conf_high", "yi", "vi")


def no_untreated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["first"] > 0]


def one_date(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["first"] == 6]


def always_treated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["first"].isin([0, 4])].assign(first=lambda rows: rows["first"].replace(4, 1))


def never_treated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["first"] == 0]


def one_treated_unit(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame["first"] == 0) | (frame["unit"] == 1)]


def one_period(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["period"] == 6]


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(y=0.0)


def twice(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.head(1)])


def same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


CS = "callaway_santanna"
NEVER, NOT_YET = (
    {"options": {"control_group": "never_treated"}},
    {"options": {"control_group": "not_yet_treated"}},
)
REFUSED: dict[str, tuple[Any, str, dict[str, Any], str]] = {
    "[89] nobody untreated": (
        no_untreated,
        CS,
        NEVER,
        "no unit is never treated, so there is nobody to compare with",
    ),
    "[89] all at one date": (one_date, CS, NOT_YET, "nobody to compare with"),
    "[89] no period before": (always_treated, CS, NEVER, "no period before treatment"),
    "nobody treated": (never_treated, CS, NEVER, "no unit is treated within the periods"),
    "one treated unit": (one_treated_unit, CS, NEVER, "only one unit is treated"),
    "one period": (one_period, CS, NEVER, "one period only"),
    "[87] an outcome that does not vary": (flat, CS, NEVER, "the outcome is the same in every row"),
    "constant covariate": (
        lambda frame: frame.assign(c=1.0),
        CS,
        {"covariates": ["c"], **NEVER},
        "the covariates do not vary freely",
    ),
    "[89] two-way, nobody treated": (never_treated, "twfe", {}, "no unit is treated"),
    "[87] two-way, flat": (flat, "twfe", {}, "the outcome is the same in every row"),
    "[83] two-way, a covariate of units": (
        lambda frame: frame.assign(c=frame["unit"] % 5),
        "twfe",
        {"covariates": ["c"]},
        "does not vary once unit and period effects are taken out",
    ),
    "[83] two-way, twice the same covariate": (
        lambda frame: frame.assign(c=frame["x"] * frame["period"], d=lambda rows: 3 * rows["c"]),
        "twfe",
        {"covariates": ["c", "d"]},
        "follows from the other regressors",
    ),
    "event study, nobody untreated": (no_untreated, "event_study", {}, "no unit is never treated"),
    "event study, no period before": (always_treated, "event_study", {}, "before"),
    "two by two, many dates": (same, "two_by_two", {}, "adopt at 3 different dates"),
    "two by two, one treated unit": (one_treated_unit, "two_by_two", {}, "there is one treated unit"),
    "two by two, nobody treated": (never_treated, "two_by_two", {}, "no unit is treated"),
}


def with_losses(frame: pd.DataFrame, estimator: str, **changes: Any) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the estimate, and the rows that were left out by reason."""
    document = stats.run(plan(estimator, **changes), frame).document()
    assert document["estimates"][0]["status"] == "ok", document["estimates"][0]["reason"]
    return document["estimates"][0], {
        part["reason"]: part["count"] for part in document["data"]["rows_dropped"]
    }


@pytest.mark.parametrize(("change", "estimator", "changes", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_with_its_reason(change: Any, estimator: str, changes: dict[str, Any], words: str) -> None:
    found = row(change(PANEL), estimator, **changes)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
    assert [found[name] for name in NUMBERS] == [None] * len(NUMBERS)
    assert not found["terms"]


def test_a_unit_with_two_rows_in_one_period_is_a_fault_of_the_data() -> None:
    with pytest.raises(BadData, match="unit"):
        row(twice(PANEL), "twfe")


def test_rows_without_an_outcome_are_dropped_and_counted() -> None:
    frame = PANEL.assign(y=PANEL["y"].where(PANEL.index != 17))
    found, lost = with_losses(frame, "twfe", covariance="CR1")
    assert found["n_obs"] == len(PANEL) - 1
    assert lost == {"missing outcome": 1}


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_a_unit_with_a_gap_leaves_a_balanced_comparison(control: str) -> None:
    frame = PANEL.drop(index=PANEL[(PANEL["unit"] == 3) & (PANEL["period"] == 2)].index)
    found, lost = with_losses(frame, CS, options={"control_group": control})
    assert found["n_units"] == 23
    assert list(lost.values()) == [7]


def test_units_treated_from_the_start_are_left_out_and_named() -> None:
    frame = PANEL.assign(first=PANEL["first"].replace(4, 1))
    found, lost = with_losses(frame, CS, **NEVER)
    without = made(PANEL[PANEL["first"] != 4], CS, **NEVER)
    assert found["estimate"] == pytest.approx(without["estimate"], rel=1e-12)
    assert list(lost.values()) == [6 * 8]


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_a_weight_that_is_none_is_a_fault_of_the_data(weight: float) -> None:
    """[88]"""
    frame = PANEL.assign(w=np.where(PANEL["unit"] == 4, weight, 1.0))
    with pytest.raises(BadData) as refusal:
        row(frame, CS, columns={"weight": "w"}, **NEVER)
    first = refusal.value.problems[0]
    assert "weight must be above 0" in str(first)
    assert "'w'" in str(first)


def test_few_clusters_are_said() -> None:
    """Six clusters are fewer than the errors need: the result says so."""
    frame = PANEL.assign(c=PANEL["unit"] % 6)
    frame["first"] = frame["c"].map({0: 0, 1: 4, 2: 6, 3: 0, 4: 4, 5: 0})
    found = made(frame, "twfe", covariance="CR2", columns={"cluster": "c"})
    assert any("cluster" in warning for warning in found["warnings"])
