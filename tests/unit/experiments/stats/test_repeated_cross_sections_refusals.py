"""What rows that are not followed cannot answer is refused in words, and every check says what it can of them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import stats
from experiments.stats.errors import BadData, BadPlan, NotEstimable
from experiments.stats.estimators import callaway_santanna_data
from tests.reference import vectors
from tests.unit.experiments.stats import panels, rows

ROWS = vectors.rows()
NOT_YET = {"options": {"control_group": "not_yet_treated"}}
ONE = {"aggregation": "none"}


def without(frame: pd.DataFrame, first: int, *periods: int) -> pd.DataFrame:
    """Return the frame without the rows of one cohort in some periods."""
    return frame[(frame["first"] != first) | ~frame["period"].isin(periods)]


REFUSED: dict[str, tuple[pd.DataFrame, dict[str, Any], str]] = {
    "nobody treated": (ROWS[ROWS["first"] == 0], {}, "no row is treated within the periods of the data"),
    "nobody untreated": (ROWS[ROWS["first"] > 0], {}, "no row is never treated"),
    "one date": (ROWS[ROWS["first"] == 6], NOT_YET, "every row is first treated in the same period"),
    "one period": (ROWS[ROWS["period"] == 6], {}, "one period only"),
    "always treated": (
        ROWS[ROWS["first"].isin([0, 4])].assign(first=lambda table: table["first"].replace(4, 1)),
        {},
        "no period before treatment",
    ),
    "flat": (ROWS.assign(y=3.0), {}, "the outcome is the same in every row"),
    "one treated row": (
        pd.concat([ROWS[ROWS["first"] == 0], ROWS[ROWS["first"] == 6].tail(1)]),
        {},
        "only one row is treated",
    ),
    "one treated cluster": (
        ROWS.assign(c=ROWS["unit"].where(ROWS["first"] == 0, 999)),
        {"columns": {"cluster": "c"}},
        "all treated rows are in one cluster",
    ),
    "one cluster": (ROWS.assign(c=1), {"columns": {"cluster": "c"}}, "are in one cluster"),
    "no row after adoption": (
        without(ROWS[ROWS["first"].isin([0, 7])], 7, 7, 8),
        {},
        "no row of the cohort is seen in the period",
    ),
    "no row before adoption": (
        without(ROWS[ROWS["first"].isin([0, 7])], 7, 6),
        {},
        "no row of the cohort is seen in the base period",
    ),
    "nobody to compare with afterwards": (
        without(ROWS[ROWS["first"].isin([0, 7])], 0, 7, 8),
        {},
        "no row of the comparison is seen in the period",
    ),
    "constant covariate": (ROWS.assign(c=1.0), {"covariates": ["c"]}, "the covariates do not vary freely"),
    "covariate twice": (
        ROWS.assign(d=3 * ROWS["x"]),
        {"covariates": ["x", "d"], "options": {"estimation": "reg"}},
        "the covariates do not vary freely",
    ),
    "separated": (
        ROWS.assign(d=(ROWS["first"] > 0) + 0.01 * ROWS["x"]),
        {"covariates": ["d"], "options": {"estimation": "ipw"}},
        "the covariates separate the cohort from its controls",
    ),
    "redrawn": (ROWS, {"covariance": "randomisation"}, "starting dates cannot be redrawn over rows"),
}


@pytest.mark.parametrize(("frame", "changes", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_with_its_reason(frame: pd.DataFrame, changes: dict[str, Any], words: str) -> None:
    assert words in rows.refused(frame, **changes)


@pytest.mark.parametrize(
    ("missing", "cell", "words"),
    [
        ((6, 7), "g=6,t=7", "no row of the cohort is seen in the period"),
        ((0, 7), "g=6,t=7", "no row of the comparison is seen in the period"),
        ((0, 3), "g=4,t=5", "no row of the comparison is seen in the base period"),
    ],
)
@pytest.mark.parametrize("covariates", [[], ["x"]])
def test_a_cell_without_rows_is_left_out_with_its_reason(
    missing: tuple[int, int], cell: str, words: str, covariates: list[str]
) -> None:
    found = rows.made(without(ROWS, *missing), options=ONE, covariates=covariates)
    term = next(term for term in found["terms"] if term["term"] == cell)
    assert (term["estimate"], term["std_error"], term["reason"]) == (None, None, words)
    assert any(words in warning and "left out" in warning for warning in found["warnings"])
    assert all(np.isfinite(term["estimate"]) for term in found["terms"] if "reason" not in term)


def test_a_cohort_without_some_rows_still_counts_where_it_has_them() -> None:
    """Whoever of the comparison is seen in a period stands for it."""
    frame = without(ROWS, 7, 5)
    terms = panels.terms(rows.made(frame, options=ONE | {"control_group": "not_yet_treated"}))
    controls = frame[frame["first"].isin([0, 6, 7])].groupby("period")["y"].mean()
    cohort = frame[frame["first"] == 4].groupby("period")["y"].mean()
    assert terms["g=4,t=5"][0] == pytest.approx(cohort[5] - cohort[3] - controls[5] + controls[3])


def test_always_treated_rows_are_left_out_and_counted() -> None:
    frame = ROWS.assign(first=ROWS["first"].replace(4, 1))
    document = stats.run(panels.plan(rows.CS, columns=rows.NO_UNIT), frame).document()
    assert document["data"]["rows_dropped"] == [
        {
            "reason": "the row's cohort is treated from the first period on, so it has no period before treatment",
            "count": 96,
        }
    ]
    expected = rows.made(ROWS[ROWS["first"] != 4])
    assert document["estimates"][0]["estimate"] == expected["estimate"]


def test_rows_seen_when_nobody_waits_are_left_out_and_counted() -> None:
    """R did: they have a say neither in effects nor in cohorts' shares (csdid 0.4.3)."""
    frame = ROWS[ROWS["first"] > 0]
    document = stats.run(panels.plan(rows.CS, columns=rows.NO_UNIT, **NOT_YET), frame).document()
    found = document["estimates"][0]
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (0.268281144781, 0.335690031986), abs=1e-11
    )
    assert found["n_obs"] == int((frame["period"] < 7).sum())
    assert document["data"]["rows_dropped"] == [
        {
            "reason": "nobody is still untreated in the period, so there is nobody to compare with",
            "count": int((frame["period"] >= 7).sum()),
        }
    ]
    assert any("the last cohort (first treated in 7)" in warning for warning in found["warnings"])


