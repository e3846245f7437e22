"""Risk differences: statsmodels' regression, the delta method by hand, coverage, and what is refused."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.difference_in_means import difference_in_means
from experiments.stats.estimators.logistic import logistic

RNG = np.random.default_rng(12)
N = 300
Z = (np.arange(N) % 2).astype(float)
X = RNG.normal(size=(N, 2))
Y = (RNG.uniform(size=N) < special.expit(-1 + 0.8 * Z + 0.7 * X[:, 0])).astype(float)


def numbers(covariates: np.ndarray | None) -> dict[str, float]:
    found = logistic(Y, Z, covariates)
    return {"rd": found.estimate} | {term.term: float(term.estimate or 0) for term in found.terms}


def test_numbers_of_statsmodels() -> None:
    design = sm.add_constant(np.column_stack([Z, X]))
    fit = sm.Logit(Y, design).fit(disp=0, tol=1e-12, method="newton")
    risks = [fit.predict(np.column_stack([np.ones(N), np.full(N, arm), X])).mean() for arm in (1.0, 0.0)]
    found = numbers(X)
    assert found["log_odds_ratio"] == pytest.approx(fit.params[1], rel=1e-8)
    assert (found["risk_treated"], found["risk_control"]) == pytest.approx(risks, rel=1e-8)
    assert found["rd"] == pytest.approx(risks[0] - risks[1], rel=1e-8)


def test_the_error_of_the_log_odds_ratio_is_the_robust_one() -> None:
    design = sm.add_constant(np.column_stack([Z, X]))
    fit = sm.GLM(Y, design, family=sm.families.Binomial()).fit(cov_type="HC0", tol=1e-12)
    term = next(term for term in logistic(Y, Z, X).terms if term.term == "log_odds_ratio")
    assert term.std_error == pytest.approx(fit.bse[1] * (N / (N - 4)) ** 0.5, rel=1e-7)


def test_every_term_has_its_interval() -> None:
    for term in logistic(Y, Z, X, alpha=0.1).terms:
        half = stats.t.ppf(0.95, N - 4) * term.std_error
        assert (term.conf_low, term.conf_high) == pytest.approx((term.estimate - half, term.estimate + half))
        assert term.df == N - 4


def test_without_covariates_it_is_the_difference_of_two_shares() -> None:
    shares = [Y[arm == Z].mean() for arm in (1, 0)]
    found = logistic(Y, Z)
    assert found.estimate == pytest.approx(shares[0] - shares[1], rel=1e-9)
    plain = sum(share * (1 - share) / (N / 2) for share in shares)
    assert found.std_error == pytest.approx((plain * N / (N - 2)) ** 0.5, rel=1e-9)


def test_influence_values_are_what_leaving_a_row_lighter_does() -> None:
    """The jackknife of a risk difference is its influence function but for terms of order 1/N²."""
    whole = logistic(Y, Z, X)
    left = []
    for row in range(0, N, 10):
        weights = np.ones(N)
        weights[row] = 1 - 1e-4
        left.append((whole.estimate - logistic(Y, Z, X, weights=weights).estimate) / 1e-4 * N)
    again = [
        (whole.estimate - logistic(np.delete(Y, row), np.delete(Z, row), np.delete(X, row, axis=0)).estimate)
        * (N - 1)
        for row in range(0, N, 10)
    ]
    assert np.corrcoef(left, again)[0, 1] > 0.999


def test_order_swapped_arms_and_swapped_outcomes() -> None:
    found, order = logistic(Y, Z, X), RNG.permutation(N)
    for other, sign in (
        (logistic(Y[order], Z[order], X[order]), 1),
        (logistic(Y, 1 - Z, X), -1),
        (logistic(1 - Y, Z, X), -1),
    ):
        assert other.estimate == pytest.approx(sign * found.estimate, rel=1e-8)
        assert other.std_error == pytest.approx(found.std_error, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_intervals_cover_even_where_the_logit_is_wrong(clustered: bool) -> None:
    """A risk that is linear in x, so that the logistic form is wrong; the risk difference stays right."""
    covered, misses, count = 0, [], 2_000
    rng = np.random.default_rng(3)
    codes = np.arange(400) // (8 if clustered else 1)
    for _ in range(count):
        x = rng.uniform(-1, 1, size=(400, 1))
        z = (rng.permutation(codes.max() + 1) % 2).astype(float)[codes]
        shift = 0.1 * rng.uniform(-1, 1, codes.max() + 1)[codes] if clustered else 0.0
        y = (rng.uniform(size=400) < 0.35 + 0.1 * z + 0.2 * x[:, 0] + shift).astype(float)
        found = logistic(y, z, x, clusters=codes if clustered else None)
        misses.append(found.estimate - 0.1)
        covered += abs(found.estimate - 0.1) <= stats.t.ppf(0.975, found.df) * found.std_error
    assert 0.935 <= covered / count <= 0.965, covered / count
    assert abs(np.mean(misses)) < 4 * np.std(misses) / count**0.5


@pytest.mark.parametrize(
    ("outcome", "covariates", "words"),
    [
        (Y + 0.5, None, "must be 0 or 1"),
        (np.where(Z > 0, 0.0, Y), None, "nobody among the treated"),
        (np.where(Z > 0, Y, 1.0), None, "everybody among the control"),
        (Y, (Y - 0.5)[:, None], "tell apart who had the outcome"),
        (Y, np.ones((N, 1)), "constant"),
    ],
    ids=["not binary", "no events", "all events", "separated", "constant covariate"],
)
def test_what_it_refuses(outcome: np.ndarray, covariates: np.ndarray | None, words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        logistic(outcome, Z, covariates)


def test_a_far_out_covariate_is_no_separation() -> None:
    """A long tail puts single rows many log odds out; the fit is finite and statsmodels has it."""
    rng = np.random.default_rng(31)
    priors = np.exp(1.5 * rng.normal(size=(N, 1)))
    y = (rng.uniform(size=N) < special.expit(-1.5 + 0.5 * Z + 0.6 * priors[:, 0])).astype(float)
    fit = sm.Logit(y, sm.add_constant(np.column_stack([Z, priors]))).fit(disp=0, method="newton", maxiter=200)
    found = logistic(y, Z, priors)
    terms = {term.term: term.estimate for term in found.terms}
    assert np.abs(np.column_stack([np.ones(N), Z, priors]) @ fit.params).max() > 15
    assert terms["log_odds_ratio"] == pytest.approx(fit.params[1], rel=1e-7)


def test_clusters_have_bell_and_mccaffrey_s_error_of_the_working_model() -> None:
    """Written out with the hat matrix of each cluster's rows, and P for the degrees of freedom (n × n)."""
    codes = np.arange(N) // 20
    z = (codes % 2).astype(float)
    design = sm.add_constant(np.column_stack([z, X]))
    fit = sm.Logit(Y, design).fit(disp=0, tol=1e-13, method="newton")
    chance = fit.predict(design)
    root = np.sqrt(chance * (1 - chance))
    rows, left = design * root[:, None], (Y - chance) / root
    bread = np.linalg.inv(rows.T @ rows)
    supposed = [np.column_stack([np.ones(N), np.full(N, arm), X]) for arm in (1.0, 0.0)]
    chances = [special.expit(one @ fit.params) for one in supposed]
    slope = [(one * (p * (1 - p))[:, None]).mean(axis=0) for one, p in zip(supposed, chances, strict=True)]
    contrast = slope[0] - slope[1]
    own = chances[0] - chances[1]
    sums, along = np.zeros(15), np.zeros((N, 15))
    for c in range(15):
        inside = codes == c
        values, vectors = np.linalg.eigh(np.eye(20) - rows[inside] @ bread @ rows[inside].T)
        adjust = vectors @ np.diag(values**-0.5) @ vectors.T
        along[inside, c] = adjust @ rows[inside] @ bread @ contrast
        sums[c] = along[inside, c] @ left[inside] + (own - own.mean())[inside].sum() / N
    kept = along - rows @ bread @ (rows.T @ along)
    p_matrix = kept.T @ kept
    found = logistic(Y, z, X, clusters=codes)
    assert found.covariance == "CR2"
    assert found.std_error == pytest.approx(np.sqrt((sums**2).sum()), rel=1e-8)
    assert found.df == pytest.approx(np.trace(p_matrix) ** 2 / (p_matrix**2).sum(), rel=1e-8)


def test_without_covariates_clusters_have_the_error_of_the_difference_in_means() -> None:
    codes = np.arange(N) // 15
    z = (codes % 2).astype(float)
    plain = difference_in_means(Y, z, clusters=codes)
    assert logistic(Y, z, clusters=codes).std_error == pytest.approx(plain.std_error, rel=1e-9)


def test_few_clusters_are_refused_with_what_compares_them() -> None:
    codes = np.arange(N) // 60
    with pytest.raises(NotEstimable, match="5 clusters are too few for CR2"):
        logistic(Y, (codes % 2).astype(float), clusters=codes)


def test_errors_by_row_ignore_clusters_that_are_named() -> None:
    codes = np.arange(N) // 15
    z = (codes % 2).astype(float)
    alone, named = logistic(Y, z, X, kind="HC1"), logistic(Y, z, X, clusters=codes, kind="HC1")
    assert named.std_error == alone.std_error
    assert "HC1 ignores that rows share a cluster" in named.warnings[0]
