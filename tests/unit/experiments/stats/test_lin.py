"""Lin's regression: statsmodels' numbers, the identities that it obeys, its coverage, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.difference_in_means import difference_in_means
from experiments.stats.estimators.lin import lin
from tests.unit.experiments.stats import trials

RNG = np.random.default_rng(21)
Z = (RNG.uniform(size=90) < 0.4).astype(float)
X = RNG.normal(size=(90, 2)) + 3
Y = RNG.normal(size=90) + Z * (0.4 + X[:, 0]) + X @ np.array([0.5, -0.2])


@pytest.mark.parametrize("weighted", [False, True])
def test_numbers_of_statsmodels(weighted: bool) -> None:
    weights = RNG.uniform(1, 3, 90) if weighted else np.ones(90)
    centred = X - weights @ X / weights.sum()
    design = sm.add_constant(np.column_stack([Z, centred, Z[:, None] * centred]))
    expected = sm.WLS(Y, design, weights).fit(cov_type="HC2", use_t=True)
    found = lin(Y, Z, X, weights=weights if weighted else None)
    assert (found.estimate, found.std_error) == pytest.approx(
        (expected.params[1], expected.bse[1]), rel=1e-10
    )
    assert found.df == 90 - 6


def test_the_estimate_is_the_difference_of_two_regressions_at_the_mean() -> None:
    ends = [sm.OLS(Y[arm == Z], sm.add_constant(X[arm == Z])).fit().params for arm in (1, 0)]
    at = np.r_[1.0, X.mean(axis=0)]
    assert lin(Y, Z, X).estimate == pytest.approx(at @ (ends[0] - ends[1]), rel=1e-11)


def test_without_covariates_it_is_the_difference_in_means() -> None:
    found, plain = lin(Y, Z, np.empty((90, 0))), difference_in_means(Y, Z)
    assert (found.estimate, found.std_error) == pytest.approx((plain.estimate, plain.std_error), rel=1e-11)


def test_order_scale_shifts_and_swapped_arms() -> None:
    found, order = lin(Y, Z, X), RNG.permutation(90)
    for other, sign, scale in (
        (lin(Y[order], Z[order], X[order]), 1, 1),
        (lin(5 * Y + 2, Z, X), 1, 5),
        (lin(Y, 1 - Z, X), -1, 1),
        (lin(Y, Z, X @ np.array([[2.0, 1.0], [0.0, 5.0]]) + 7), 1, 1),
    ):
        assert other.estimate == pytest.approx(sign * scale * found.estimate, rel=1e-9)
        assert other.std_error == pytest.approx(scale * found.std_error, rel=1e-9)


@pytest.mark.slow
def test_intervals_cover_the_mean_effect_of_the_sample() -> None:
    covered, misses, count = 0, [], 2_000
    rng = np.random.default_rng(4)
    for _ in range(count):
        x = rng.normal(size=(80, 1))
        z = np.zeros(80)
        z[rng.permutation(80)[:30]] = 1
        effects = 0.2 + 0.3 * x[:, 0]
        found = lin(x[:, 0] + effects * z + rng.normal(size=80), z, x)
        truth = effects.mean()
        misses.append(found.estimate - truth)
        covered += abs(found.estimate - truth) <= 1.9917 * found.std_error  # t(76) at 97.5 %
    assert 0.935 <= covered / count <= 0.965
    assert abs(np.mean(misses)) < 4 * np.std(misses) / count**0.5


def test_several_arms_are_read_off_at_the_mean_of_all() -> None:
    arm = np.array(["control", "a", "b"])[np.arange(90) % 3]
    frame = pd.DataFrame({"y": Y, "arm": arm, "x": X[:, 0], "unit": np.arange(90)})
    found = trials.made(
        frame,
        "lin",
        covariates=["x"],
        columns={"unit": "unit", "arm": "arm", "cluster": None},
        arms={"control": "control", "treatments": ["a", "b"]},
    )
    ends = {
        name: sm.OLS(Y[arm == name], sm.add_constant(X[arm == name, :1])).fit().params for name in set(arm)
    }
    at = np.array([1.0, X[:, 0].mean()])
    assert found["estimate"] == pytest.approx(at @ (ends["a"] - ends["control"]), rel=1e-10)
    terms = {term["term"]: term["estimate"] for term in found["terms"]}
    assert terms["arm=b"] == pytest.approx(at @ (ends["b"] - ends["control"]), rel=1e-10)


@pytest.mark.parametrize(
    ("covariates", "words"),
    [
        (np.ones((90, 1)), "'x1' is constant"),
        (np.where(Z[:, None] > 0, 1.0, X[:, :1]), "among the treated"),
        (RNG.normal(size=(90, 44)), "cannot support"),
    ],
    ids=["constant", "constant among the treated", "too many"],
)
def test_what_it_refuses(covariates: np.ndarray, words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        lin(Y, Z, covariates)


def test_many_covariates_are_warned_about() -> None:
    assert "more than one for every 10" in lin(Y, Z, RNG.normal(size=(90, 5))).warnings[-1]
