"""Imputation: known values, the two regressions that it is, and what it refuses."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from experiments import stats
from experiments.stats import imputation
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan, row, terms

PANEL = vectors.panel()


@pytest.mark.parametrize(
    ("columns", "std_error"),
    [({}, 0.1683063043), ({"cluster": "cluster"}, 0.1718292402)],
    ids=["unit", "cluster"],
)
def test_vector_a(columns: dict[str, str], std_error: float) -> None:
    """diff-diff ImputationDiD."""
    found = made(PANEL, "imputation", columns=columns)
    assert (found["estimate"], found["std_error"]) == pytest.approx((0.2345037037, std_error), abs=6e-11)


def dummies(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(
        [
            pd.get_dummies(frame["unit"], prefix="u", dtype=float),
            pd.get_dummies(frame["period"], prefix="t", drop_first=True, dtype=float),
        ],
        axis=1,
    )


def test_effects_are_what_a_regression_on_untreated_rows_leaves() -> None:
    treated = PANEL["treated"] > 0
    design = dummies(PANEL)
    fit = sm.OLS(PANEL["y"][~treated], design[~treated]).fit()
    gap = PANEL["y"] - design @ fit.params
    since = PANEL["period"] - PANEL["first"]
    found = terms(made(PANEL, "imputation"))
    for e in sorted(set(since[treated])):
        expected = gap[treated & (since == e)].mean()
        assert found[f"event_time={e}"][0] == pytest.approx(expected, rel=1e-9)


def written_out(frame: pd.DataFrame) -> tuple[float, float]:
    """Return estimate and error from the weights of every row by the regression's own algebra, row by row."""
    treated = (frame["treated"] > 0).to_numpy()
    design, y = dummies(frame).to_numpy(), frame["y"].to_numpy()
    w = treated / treated.sum()
    untreated = design[~treated]
    v = w.copy()
    v[~treated] = -untreated @ np.linalg.pinv(untreated.T @ untreated) @ design[treated].T @ w[treated]
    gap = y - design @ np.linalg.lstsq(untreated, y[~treated], rcond=None)[0]
    residual = pd.Series(gap, index=frame.index)
    cell = residual[treated].groupby([frame["first"][treated], frame["period"][treated]]).transform("mean")
    residual.loc[treated] = residual[treated] - cell
    sums = (v * residual).groupby(frame["unit"]).sum()
    return float(v @ y), math.sqrt((sums**2).sum())


def test_the_implied_weights_and_the_conservative_variance_written_out() -> None:
    found = made(PANEL, "imputation")
    estimate, error = written_out(PANEL)
    assert found["estimate"] == pytest.approx(estimate, rel=1e-10)
    assert found["std_error"] == pytest.approx(error, rel=1e-10)


def test_two_groups_and_two_periods_are_the_change_of_changes() -> None:
    frame = PANEL[PANEL["first"].isin([0, 6]) & PANEL["period"].isin([5, 6])]
    expected = made(frame, "two_by_two")["estimate"]
    assert made(frame, "imputation")["estimate"] == pytest.approx(expected, rel=1e-10)


def test_weights_of_two_are_units_twice() -> None:
    frame = PANEL.assign(w=1.0 + (PANEL["unit"] < 8))
    twins = pd.concat([frame, frame[frame["unit"] < 8].assign(unit=lambda rows: rows["unit"] + 100)])
    weighted = made(frame, "imputation", columns={"weight": "w"})
    assert weighted["estimate"] == pytest.approx(made(twins, "imputation")["estimate"], rel=1e-10)


def test_periods_without_an_untreated_unit_are_left_out_and_counted() -> None:
    frame = PANEL[PANEL["first"] > 0]
    document = stats.run(plan("imputation", covariance="analytic"), frame).document()
    found = document["estimates"][0]
    shorter = made(frame[frame["period"] < 7], "imputation", covariance="analytic")
    assert found["estimate"] == pytest.approx(shorter["estimate"], rel=1e-10)
    (lost,) = document["data"]["rows_dropped"]
    assert (lost["count"], found["n_obs"]) == (36, len(frame) - 36)
    assert lost["reason"].startswith("treated in a period without an untreated unit")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (PANEL[PANEL["first"] == 6], "nothing can be imputed"),
        (PANEL[PANEL["first"] == 0], "no unit is treated"),
        (PANEL[(PANEL["first"] == 0) | (PANEL["unit"] == 1)], "only one unit is treated"),
        (PANEL.assign(first=PANEL["first"].where(PANEL["first"] == 0, 1)), "no period before treatment"),
        (PANEL[PANEL["period"] == 6], "one period only"),
        (PANEL.assign(y=1.0), "standard error is zero"),
    ],
    ids=["one date", "nobody treated", "one treated unit", "no period before", "one period", "flat"],
)
def test_what_it_refuses(frame: pd.DataFrame, words: str) -> None:
    found = row(frame, "imputation")
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
    assert found["estimate"] is found["p_value"] is None


def test_the_loading_of_cohorts_means_is_the_estimate() -> None:
    outcome = PANEL["y"].to_numpy().reshape(24, 8)
    first = np.where(PANEL["first"] == 0, np.inf, PANEL["first"]).reshape(24, 8)[:, 0]
    found = imputation(outcome, first, np.arange(1.0, 9))
    means = np.array([outcome[first == date].mean(axis=0) for date in np.unique(first)])
    assert found.loading is not None
    assert (found.loading * means).sum() == pytest.approx(found.overall, rel=1e-10)
    assert np.abs(found.loading.sum(axis=0)).max() < 1e-12
    assert np.abs(found.loading.sum(axis=1)).max() < 1e-12


GAPS = PANEL.drop(index=PANEL.index[[3, 17, 40, 41, 77, 100, 101, 102, 150]])


def test_gaps_are_what_the_regression_and_its_weights_make_of_them() -> None:
    """Nine rows missing: the same two regressions, written out."""
    estimate, error = written_out(GAPS)
    found = made(GAPS, "imputation", covariance="analytic")
    assert found["estimate"] == pytest.approx(estimate, rel=1e-10)
    assert found["std_error"] == pytest.approx(error, rel=1e-9)
    assert found["n_obs"] == len(GAPS)


def test_a_unit_first_seen_after_adoption_is_left_out_and_counted() -> None:
    frame = PANEL[(PANEL["unit"] != 1) | (PANEL["period"] >= 4)]
    document = stats.run(plan("imputation"), frame).document()
    assert document["data"]["rows_dropped"] == [
        {"reason": "the unit is not seen before it is treated", "count": 5}
    ]


def test_untreated_rows_in_two_parts_are_refused() -> None:
    early = PANEL[(PANEL["unit"] % 4 != 0) & (PANEL["period"] < 5)].assign(
        first=lambda rows: rows["first"].replace({4: 4, 6: 0, 7: 0})
    )
    late = PANEL[(PANEL["unit"] % 4 == 0) & (PANEL["period"] >= 5)]
    found = row(pd.concat([early, late]), "imputation", covariance="analytic")
    assert "the rows before treatment fall into 2 parts" in found["reason"]
