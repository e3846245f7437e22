"""Difference in means: the six forms, what leaves them alone, and what they refuse."""

from typing import Any

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.difference_in_means import difference_in_means
from tests.reference import vectors

RNG = np.random.default_rng(3)
Z = np.array([0.0, 1.0] * 30)
Y = RNG.normal(size=60) + 0.4 * Z
BLOCKS = np.repeat(np.arange(5), 12)


def test_complete_randomisation_is_welch() -> None:
    found = difference_in_means(Y, Z)
    expected = scipy.stats.ttest_ind(Y[Z > 0], Y[Z == 0], equal_var=False)
    assert found.estimate / found.std_error == pytest.approx(expected.statistic, rel=1e-12)
    assert found.df == pytest.approx(expected.df, rel=1e-12)
    assert found.covariance == "HC2"


def test_complete_randomisation_is_hc2() -> None:
    expected = sm.OLS(Y, sm.add_constant(Z)).fit(cov_type="HC2")
    assert difference_in_means(Y, Z).std_error == pytest.approx(expected.bse[1], rel=1e-12)


def test_clusters_give_the_numbers_of_estimatr() -> None:
    y, z, _, clusters = vectors.arrays(vectors.clusters())
    found = difference_in_means(y, z, clusters=clusters)
    assert (found.estimate, found.std_error) == pytest.approx((-0.1987536273, 0.2787869789), abs=5e-11)
    assert found.df == pytest.approx(7.44383788, abs=5e-9)


def test_blocks_are_weighted_by_their_size() -> None:
    weights = np.where(BLOCKS == 0, 1.0, 0.0)
    found = difference_in_means(Y, Z, blocks=BLOCKS)
    parts = [difference_in_means(Y[block == BLOCKS], Z[block == BLOCKS]) for block in range(5)]
    assert found.estimate == pytest.approx(np.mean([part.estimate for part in parts]), rel=1e-12)
    assert found.std_error**2 == pytest.approx(sum(part.std_error**2 for part in parts) / 25, rel=1e-12)
    assert found.df == 60 - 10
    assert weights.sum() == 12


def test_unequal_probabilities_of_assignment_do_not_bias_a_blocked_estimate() -> None:
    z = np.array([1.0] * 9 + [0.0] * 3 + [1.0] * 3 + [0.0] * 9)
    blocks = np.repeat([0, 1], 12)
    y = 10.0 * blocks + 2.0 * z + np.tile([0.1, -0.1], 12)
    assert difference_in_means(y, z, blocks=blocks).estimate == pytest.approx(2.0, abs=0.05)
    assert difference_in_means(y, z).estimate < -2


def test_matched_pairs_are_a_t_test_of_the_differences() -> None:
    blocks = np.repeat(np.arange(30), 2)
    found = difference_in_means(Y, Z, blocks=blocks)
    expected = scipy.stats.ttest_1samp(Y[Z > 0] - Y[Z == 0], 0)
    assert found.estimate / found.std_error == pytest.approx(expected.statistic, rel=1e-12)
    assert found.df == 29


def test_pairs_of_clusters_of_one_size_are_a_t_test_of_the_differences_of_means() -> None:
    clusters, blocks = np.repeat(np.arange(12), 5), np.repeat(np.arange(6), 10)
    z = (clusters % 2).astype(float)
    found = difference_in_means(Y, z, clusters=clusters, blocks=blocks)
    means = Y.reshape(12, 5).mean(axis=1)
    expected = scipy.stats.ttest_1samp(means[1::2] - means[::2], 0)
    assert found.estimate / found.std_error == pytest.approx(expected.statistic, rel=1e-12)
    assert found.df == 5


def test_blocks_of_clusters_use_cr2_inside_each_block() -> None:
    clusters, blocks = np.repeat(np.arange(12), 5), np.repeat([0, 1], 30)
    z = (clusters % 2).astype(float)
    found = difference_in_means(Y, z, clusters=clusters, blocks=blocks)
    assert found.df == 12 - 4
    means = Y.reshape(12, 5).mean(axis=1)
    variance = sum(
        (means[start:stop:2].var(ddof=1) + means[start + 1 : stop : 2].var(ddof=1)) / 3 / 4
        for start, stop in ((0, 6), (6, 12))
    )
    assert found.std_error**2 == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize(
    "given", [{}, {"blocks": BLOCKS}, {"kind": "HC3"}, {"weights": RNG.uniform(1, 2, 60)}]
)
def test_swapping_arms_flips_the_sign_and_nothing_else(given: dict[str, Any]) -> None:
    found, swapped = difference_in_means(Y, Z, **given), difference_in_means(Y, 1 - Z, **given)
    assert swapped.estimate == pytest.approx(-found.estimate, rel=1e-12)
    assert swapped.std_error == pytest.approx(found.std_error, rel=1e-12)
    assert swapped.df == pytest.approx(found.df, rel=1e-12)


def test_shifting_and_scaling_the_outcome_scales_the_effect() -> None:
    found, moved = (
        difference_in_means(Y, Z, blocks=BLOCKS),
        difference_in_means(100 - 3 * Y, Z, blocks=BLOCKS),
    )
    assert moved.estimate == pytest.approx(-3 * found.estimate, rel=1e-10)
    assert moved.std_error == pytest.approx(3 * found.std_error, rel=1e-10)


def test_equal_weights_are_no_weights() -> None:
    found = difference_in_means(Y, Z, weights=np.full(60, 2.5))
    plain = difference_in_means(Y, Z)
    assert (found.estimate, found.std_error) == pytest.approx((plain.estimate, plain.std_error), rel=1e-12)


CLUSTERS = np.repeat(np.arange(12), 5)


@pytest.mark.parametrize(
    ("z", "given", "words"),
    [
        (np.eye(60)[0], {}, "the treatment arm has 1 unit; at least two"),
        (1 - np.eye(60)[0], {}, "the control arm has 1 unit"),
        (Z, {"blocks": np.where(np.arange(60) < 2, 0, 1)}, "matched pairs are mixed with larger blocks"),
        (np.where(BLOCKS == 2, 1.0, Z), {"blocks": BLOCKS}, "block '2' has no control unit"),
        (Z, {"clusters": CLUSTERS}, "a cluster holds both arms"),
        ((CLUSTERS == 0) * 1.0, {"clusters": CLUSTERS}, "only one cluster is in the smaller arm"),
        (
            (CLUSTERS % 2) * 1.0,
            {"clusters": CLUSTERS, "blocks": Z.astype(int)},
            "a cluster lies in two blocks",
        ),
        (
            Z,
            {"blocks": np.repeat(np.arange(30), 2), "kind": "HC3"},
            "HC3 cannot be computed in matched pairs",
        ),
    ],
)
def test_designs_without_a_variance_are_refused(z: np.ndarray, given: dict[str, Any], words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        difference_in_means(Y, z, **given)


def test_four_clusters_are_too_few() -> None:
    clusters = np.repeat(np.arange(4), 15)
    with pytest.raises(NotEstimable, match=r"4 clusters are too few for CR2.*cluster_means"):
        difference_in_means(Y, (clusters % 2).astype(float), clusters=clusters)


def test_an_outcome_that_does_not_vary_is_refused() -> None:
    with pytest.raises(NotEstimable, match="does not vary"):
        difference_in_means(Z, Z)
