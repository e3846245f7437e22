"""Negative binomial rate ratios: a published fit and statsmodels, what leaves them alone, coverage, and refusals."""

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, special

from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.negative_binomial import negative_binomial
from experiments.stats.estimators.poisson import poisson
from tests.reference import vectors
from tests.unit.experiments.stats.trials import made, row

RNG = np.random.default_rng(16)
N = 160
Z = np.array([0.0, 1.0] * (N // 2))
X = RNG.normal(size=(N, 2))
EXPOSURE = RNG.uniform(0.5, 3, N)
MEANS = EXPOSURE * np.exp(0.9 - 0.3 * Z + X @ np.array([0.2, -0.1]))
Y = RNG.poisson(MEANS * RNG.gamma(2, 0.5, N)).astype(float)
CLUSTERS = np.repeat(np.arange(20), 8)
BY_CLUSTER = (CLUSTERS % 2).astype(float)


def term(found: Effect, name: str) -> float:
    return next(float(one.estimate or 0) for one in found.terms if one.term == name)


def test_the_mites_of_bliss_and_fisher() -> None:
    """Bliss & Fisher (1953), *Biometrics* 9, table 2: red mites on 150 apple leaves, mean 1.1467 and k = 1/α = 1.02459.

    The other arm has the same leaves watched for twice as long: half the rate.
    """
    mites = np.repeat(np.arange(8.0), [70, 38, 17, 10, 9, 3, 2, 1])
    both, arm = np.r_[mites, mites], np.repeat([0.0, 1.0], 150)
    found = negative_binomial(both, arm, exposure=1 + arm)
    assert 1 / term(found, "alpha") == pytest.approx(1.02459, abs=5e-6)
    assert found.estimate == pytest.approx(-np.log(2), rel=1e-12)


def statsmodels_fit(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients with α last, and the design."""
    design = sm.add_constant(np.column_stack([z, X]))
    fit = sm.NegativeBinomial(Y, design, exposure=EXPOSURE).fit(
        disp=0, method="newton", tol=1e-14, maxiter=200
    )
    return fit.params, design


def test_coefficients_and_spread_of_statsmodels() -> None:
    expected, _ = statsmodels_fit(Z)
    found = negative_binomial(Y, Z, X, exposure=EXPOSURE)
    assert found.estimate == pytest.approx(expected[1], rel=1e-8)
    assert term(found, "alpha") == pytest.approx(expected[-1], rel=1e-8)


def test_the_likelihood_written_out_has_its_top_there() -> None:
    """A second peer: the textbook likelihood in gamma functions, climbed by a general optimiser."""
    design = np.column_stack([np.ones(N), Z, X])

    def deviance(point: np.ndarray) -> float:
        size, means = np.exp(-point[-1]), EXPOSURE * np.exp(design @ point[:-1])
        chances = special.gammaln(Y + size) - special.gammaln(size) - special.gammaln(Y + 1)
        chances += size * np.log(size / (size + means)) + Y * np.log(means / (size + means))
        return -float(chances.sum())

    best = optimize.minimize(deviance, np.zeros(5), method="BFGS", options={"gtol": 1e-7}).x
    found = negative_binomial(Y, Z, X, exposure=EXPOSURE)
    assert (found.estimate, term(found, "alpha")) == pytest.approx((best[1], np.exp(best[-1])), rel=1e-5)


@pytest.mark.parametrize("kind", ["HC1", "CR1", "CR2"])
def test_errors_are_the_sandwich_of_the_expected_information(kind: str) -> None:
    """Written out at statsmodels' coefficients; CR2 with the n × n hat matrix of the weighted rows."""
    z = Z if kind == "HC1" else BY_CLUSTER
    params, design = statsmodels_fit(z)
    means = EXPOSURE * np.exp(design @ params[:-1])
    root = np.sqrt(means / (1 + params[-1] * means))
    rows, left = design * root[:, None], (Y - means) / means * root
    bread = np.linalg.inv(rows.T @ rows)
    if kind == "HC1":
        scores, factor = rows * left[:, None], N / (N - 4)
    else:
        factor = 20 / 19 * (N - 1) / (N - 4) if kind == "CR1" else 1.0
        scores = np.zeros((20, 4))
        for c in range(20):
            inside = c == CLUSTERS
            part, residual = rows[inside], left[inside]
            if kind == "CR2":
                values, vectors_ = np.linalg.eigh(np.eye(8) - part @ bread @ part.T)
                residual = vectors_ @ (vectors_.T @ residual / np.sqrt(values))
            scores[c] = part.T @ residual
    variance = factor * bread @ (scores.T @ scores) @ bread
    groups = None if kind == "HC1" else CLUSTERS
    found = negative_binomial(Y, z, X, exposure=EXPOSURE, clusters=groups, kind=kind)
    assert found.std_error == pytest.approx(np.sqrt(variance[1, 1]), rel=1e-7)


def test_counts_that_vary_no_more_than_poisson_s_get_poisson_s_fit_and_are_told() -> None:
    even = RNG.binomial(4, 0.4, N).astype(float)
    found, plain = negative_binomial(even, Z, X), poisson(even, Z, X)
    assert (found.estimate, found.std_error) == (plain.estimate, plain.std_error)
    assert term(found, "alpha") == 0.0
    assert found.warnings[-1] == "the counts vary no more than Poisson counts do, so this is Poisson's fit"


def test_equal_exposure_without_covariates_is_poisson_s_ratio() -> None:
    """Every row of an arm then has one weight, whatever α: only unequal rows are weighed otherwise."""
    found, plain = negative_binomial(Y, Z), poisson(Y, Z)
    assert term(found, "alpha") > 0.1
    assert (found.estimate, found.std_error) == pytest.approx((plain.estimate, plain.std_error), rel=1e-9)


def test_invariances() -> None:
    found = negative_binomial(Y, Z, X, exposure=EXPOSURE)
    order = RNG.permutation(N)
    for other, sign in (
        (negative_binomial(Y[order], Z[order], X[order], exposure=EXPOSURE[order]), 1),
        (negative_binomial(Y, 1 - Z, X, exposure=EXPOSURE), -1),
        (negative_binomial(Y, Z, 5 * X + 2, exposure=EXPOSURE), 1),
        (negative_binomial(Y, Z, X, exposure=1000 * EXPOSURE), 1),
        (negative_binomial(Y, Z, X, exposure=EXPOSURE, weights=np.full(N, 3.0)), 1),
    ):
        assert other.estimate == pytest.approx(sign * found.estimate, rel=1e-8)
        assert other.std_error == pytest.approx(found.std_error, rel=1e-8)
        assert term(other, "alpha") == pytest.approx(term(found, "alpha"), rel=1e-8)


def test_a_row_of_double_weight_is_two_rows() -> None:
    weights = np.ones(N)
    weights[:40] = 2.0
    twice = np.r_[np.arange(N), np.arange(40)]
    found = negative_binomial(Y, Z, X, exposure=EXPOSURE, weights=weights)
    expected = negative_binomial(Y[twice], Z[twice], X[twice], exposure=EXPOSURE[twice])
    assert found.estimate == pytest.approx(expected.estimate, rel=1e-9)
    assert term(found, "alpha") == pytest.approx(term(expected, "alpha"), rel=1e-9)


@pytest.mark.parametrize(
    ("outcome", "given", "words"),
    [
        (
            np.where(Z > 0, 0.0, Y),
            {},
            "every treated unit had 0, so the rate ratio has no estimate; the difference",
        ),
        (np.where(Z == 0, 0.0, Y), {}, "every control unit had 0"),
        (Y - 1, {}, "negative"),
        (Y + 0.5, {}, "not a whole number in every row.*poisson takes any outcome"),
        (Y + 2e6, {}, "a count is above 1,000,000"),
        (
            np.where(X[:, 0] > 1, 0.0, Y),
            {"covariates": (X[:, :1] > 1).astype(float)},
            "no events where 'x1' is 1",
        ),
        (
            np.r_[[900_000.0, 1_000_000.0], np.zeros(2000)],
            {"arm": np.arange(2002) % 2.0},
            "no negative binomial fits",
        ),
    ],
    ids=[
        "none treated",
        "none in control",
        "below nought",
        "no count",
        "too large",
        "separation",
        "divergence",
    ],
)
def test_what_has_no_estimate(outcome: np.ndarray, given: dict[str, Any], words: str) -> None:
    arm = given.pop("arm", Z)
    with pytest.raises(NotEstimable, match=words):
        negative_binomial(outcome, arm, **given)


def test_by_a_plan() -> None:
    frame = vectors.clusters()
    found = made(
        frame, "negative_binomial", outcome="count", options={"exposure": "exposure"}, covariance="CR2"
    )
    assert (found["scale"], found["covariance"]) == ("log_rate_ratio", "CR2")
    assert found["pct_change"] == pytest.approx(100 * (np.exp(found["estimate"]) - 1), rel=1e-12)
    assert [one["term"] for one in found["terms"]] == ["alpha", "dispersion"]
    refused = row(
        frame.assign(count=frame["count"].where(frame.z == 0, 0)), "negative_binomial", outcome="count"
    )
    assert refused["status"] == "not_estimable"
    assert refused["estimate"] is refused["pct_change"] is None


@pytest.mark.slow
def test_intervals_cover_whether_or_not_the_variance_is_the_model_s() -> None:
    """Gamma-mixed counts are the model's; log-normal ones are not, and the robust error allows for them."""
    covered, misses, count = np.zeros(2), [], 250
    rng = np.random.default_rng(8)
    for _ in range(count):
        z, exposure = rng.permutation(np.repeat([0.0, 1.0], 60)), rng.uniform(0.5, 2, 120)
        for place, spread in enumerate((rng.gamma(2, 0.5, 120), np.exp(rng.normal(-0.32, 0.8, 120)))):
            y = rng.poisson(3 * exposure * np.exp(-0.3 * z) * spread).astype(float)
            found = negative_binomial(y, z, exposure=exposure)
            covered[place] += abs(found.estimate + 0.3) <= 1.96 * (found.std_error or 0)
            misses.append(found.estimate + 0.3)
    assert (np.abs(covered / count - 0.95) < 4 * (0.05 * 0.95 / count) ** 0.5).all(), covered / count
    assert abs(np.mean(misses)) < 4 * np.std(misses) / (2 * count) ** 0.5
