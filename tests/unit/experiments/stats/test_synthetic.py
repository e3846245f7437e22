"""Synthetic control and synthetic difference in differences: known values, the optimum, placebos, refusals."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from experiments.stats.draws import standard_normals, stream, uniforms
from experiments.stats.estimators.synthetic_control import synthetic_control
from experiments.stats.estimators.synthetic_did import synthetic_did
from experiments.stats.regression.simplex import simplex_weights
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, row, terms

PANEL = vectors.panel()
BLOCK = PANEL[PANEL["first"].isin([0, 6])]


def factors(seed: int, *, controls: int = 24, periods: int = 30, effect: float = 0.0) -> pd.DataFrame:
    """Return a two-factor model with one treated unit whose loadings lie in the middle of the others'."""
    bits = stream(seed, "factors", "panel")
    paths = np.cumsum(standard_normals(bits, (2, periods)), axis=1)
    loadings = uniforms(bits, (controls + 1, 2))
    y = loadings @ paths + standard_normals(bits, (controls + 1, periods))
    first = np.where(np.arange(controls + 1) == 0, 21, 0)
    y[0, 20:] += effect
    return pd.DataFrame(
        {
            "unit": np.repeat([f"area {i:02}" for i in range(controls + 1)], periods),
            "period": np.tile(np.arange(1, periods + 1), controls + 1),
            "first": np.repeat(first, periods),
            "y": y.ravel(),
        }
    )


def test_weights_on_the_simplex_are_those_of_a_general_optimiser() -> None:
    bits = stream(1, "simplex", "problems")
    for size, rows in ((2, 3), (6, 4), (12, 20), (30, 8)):
        a, b = standard_normals(bits, (rows, size)), standard_normals(bits, (rows,))
        found = simplex_weights(a.T @ a, a.T @ b)
        peer = optimize.minimize(
            lambda w, a=a, b=b: float(((a @ w - b) ** 2).sum()),
            np.full(size, 1 / size),
            bounds=[(0, 1)] * size,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 2_000},
        )
        assert found.min() >= 0
        assert found.sum() == pytest.approx(1, abs=1e-12)
        assert float(((a @ found - b) ** 2).sum()) <= float(peer.fun) + 1e-6
        # No weight could be moved to another with gain.
        gradient = a.T @ (a @ found - b)
        assert gradient.min() >= float(found @ gradient) - 1e-5
        again = simplex_weights(a.T @ a, a.T @ b, start=np.full(size, 1.0))
        assert again == pytest.approx(found, abs=1e-5)


def test_of_equal_fits_the_smallest_weights_are_taken() -> None:
    twins = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    found = simplex_weights(twins.T @ twins, twins.T @ np.array([0.5, 0.5]))
    assert found == pytest.approx([0.25, 0.25, 0.5], abs=1e-6)


def test_vector_a_synthetic_did() -> None:
    """diff-diff SyntheticDiD at the exact optimum; the weights of the periods and the penalty too."""
    found = made(BLOCK, "synthetic_did", covariance="jackknife")
    assert found["estimate"] == pytest.approx(0.61128, abs=6e-6)
    assert any("6 controls for 5 periods before" in said for said in found["warnings"])
    shown = terms(found)
    assert shown["time_weight=1"][0] == pytest.approx(0.51163, abs=6e-6)
    assert shown["time_weight=3"][0] == pytest.approx(0.48837, abs=6e-6)
    assert "time_weight=2" not in shown
    wide = BLOCK.pivot(index="unit", columns="period", values="y").to_numpy()
    treated = BLOCK.groupby("unit")["first"].first().to_numpy() > 0
    direct = synthetic_did(wide, treated, np.arange(1, 9) >= 6, inference="jackknife")
    assert direct.penalty == pytest.approx(1.6654201, abs=6e-8)
    by_hand = []
    for out in range(12):
        kept = np.delete(np.arange(12), out)
        unit = direct.unit_weights[[i for i, j in enumerate(np.flatnonzero(~treated)) if j != out]]
        gain = wide[:, 5:].mean(axis=1) - wide[:, :5] @ direct.time_weights
        own = gain[[k for k in kept if treated[k]]].mean()
        by_hand.append(own - gain[[k for k in kept if not treated[k]]] @ unit / unit.sum())
    spread = np.array(by_hand) - np.mean(by_hand)
    assert direct.std_error == pytest.approx(math.sqrt(11 / 12 * (spread**2).sum()), rel=1e-10)


def test_an_exact_mixture_is_found_and_leaves_the_effect() -> None:
    bits = stream(3, "mixture", "panel")
    y = standard_normals(bits, (8, 20))
    y[0] = 0.3 * y[2] + 0.7 * y[5]
    y[0, 12:] += 2.0
    found = synthetic_control(y, np.arange(8) == 0, np.arange(20) >= 12)
    assert found.weights == pytest.approx([0, 0.3, 0, 0, 0.7, 0, 0], abs=1e-5)
    assert found.estimate == pytest.approx(2.0, abs=1e-5)


def test_the_p_value_ranks_the_ratio_and_the_interval_inverts_it() -> None:
    frame = factors(2, effect=3.0)
    found = made(frame, "synthetic_control")
    wide = frame.pivot(index="unit", columns="period", values="y").to_numpy()
    post = np.arange(1, 31) >= 21
    direct = synthetic_control(wide, np.arange(25) == 0, post)
    assert found["p_value"] == (1 + int((direct.placebo_ratios >= direct.ratio).sum())) / 25
    assert found["std_error"] is found["df"] is None
    for end, inwards in ((found["conf_low"], 1), (found["conf_high"], -1)):
        for step, is_inside in ((1e-6, True), (-1e-6, False)):
            moved = wide.copy()
            moved[0, post] -= end + inwards * step
            p = synthetic_control(moved, np.arange(25) == 0, post).p_value
            assert p is not None
            assert (p > 0.05) == is_inside