def test_rows_that_are_not_followed_are_said_to_be() -> None:
    document = stats.run(panels.plan(rows.CS, columns=rows.NO_UNIT), ROWS).document()
    assert document["provenance"]["ssc"]["H1"]["rows"] == "not followed over time"
    alone, clustered = rows.made(ROWS), rows.made(ROWS, columns={"cluster": "cluster"})
    for found in (alone, clustered):
        assert any("rows are not followed over time" in warning for warning in found["warnings"])
    told = [any("name them as 'cluster'" in w for w in found["warnings"]) for found in (alone, clustered)]
    assert told == [True, False]


def test_few_rows_of_a_cohort_in_a_period_are_said() -> None:
    thin = ROWS[(ROWS["first"] != 6) | (ROWS["period"] != 7) | (ROWS["unit"] < 16)]
    assert any("1 of 3 treated cohorts have fewer than 5 rows" in w for w in rows.made(thin)["warnings"])
    assert not any("fewer than 5 rows" in w for w in rows.made(ROWS)["warnings"])


def test_too_many_rows_to_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callaway_santanna_data, "MOST_MULTIPLIED", 100)
    assert "'analytic' draws the same band" in rows.refused(ROWS, covariance="multiplier_bootstrap")
    assert (
        rows.made(ROWS, covariance="multiplier_bootstrap", columns={"cluster": "cluster"})["n_clusters"] == 12
    )


def test_other_estimators_still_need_a_unit() -> None:
    for estimator in ("twfe", "sun_abraham", "roth_santanna"):
        with pytest.raises(BadPlan, match="needs a column for 'unit'"):
            panels.row(ROWS, estimator, columns=rows.NO_UNIT)


def test_the_weight_of_a_row_must_be_above_zero() -> None:
    with pytest.raises(BadData, match="The weight must be above 0"):
        rows.made(ROWS.assign(w=-1.0), columns={"weight": "w"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": 7}, "a unit changes its period of first treatment"),
        ({"cluster": 99}, "a unit changes its cluster"),
        ({"period": 2}, "a unit is seen twice in one period"),
    ],
)
def test_the_function_refuses_units_that_are_not_one_thing(change: dict[str, int], words: str) -> None:
    frame = ROWS[ROWS["first"] > 0].copy()
    unit = frame["unit"].iloc[0]
    place = frame.index[(frame["unit"] == unit) & (frame["period"] > 2)][0]
    frame.loc[place, list(change)] = list(change.values())
    frame = pd.concat([frame, ROWS[ROWS["first"] == 0]])
    with pytest.raises(NotEstimable, match=words):
        rows.effects(frame, unit=frame["unit"].to_numpy(), cluster=frame["cluster"].to_numpy())


CHECKS = ("pre_trends", "bacon", "honest_did", "placebo", "displacement", "leave_one_out")
LONG = ROWS[ROWS["first"].isin([0, 6])].assign(y_buffer=lambda table: table["y"] / 2)


@pytest.mark.parametrize("columns", [{}, {"cluster": "unit"}])
@pytest.mark.parametrize("aggregation", ["dynamic", "simple"])
def test_every_check_says_something_of_rows(columns: dict[str, str], aggregation: str) -> None:
    plan = panels.plan(
        rows.CS, columns=rows.NO_UNIT | columns, options={"aggregation": aggregation}, checks=CHECKS
    )
    plan["estimates"].append(plan["estimates"][0] | {"id": "B1", "role": "secondary", "outcome": "y_buffer"})
    checks = stats.run(plan, LONG).document()["checks"]
    assert list(checks) == list(CHECKS)
    for name in ("pre_trends", "honest_did", "placebo", "leave_one_out"):
        assert checks[name]["verdict"] in ("ok", "red"), checks[name]["explanation"]
    assert checks["pre_trends"]["p_value"] is not None
    assert {row["kind"]: row.get("p_value") is not None for row in checks["placebo"]["rows"]} == {
        "time": True,
        "space": True,
    }
    assert checks["bacon"]["verdict"] == "not_estimable"
    assert "rows are not followed over time" in checks["bacon"]["explanation"]
    assert "counts do not add up to those of an area" in checks["displacement"]["explanation"]


def test_too_many_rows_to_leave_out_one_by_one_are_told_to_name_a_cluster() -> None:
    many = pd.concat([ROWS, ROWS])
    found = stats.run(panels.plan(rows.CS, columns=rows.NO_UNIT, checks=("leave_one_out",)), many).document()
    check = found["checks"]["leave_one_out"]
    assert check["verdict"] == "not_estimable"
    assert "name a higher level" in check["explanation"]
