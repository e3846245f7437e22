"""The effect of receiving: linearmodels' numbers, Anderson–Rubin by brute force, coverage, and what is refused."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS
from scipy import optimize, stats

from centre.distributions import p_value
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import ancova
from experiments.stats.estimators.difference_in_means import difference_in_means
from experiments.stats.estimators.iv import iv
from experiments.stats.regression.randomisation import randomisation_test
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
    found = iv(Y, BY_CLUSTER, d, X, clusters=CODES, kind="CR1")
    assert found.estimate == pytest.approx(expected.params["endog"], rel=1e-10)
    assert found.std_error == pytest.approx(expected.std_errors["endog"], rel=1e-9)


def test_clusters_have_the_error_of_the_outcome_less_the_effect_received() -> None:
    """CR2 of ``y − βd`` on arm and covariates over the first stage; its degrees of freedom are ancova's."""
    d = np.where(TYPE < 0.2, 0.0, np.where(TYPE < 0.8, BY_CLUSTER, 1.0))
    found = iv(Y, BY_CLUSTER, d, X, clusters=CODES)
    terms = {term.term: term for term in found.terms}
    for effect, term in ((0.0, "itt"), (found.estimate, None)):
        reduced = ancova(Y - effect * d, BY_CLUSTER, X, clusters=CODES)
        expected = reduced.std_error / (1 if term else abs(terms["first_stage"].estimate))
        assert (terms[term].std_error if term else found.std_error) == pytest.approx(expected, rel=1e-9)
        assert found.df == pytest.approx(reduced.df, rel=1e-9)
    assert ancova(Y - found.estimate * d, BY_CLUSTER, X, clusters=CODES).estimate == pytest.approx(
        0, abs=1e-12
    )


def test_few_clusters_are_judged_by_anderson_and_rubin() -> None:
    """p is that of no effect of the offer, and at the ends of the interval that of ``y − bd`` is 5 %."""
    codes = np.arange(N) // 2 % 16
    z = (codes % 2).astype(float)
    d = np.where(TYPE < 0.2, 0.0, np.where(TYPE < 0.8, z, 1.0))
    found = iv(Y, z, d, clusters=codes)
    assert found.resampled is not None
    assert "p value and interval are Anderson and Rubin's" in " ".join(found.warnings)

    def p_at(effect: float) -> float:
        reduced = difference_in_means(Y - effect * d, z, clusters=codes)
        return p_value(reduced.estimate / reduced.std_error, reduced.df)

    assert found.resampled.p_value == pytest.approx(p_at(0.0), rel=1e-9)
    for end in (found.resampled.conf_low, found.resampled.conf_high):
        assert p_at(end) == pytest.approx(0.05, rel=1e-7)
    towards = "greater" if found.estimate > 0 else "less"
    one_sided = iv(Y, z, d, clusters=codes, alternative=towards).resampled
    assert one_sided is not None
    assert one_sided.p_value == pytest.approx(p_at(0.0) / 2, rel=1e-9)


def test_the_effect_of_receiving_by_draws_with_full_compliance_is_the_randomisation_test() -> None:
    codes = np.arange(N) // 2 % 9
    z = (codes < 4).astype(float)
    received, plain = (randomisation_test(Y, z, clusters=codes, received=one) for one in (z, None))
    assert received.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert received.resampled == plain.resampled


def test_the_effect_of_receiving_by_draws_written_out() -> None:
    """p of an effect supposed: the share of the 126 ways in which ``y − bd`` is as far from no effect, by CR1's t."""
    codes = np.repeat(np.arange(9), 4)
    z, y = (codes < 4).astype(float), RNG.normal(size=36)
    d = np.where(RNG.uniform(size=36) < 0.8, z, 0.0)

    def p_at(effect: float) -> float:
        found = []
        for chosen in combinations(range(9), 4):
            fit = sm.OLS(y - effect * d, sm.add_constant(np.isin(codes, chosen).astype(float))).fit()
            robust = fit.get_robustcov_results("cluster", groups=codes)
            found.append(abs(robust.tvalues[1]) * (1 + 1e-9 * (chosen == (0, 1, 2, 3))))
        return float(np.mean(np.array(found) >= found[0] * (1 - 1e-8)))

    test = randomisation_test(y, z, clusters=codes, received=d)
    assert test.resampled.p_value == p_at(0.0)
    step = 1e-4
    for end, outwards in ((test.resampled.conf_low, -step), (test.resampled.conf_high, step)):
        assert end is not None
        assert p_at(end - outwards) > 0.05 >= p_at(end + outwards)


def test_arms_that_received_alike_cannot_be_redrawn() -> None:
    with pytest.raises(NotEstimable, match="received the treatment alike, so no effect of receiving"):
        randomisation_test(Y, Z, received=np.ones(N))


def test_a_few_clusters_of_a_plan_are_judged_by_draws() -> None:
    codes = np.arange(N) // 2 % 9
    z = (codes < 4).astype(float)
    frame = pd.DataFrame({"unit": np.arange(N), "place": codes, "arm": np.where(z > 0, "t", "c"), "y": Y})
    frame["got"] = np.where(TYPE < 0.2, 0.0, z)
    columns = {"unit": "unit", "arm": "arm", "cluster": "place", "received": "got"}
    found = trials.made(frame, "iv", columns=columns, arms={"control": "c", "treatments": ["t"]})
    assert found["covariance"] == "randomisation"
    assert found["estimate"] == pytest.approx(iv(Y, z, frame["got"].to_numpy()).estimate, rel=1e-9)
    assert [term["term"] for term in found["terms"]] == ["first_stage", "itt"]


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
