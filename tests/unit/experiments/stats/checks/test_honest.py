"""Sensitivity to departures from parallel trends: published values, invariances, breakdown, refusals."""

import math
from typing import Any

import numpy as np
import pytest

from experiments.stats.checks.honest import honest_did
from experiments.stats.errors import NotEstimable
from tests.unit.experiments.stats.checks.sensitivities import (
    BOTH,
    STEP,
    E,
    FloatArray,
    V,
    bounded,
    drawn,
    ends,
)


def test_smoothness_of_vector_e() -> None:
    found = honest_did(E, V, 4, 3, method="smoothness", m=[0, 0.005, 0.02])
    known = [(0.01726, 0.09994), (0.01024, 0.10782), (-0.00491, 0.13783)]
    assert bounded(found) == pytest.approx(np.array(known), abs=1e-5)
    assert [row.m for row in found.rows] == [0, 0.005, 0.02]
    assert found.breakdown is not None
    assert 0.005 < found.breakdown < 0.02


def test_relative_magnitude_of_vector_e() -> None:
    """Rule 9 has the last line, where a plug-in interval would be [−0.033, 0.153]."""
    found = honest_did(E, V, 4, 3, m=[0.5, 1, 2])
    known = [(0.008, 0.112), (-0.016, 0.136), (-0.073, 0.193)]
    assert bounded(found) == pytest.approx(np.array(known), abs=STEP + 0.0005)
    assert found.breakdown is not None
    assert 0.5 < found.breakdown < 1


def test_the_usual_interval_stands_beside() -> None:
    found = honest_did(E, V, 4, 3, weights=[0.5, 0.5, 0], alpha=0.1, m=[0])
    half = 1.6448536269514722 * 0.02 * math.sqrt(0.7)
    assert found.original == pytest.approx((0.0675 - half, 0.0675 + half), rel=1e-12)
    # With no departure allowed the hybrid test is the usual one, but for the grid and its draws.
    step = 40 * 0.02 * math.sqrt(0.7) / 999
    assert bounded(found)[0] == pytest.approx(found.original, abs=1.2 * step)


@pytest.mark.parametrize("method", BOTH)
def test_what_is_taken_where_nothing_is_said(method: Any) -> None:
    unit = 1.0 if method == "relative_magnitude" else 0.02
    named = honest_did(E, V, 4, 3, method=method, m=unit * np.array([0, 0.5, 1, 1.5, 2]), weights=[1, 0, 0])
    assert bounded(honest_did(E, V, 4, 3, method=method)) == pytest.approx(bounded(named), rel=1e-9)


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("factor", [8.0, 0.37, -1.0, -1e4])
def test_scaled_and_turned_estimates_scale_and_turn_the_interval(method: Any, factor: float) -> None:
    estimate, covariance = drawn(11, 7)
    size = abs(factor) if method == "smoothness" else 1.0
    m = np.array([0, 0.03, 0.2]) if method == "smoothness" else np.array([0, 0.5, 1.3])
    plain = honest_did(estimate, covariance, 4, 3, method=method, m=m, weights=[1, 1, 1])
    moved = honest_did(
        factor * estimate, factor**2 * covariance, 4, 3, method=method, m=m * size, weights=[1, 1, 1]
    )
    expected = factor * bounded(plain)
    assert bounded(moved) == pytest.approx(expected if factor > 0 else expected[:, ::-1], rel=1e-6)
    assert plain.breakdown is not None
    assert moved.breakdown == pytest.approx(size * plain.breakdown, rel=2e-3)


@pytest.mark.parametrize("method", BOTH)
def test_a_second_run_gives_the_same_bytes(method: Any) -> None:
    assert repr(honest_did(E, V, 4, 3, method=method)) == repr(
        honest_did(E.copy(), V.copy(), 4, 3, method=method)
    )


@pytest.mark.parametrize("steepness", [0.3, -7.0])
def test_a_straight_drift_moves_nothing_under_smoothness(steepness: float) -> None:
    drift = steepness * np.array([-4, -3, -2, -1, 1, 2, 3])
    moved = honest_did(E + drift, V, 4, 3, method="smoothness", m=[0, 0.01])
    assert bounded(moved) == pytest.approx(bounded(honest_did(E, V, 4, 3, method="smoothness", m=[0, 0.01])))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("method", BOTH)
def test_intervals_grow_with_m(method: Any, seed: int) -> None:
    estimate, covariance = drawn(20 + seed, 7)
    found = bounded(honest_did(estimate, covariance, 4, 3, method=method))
    width = found[:, 1] - found[:, 0]
    assert (np.diff(width) > 0).all()
    if method == "relative_magnitude":
        assert (np.diff(found[:, 0]) <= 0).all()
        assert (np.diff(found[:, 1]) >= 0).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", BOTH)
