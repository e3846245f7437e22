"""Over many simulated trials with a true effect: intervals that cover as often as they say, for every estimator.

Every seed is fixed; a bound is four Monte-Carlo standard errors.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest

from centre.distributions import interval
from experiments.stats import ancova, cluster_means, difference_in_means, poisson
from experiments.stats.effects import Effect

pytestmark = pytest.mark.slow

REPLICATES = 600
BOUND = 4 * math.sqrt(0.95 * 0.05 / REPLICATES)


def covers(found: Effect, truth: float) -> bool:
    low, high = interval(found.estimate, found.std_error, found.df, 0.05)
    return low <= truth <= high


def people(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, arm and covariate of 60 people; errors spread more where treated."""
    z, x = rng.permutation(np.repeat([0.0, 1.0], 30)), rng.normal(size=(60, 1))
    return 0.4 * z + 0.8 * x[:, 0] + rng.normal(size=60) * (1 + z), z, x


def clustered(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, arm and cluster of 20 clusters of 4 to 9 people who share a shock."""
    sizes = rng.integers(4, 10, 20)
    cluster = np.repeat(np.arange(20), sizes)
    z = rng.permutation(np.repeat([0.0, 1.0], 10))[cluster]
    return 0.4 * z + rng.normal(size=20)[cluster] * 0.7 + rng.normal(size=len(cluster)), z, cluster


def share(make: Callable[[np.random.Generator], bool]) -> float:
    return float(np.mean([make(np.random.default_rng(seed)) for seed in range(REPLICATES)]))


def test_difference_in_means() -> None:
    def one(rng: np.random.Generator) -> bool:
        y, z, _ = people(rng)
        return covers(difference_in_means(y, z), 0.4)

    assert abs(share(one) - 0.95) < BOUND


def test_ancova() -> None:
    def one(rng: np.random.Generator) -> bool:
        y, z, x = people(rng)
        return covers(ancova(y, z, x), 0.4)

    assert abs(share(one) - 0.95) < BOUND


@pytest.mark.parametrize("kind", ["difference_in_means", "cluster_means"])
def test_clusters(kind: str) -> None:
    def one(rng: np.random.Generator) -> bool:
        y, z, cluster = clustered(rng)
        if kind == "difference_in_means":
            return covers(difference_in_means(y, z, clusters=cluster), 0.4)
        means = np.bincount(cluster, weights=y) / np.bincount(cluster)
        first = np.unique(cluster, return_index=True)[1]
        return covers(cluster_means(means, z[first]), 0.4)

    assert abs(share(one) - 0.95) < BOUND


def test_ignoring_the_clusters_would_not_cover() -> None:
    """The error that clustered designs invite: this test would fail if the covariance ignored clusters."""

    def one(rng: np.random.Generator) -> bool:
        y, z, _ = clustered(rng)
        return covers(difference_in_means(y, z), 0.4)

    assert share(one) < 0.88


def test_poisson_with_more_spread_than_poisson() -> None:
    def one(rng: np.random.Generator) -> bool:
        z = rng.permutation(np.repeat([0.0, 1.0], 60))
        rate = np.exp(1.2 - 0.3 * z) * rng.gamma(4, 1 / 4, 120)
        return covers(poisson(rng.poisson(rate).astype(float), z), -0.3)

    assert abs(share(one) - 0.95) < BOUND
