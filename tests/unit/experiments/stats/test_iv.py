"""The effect of receiving: linearmodels' numbers, Anderson–Rubin by brute force, coverage, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS
from scipy import optimize, stats

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.iv import iv
from tests.unit.experiments.stats import trials

RNG = np.random.default_rng(5)
N = 240
Z = (np.arange(N) % 2).astype(float)
CODES = np.arange(N) // 2 % 40
BY_CLUSTER = (CODES % 2).astype(float)
X = RNG.normal(size=(N, 2))
TYPE = RNG.uniform(size=N)
D = np.where(TYPE < 0.2, 0.0, np.where(TYPE < 0.8, Z, 1.0))
Y = 1.5 * D + X[:, 0] + 2 * (TYPE < 0.2) + RNG.normal(size=N)


@pytest.mark.parametrize("weighted", [False, True])
def test_numbers_of_linearmodels(weighted: bool) -> None:
    weights = RNG.uniform(1, 2, N) if weighted else None
    exogenous = np.column_stack([np.ones(N), X])
    expected = IV2SLS(Y, exogenous, D, Z, weights=weights).fit(cov_type="robust", debiased=True)
    found = iv(Y, Z, D, X, weights=weights)
    assert found.estimate == pytest.approx(expected.params["endog"], rel=1e-10)
    assert found.std_error == pytest.approx(expected.std_errors["endog"], rel=1e-10)
    assert found.df == N - 4


def test_numbers_of_linearmodels_by_cluster() -> None:
    d = np.where(TYPE < 0.2, 0.0, np.where(TYPE < 0.8, BY_CLUSTER, 1.0))
    expected = IV2SLS(Y, np.column_stack([np.ones(N), X]), d, BY_CLUSTER).fit(
        cov_type="clustered", clusters=CODES, debiased=True
    )
    found = iv(Y, BY_CLUSTER, d, X, clusters=CODES)
    assert found.estimate == pytest.approx(expected.params["endog"], rel=1e-10)
    assert found.std_error == pytest.approx(expected.std_errors["endog"], rel=1e-9)


def test_the_ratio_of_two_differences() -> None:
    found = iv(Y, Z, D)
    gaps = [one[Z == 1].mean() - one[Z == 0].mean() for one in (Y, D)]
    terms = {term.term: term for term in found.terms}
    assert found.estimate == pytest.approx(gaps[0] / gaps[1], rel=1e-11)
    assert terms["itt"].estimate == pytest.approx(gaps[0], rel=1e-11)
    assert terms["first_stage"].estimate == pytest.approx(gaps[1], rel=1e-11)
    for gap, term in zip(gaps, (terms["itt"], terms["first_stage"]), strict=True):
        half = stats.t.ppf(0.975, N - 2) * term.std_error
        assert (term.conf_low, term.conf_high, term.df) == pytest.approx((gap - half, gap + half, N - 2))


def rejection(b: float) -> float:
    """Return how far the effect of z on y − b·d is beyond the critical value."""
    z, left = Z - Z.mean(), Y - b * D - (Y - b * D).mean()
    own = left - z * (z @ left) / (z @ z)
    spread = N / (N - 2) * ((z * own) ** 2).sum()
    return float((z @ left) ** 2 / spread - stats.t.ppf(0.975, N - 2) ** 2)


def test_the_anderson_rubin_interval_by_inversion() -> None:
    found = iv(Y, Z, D)
    term = next(term for term in found.terms if term.term == "anderson_rubin")
    low = optimize.brentq(rejection, found.estimate - 5, found.estimate)
    high = optimize.brentq(rejection, found.estimate, found.estimate + 5)
    assert (term.conf_low, term.conf_high) == pytest.approx((low, high), rel=1e-8)


def test_a_weak_first_stage_has_no_ends_and_says_so() -> None:
    taken = (RNG.uniform(size=N) < 0.3 + 0.02 * Z).astype(float)
    found = iv(Y, Z, taken)
    term = next(term for term in found.terms if term.term == "anderson_rubin")
    assert (term.conf_low, term.conf_high) == (None, None)
    assert term.note is not None
    assert "has no ends" in term.note
    assert "hardly moved who was treated" in found.warnings[-1]


def test_full_compliance_is_the_intention_to_treat() -> None:
    found = iv(Y, Z, Z)
    terms = {term.term: term for term in found.terms}
    assert found.estimate == pytest.approx(terms["itt"].estimate, rel=1e-12)
    assert found.std_error == pytest.approx(terms["itt"].std_error, rel=1e-10)
    assert "first_stage_F" not in terms


def test_order_scale_and_swapped_coding() -> None:
    found, order = iv(Y, Z, D, X), RNG.permutation(N)
    for other, scale in (
        (iv(Y[order], Z[order], D[order], X[order]), 1),
        (iv(3 * Y - 7, Z, D, X), 3),
        (iv(Y, 1 - Z, D, X), 1),
    ):
        assert other.estimate == pytest.approx(scale * found.estimate, rel=1e-10)
        assert other.std_error == pytest.approx(scale * found.std_error, rel=1e-10)


@pytest.mark.slow
def test_both_intervals_cover_the_effect_on_compliers() -> None:
    covered = np.zeros(2)
    count, rng = 2_000, np.random.default_rng(9)
    for _ in range(count):
        kind, z = rng.uniform(size=200), (rng.permutation(200) < 100).astype(float)
        d = np.where(kind < 0.25, 0.0, np.where(kind < 0.85, z, 1.0))
        y = 0.8 * d + 1.5 * (kind < 0.25) - 0.7 * (kind > 0.85) + rng.normal(size=200)
        found = iv(y, z, d)
        ends = next(term for term in found.terms if term.term == "anderson_rubin")
        covered[0] += abs(found.estimate - 0.8) <= 1.972 * found.std_error
        covered[1] += ends.conf_low <= 0.8 <= ends.conf_high
    assert ((covered / count >= 0.935) & (covered / count <= 0.965)).all(), covered / count


def test_arms_treated_alike_are_refused() -> None:
    with pytest.raises(NotEstimable, match="received the treatment alike"):
        iv(Y, Z, (np.arange(N) // 2 % 2).astype(float))


def test_by_a_plan() -> None:
    frame = pd.DataFrame(
        {"unit": np.arange(N), "arm": np.where(Z > 0, "t", "c"), "y": Y, "got": D, "x": X[:, 0]}
    )
    columns = {"unit": "unit", "arm": "arm", "cluster": None, "received": "got"}
    found = trials.made(
        frame,
        "iv",
        estimand="CACE",
        covariates=["x"],
        columns=columns,
        arms={"control": "c", "treatments": ["t"]},
    )
    assert found["estimate"] == pytest.approx(iv(Y, Z, D, X[:, :1]).estimate, rel=1e-12)
    assert {term["term"] for term in found["terms"]} == {
        "first_stage",
        "first_stage_F",
        "itt",
        "anderson_rubin",
    }


def test_everybody_treated_alike_is_refused_beside_covariates_too() -> None:
    with pytest.raises(NotEstimable, match="received the treatment alike"):
        iv(Y, Z, np.full(N, 0.3), X)


@pytest.mark.parametrize("columns", [Z[:, None], np.column_stack([X[:, 0], 3 * Z + 1.7])])
def test_covariates_that_determine_the_arm_are_refused(columns: np.ndarray) -> None:
    with pytest.raises(NotEstimable, match="determine who was assigned"):
        iv(Y, Z, D, columns)