def test_the_breakdown_is_where_0_comes_in(method: Any, seed: int) -> None:
    estimate, covariance = drawn(40 + seed, 7)
    estimate[4:] += (-1) ** seed
    b = honest_did(estimate, covariance, 4, 3, method=method).breakdown
    assert b is not None
    before, at = bounded(honest_did(estimate, covariance, 4, 3, method=method, m=[0.998 * b, b]))
    assert b > 0
    assert before[0] * before[1] > 0
    assert at[0] <= 0 <= at[1]


@pytest.mark.parametrize("method", BOTH)
def test_breakdown_is_0_where_nothing_was_found_to_begin_with(method: Any) -> None:
    found = honest_did(0 * E, V, 4, 3, method=method, m=[1])
    assert (found.breakdown, found.breakdown_beyond) == (0.0, None)


@pytest.mark.parametrize(("m", "beyond"), [([1], 64.0), ([1, 200], 200.0)])
def test_a_breakdown_that_was_not_found_says_how_far_it_was_looked_for(m: list[float], beyond: float) -> None:
    found = honest_did(np.array([0, 0, 1e6]), np.eye(3), 2, 1, m=m)
    assert (found.breakdown, found.breakdown_beyond) == (None, beyond)


def test_an_end_beyond_the_grid_is_none_and_the_breakdown_stands() -> None:
    """An effect of 30 and a change of 100 before it, in standard errors: they meet near 0.3."""
    found = honest_did(np.array([100.0, 30.0]), np.eye(2), 1, 1, m=[0, 1])
    assert ends(found)[1] == (None, None)
    assert found.rows[0].conf_low == pytest.approx(30 - 1.96, abs=0.05)
    assert found.breakdown is not None
    assert 0.27 < found.breakdown < 0.3


LOPSIDED = V + np.triu(np.full((7, 7), 0.0001), 1)


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize(
    ("estimate", "covariance", "n_pre", "n_post", "words"),
    [
        (E[4:], V[4:, 4:], 0, 3, "no period before adoption"),
        (E[:4], V[:4, :4], 4, 0, "no period after adoption"),
        (np.where(E == 0.004, np.nan, E), V, 4, 3, "could not be estimated"),
        (E, np.where(np.eye(7) == 1, np.inf, V), 4, 3, "could not be estimated"),
        (E, V - 0.0004 * np.eye(7), 4, 3, "negative variance"),
        (E, -V, 4, 3, "negative variance"),
        (E, LOPSIDED, 4, 3, "not symmetric"),
        (E, np.diag([1.0, 1, 1, 1, 0, 1, 1]), 4, 3, "no sampling error"),
        (E, 0 * V, 4, 3, "no sampling error"),
    ],
)
def test_what_it_cannot_answer(
    method: Any, estimate: FloatArray, covariance: FloatArray, n_pre: int, n_post: int, words: str
) -> None:
    with pytest.raises(NotEstimable, match=words):
        honest_did(estimate, covariance, n_pre, n_post, method=method)


def test_effects_that_follow_from_one_another_are_refused() -> None:
    with pytest.raises(NotEstimable, match="leave no sampling error"):
        honest_did(E, np.ones((7, 7)), 4, 3, method="smoothness")
    with pytest.raises(NotEstimable, match="a change from one period to the next"):
        honest_did(E, np.ones((7, 7)), 4, 3, m=[0])


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": 1.0}, "alpha"),
        ({"m": [0.5, -0.1]}, "none below 0"),
        ({"m": [math.nan]}, "none below 0"),
        ({"m": []}, "none below 0"),
        ({"weights": [1, 0]}, "3 finite numbers"),
        ({"weights": [0, 0, 0]}, "all be 0"),
        ({"weights": [1, math.inf, 0]}, "3 finite numbers"),
        ({"estimate": E[1:]}, "need 7 estimates"),
        ({"covariance": V[1:]}, "need 7 estimates"),
        ({"covariance": np.diag(V)}, "need 7 estimates"),
        ({"method": "smooth"}, "unknown method"),
    ],
)
def test_arguments_that_make_no_sense(method: Any, changes: dict[str, Any], words: str) -> None:
    arguments = {"estimate": E, "covariance": V, "n_pre": 4, "n_post": 3, "method": method, **changes}
    with pytest.raises(ValueError, match=words):
        honest_did(**arguments)


@pytest.mark.parametrize("method", BOTH)
def test_one_period_before_and_one_after_are_enough(method: Any) -> None:
    """The only estimator without drift adds the lead: (0.05 + 0.01) ± 1.96·√2·0.02 where nothing bends."""
    found = bounded(honest_did([0.01, 0.05], 0.0004 * np.eye(2), 1, 1, method=method, m=[0, 1]))
    if method == "smoothness":
        half = 1.959963984540054 * math.sqrt(2) * 0.02
        assert found[0] == pytest.approx([0.06 - half, 0.06 + half], abs=1e-12)
    assert found[1, 0] < found[0, 0]
    assert found[0, 1] < found[1, 1]