def test_terms_hold_what_a_reader_needs_to_draw_it() -> None:
    found = terms(made(factors(2, effect=3.0), "synthetic_control"))
    assert found["event_time=0"][0] == pytest.approx(found["treated,t=21"][0] - found["synthetic,t=21"][0])
    weights = [value for name, (value, _) in found.items() if name.startswith("weight=")]
    assert sum(weights) == pytest.approx(1, abs=1e-4)
    assert sum(name.startswith("placebo=24,") for name in found) == 30


@pytest.mark.parametrize("estimator", ["synthetic_control", "synthetic_did"])
def test_order_shift_and_scale(estimator: str) -> None:
    frame = factors(5, effect=1.0)
    one = made(frame, estimator)
    moved = frame.assign(y=8 - 3 * frame["y"] + 2 * frame["period"]).sample(frac=1, random_state=2)
    other = made(moved, estimator)
    assert other["estimate"] == pytest.approx(-3 * one["estimate"], rel=1e-4)
    assert other["p_value"] == pytest.approx(one["p_value"], rel=1e-3)
    assert other["conf_low"] == pytest.approx(-3 * one["conf_high"], rel=1e-3)


def test_two_periods_weights_aside_it_is_the_change_of_changes() -> None:
    """Controls that are alike but for their level get equal weights, and so do periods: plain DiD."""
    y = np.add.outer(np.arange(6.0), np.array([0.0, 0.0, 1.0, 1.0])) + np.tile([0.1, -0.1, 0.0, 0.0], (6, 1))
    y[0] += np.array([0.0, 0.0, 2.0, 2.0])
    y[1:, 1] += 1e-3 * np.array([1, -1, 1, -1, 0])
    found = synthetic_did(y, np.arange(6) == 0, np.arange(4) >= 2, reps=99)
    assert found.estimate == pytest.approx(2.0, abs=5e-3)


@pytest.mark.slow
def test_intervals_cover_where_a_plain_comparison_is_biased() -> None:
    """A two-factor model with treated loadings off the middle of the controls'; exact coverage is in coverage/."""
    estimates, plain, covered, count = [], [], 0, 200
    trend = 3 * np.sin(np.arange(40) / 6) + np.arange(40) / 8
    post = np.arange(40) >= 30
    treated = np.arange(46) < 6
    for seed in range(count):
        bits = stream(seed, "off centre", "panel")
        loadings = uniforms(bits, (46,)) + 0.3 * treated
        y = np.outer(loadings, trend) + standard_normals(bits, (46, 40))
        y[np.ix_(treated, post)] += 0.5
        found = synthetic_did(y, treated, post, reps=49, seed=seed)
        covered += abs(found.estimate - 0.5) < 1.96 * found.std_error
        estimates.append(found.estimate)
        change = y[:, post].mean(axis=1) - y[:, ~post].mean(axis=1)
        plain.append(change[treated].mean() - change[~treated].mean())
    bias, plain_bias = abs(np.mean(estimates) - 0.5), abs(np.mean(plain) - 0.5)
    assert bias < plain_bias / 3
    assert covered / count > 0.90


@pytest.mark.parametrize(
    ("frame", "estimator", "changes", "words"),
    [
        (PANEL, "synthetic_control", {}, "3 different dates"),
        (BLOCK[BLOCK["period"] > 3], "synthetic_control", {}, "too few to weigh controls by"),
        (BLOCK.query("unit in (0, 4, 8, 12, 2)"), "synthetic_control", {}, "4 units are never treated"),
        (BLOCK[BLOCK["first"] == 0], "synthetic_control", {}, "no unit is treated"),
        (BLOCK.assign(y=1.0), "synthetic_control", {}, "same in every row"),
        (BLOCK.assign(w=1.0), "synthetic_control", {"columns": {"weight": "w"}}, "takes no weights"),
        (BLOCK, "synthetic_control", {"alternative": "less"}, "two-sided"),
        (BLOCK, "synthetic_did", {}, "6 and 6; use the covariance 'jackknife'"),
        (
            BLOCK.query("unit in (0, 4, 8, 12, 2)"),
            "synthetic_did",
            {"covariance": "jackknife"},
            "only treated unit",
        ),
        (BLOCK.query("unit in (0, 2, 6)"), "synthetic_did", {"covariance": "jackknife"}, "at least two"),
        (BLOCK[BLOCK["period"] >= 5], "synthetic_did", {}, "at least two periods before"),
        (PANEL, "synthetic_did", {}, "3 different dates"),
    ],
)
def test_what_they_refuse(frame: pd.DataFrame, estimator: str, changes: dict[str, Any], words: str) -> None:
    found = row(frame, estimator, **changes)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
    assert found["estimate"] is found["p_value"] is None


def test_a_level_that_no_rank_can_reach_has_no_p_value() -> None:
    found = made(BLOCK, "synthetic_control")
    assert found["p_value"] is found["conf_low"] is None
    assert found["estimate"] is not None
    assert "none below 1/7 is possible" in found["warnings"][0]
