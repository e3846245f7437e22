"""Balance: the omnibus test by full enumeration, its chi-square, invariances, its size, and refusals."""

from itertools import combinations

import numpy as np
import pytest
import scipy.stats

from experiments.stats.checks.balance import balance
from experiments.stats.errors import NotEstimable
from tests.reference import vectors
from tests.unit.experiments.stats.trials import document

RNG = np.random.default_rng(9)
X = RNG.normal(size=(12, 2))
Z = np.array([0.0, 1.0] * 6)


def distance(z: np.ndarray, x: np.ndarray) -> float:
    """Return d² from the covariance of the total over all draws, written out."""
    totals = np.array([x[list(chosen)].sum(axis=0) for chosen in combinations(range(12), 6)])
    centred = totals - totals.mean(axis=0)
    delta = x[z > 0].sum(axis=0) - totals.mean(axis=0)
    return float(delta @ np.linalg.solve(centred.T @ centred / len(totals), delta))


def test_every_allocation_is_counted_where_they_are_few() -> None:
    found = balance(X, Z)
    every = [
        distance(np.isin(np.arange(12), chosen).astype(float), X) for chosen in combinations(range(12), 6)
    ]
    assert found.statistic == pytest.approx(distance(Z, X), rel=1e-9)
    assert found.p_value == pytest.approx(np.mean(np.array(every) >= found.statistic * (1 - 1e-9)), abs=1e-12)
    assert (found.df, found.n_draws) == (2, 924)


def test_standardised_differences_by_hand() -> None:
    one, other = X[Z > 0], X[Z == 0]
    spread = np.sqrt((one.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)) / 2)
    expected = (one.mean(axis=0) - other.mean(axis=0)) / spread
    assert balance(X, Z).differences == pytest.approx(expected, rel=1e-12)


def test_many_units_use_the_chi_square() -> None:
    x, z = RNG.normal(size=(4_000, 3)), np.array([0.0, 1.0] * 2_000)
    found = balance(x, z)
    assert found.n_draws == 0
    assert found.p_value == pytest.approx(scipy.stats.chi2.sf(found.statistic, 3), rel=1e-10)


def test_invariances() -> None:
    found, order = balance(X, Z), RNG.permutation(12)
    for other in (balance(X[order], Z[order]), balance(3 * X - 5, Z), balance(X[:, ::-1], Z)):
        assert other.statistic == pytest.approx(found.statistic, rel=1e-9)
        assert other.p_value == found.p_value
    assert balance(X, 1 - Z).differences == pytest.approx(-found.differences, rel=1e-12)


def test_redraws_are_the_same_every_time() -> None:
    x, z = RNG.normal(size=(60, 2)), np.array([0.0, 1.0] * 30)
    assert balance(x, z, seed=3).p_value == balance(x, z, seed=3).p_value
    assert balance(x, z, seed=3).n_draws == 1_999


@pytest.mark.slow
def test_a_fair_draw_is_called_unbalanced_as_often_as_it_says() -> None:
    rejected = 0
    for _ in range(400):
        z = RNG.permutation(Z)
        rejected += balance(X, z).p_value <= 0.05
    assert abs(rejected / 400 - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400)


@pytest.mark.parametrize(
    ("x", "z", "words"),
    [
        (np.ones((12, 1)), Z, "no covariate varies"),
        (X, np.eye(12)[0], "at least two units in each arm"),
    ],
)
def test_refusals(x: np.ndarray, z: np.ndarray, words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        balance(x, z)


def test_a_plan_without_covariates_says_that_there_is_nothing_to_compare() -> None:
    found = document(vectors.clusters(), "difference_in_means", checks=["balance"])["checks"]["balance"]
    assert found["verdict"] == "not_estimable"
    assert "no estimate of the plan names a covariate" in found["explanation"]
