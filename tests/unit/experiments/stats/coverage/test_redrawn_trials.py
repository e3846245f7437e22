"""Size of what makes a trial's draw again: pairs, and a regression in each arm.

The tests are exact, so any number of draws will do. Of six clusters in two arms the least two-sided p is 2/20, and of
six pairs the only one below 5 % is 2/64, so there is no size to keep.
"""

from collections.abc import Callable

import numpy as np
import pytest

from experiments.stats import resampling
from experiments.stats.regression.assignments import assignments
from experiments.stats.regression.randomisation_arms import arms_test, pairs_test
from experiments.stats.results import Resampled
from tests.unit.experiments.stats.coverage.measure import chances, keeps_its_size, normals, only_p
from tests.unit.experiments.stats.coverage.test_draws import EXACT_DRAWS, FEWER

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def no_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "invert", only_p)


def drawn(name: str, block: np.ndarray) -> np.ndarray:
    """Return half of each block treated, at random (R, G)."""
    order = chances(name, FEWER, len(block)) + block
    rank = np.argsort(np.argsort(order, axis=1), axis=1)
    return (rank % 2).astype(float) if (np.bincount(block) == 2).all() else _half(rank, block)


def _half(rank: np.ndarray, block: np.ndarray) -> np.ndarray:
    sizes = np.bincount(block)
    start = np.r_[0, np.cumsum(sizes)[:-1]]
    return (rank - start[block] < sizes[block] // 2).astype(float)


def p_values(test: Callable[[int], Resampled]) -> np.ndarray:
    return np.array([test(r).p_value for r in range(FEWER)], dtype=float)


@pytest.mark.parametrize("clusters", [10, 20, 40])
def test_lin_keeps_its_size(clusters: int) -> None:
    block = np.zeros(clusters, dtype=np.intp)
    z, x = drawn(f"lin {clusters}", block), normals(f"lin x {clusters}", FEWER, clusters, 1)
    y = x[:, :, 0] + normals(f"lin y {clusters}", FEWER, clusters) * (1 + 0.5 * np.abs(x[:, :, 0]))

    def test(r: int) -> Resampled:
        ways = assignments(z[r], block, EXACT_DRAWS, 0.05, r, "H1")
        return arms_test(y[r], z[r], x[r] - x[r].mean(axis=0), np.arange(clusters), ways).resampled

    keeps_its_size(p_values(test))


@pytest.mark.parametrize("clusters", [14, 20])
def test_pairs_keep_their_size(clusters: int) -> None:
    block = np.arange(clusters) // 2
    z = drawn(f"pairs {clusters}", block)
    y = (
        normals(f"pairs y {clusters}", FEWER, clusters)
        + normals(f"pair {clusters}", FEWER, clusters)[:, block]
    )

    def test(r: int) -> Resampled:
        ways = assignments(z[r], block, EXACT_DRAWS, 0.05, r, "H1")
        return pairs_test(y[r], z[r], np.arange(clusters), ways).resampled

    keeps_its_size(p_values(test))
