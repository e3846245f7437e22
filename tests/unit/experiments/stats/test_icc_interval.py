"""The intracluster correlation and its interval."""

import numpy as np
import pytest

from experiments.stats import icc_interval
from experiments.stats.errors import NotEstimable
from experiments.stats.icc import intracluster_correlation

# Shrout and Fleiss (1979), table 2: six targets, four ratings each.
RATINGS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=np.float64
)
TARGETS = np.repeat(np.arange(6), 4)


def test_the_ratings_of_shrout_and_fleiss() -> None:
    """ICC(1,1) is .17 in their table 4; R psych 2.4, ``ICC(sf)``: 0.17, from -0.133 to 0.72 on 5 and 18."""
    found = icc_interval(RATINGS.ravel(), TARGETS)
    assert found.estimate == pytest.approx(0.1657, abs=5e-5)
    assert (found.conf_low, found.conf_high) == pytest.approx((-0.133, 0.72), abs=0.003)
    assert (found.df, found.n_obs, found.n_clusters) == ((5, 18), 24, 6)


def test_a_limit_is_where_the_data_would_just_be_odd() -> None:
    """By its definition: at the limit, F over its expectation is at the quantile. Drawn, not looked up."""
    found = icc_interval(RATINGS.ravel(), TARGETS, level=0.9)
    between = 4 * RATINGS.mean(axis=1).var(ddof=1)
    within = RATINGS.var(axis=1, ddof=1).mean()
    rng = np.random.default_rng(3)
    drawn = (rng.chisquare(5, 400_000) / 5) / (rng.chisquare(18, 400_000) / 18)
    for limit, tail in ((found.conf_low, 0.95), (found.conf_high, 0.05)):
        scaled = between / within / ((1 + 3 * limit) / (1 - limit))
        assert (drawn < scaled).mean() == pytest.approx(tail, abs=0.002)


def test_order_labels_place_and_scale_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(12), rng.integers(2, 9, 12))
    arm = cluster % 2
    y = rng.normal(size=12)[cluster] + rng.normal(size=len(cluster))
    first = icc_interval(y, cluster, arm)
    order = rng.permutation(len(y))
    for other in (
        icc_interval(y[order], cluster[order], arm[order]),
        icc_interval(y, 11 - cluster, 1 - arm),
        icc_interval(5 - 3 * y, cluster, arm),
        icc_interval(y + 100 * arm, cluster, arm),
    ):
        assert (other.estimate, other.conf_low, other.conf_high) == pytest.approx(
            (first.estimate, first.conf_low, first.conf_high), abs=1e-10
        )
    assert first.estimate == pytest.approx(intracluster_correlation(y, cluster, arm), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", ["equal", "unequal"])
@pytest.mark.parametrize("truth", [0.02, 0.2])
def test_covers_as_often_as_it_says(sizes: str, truth: float) -> None:
    """Exact for clusters of one size; for a threefold range of sizes still within two points."""
    rng, hits, replicates = np.random.default_rng(7), 0, 1500
    each = np.full(20, 15) if sizes == "equal" else np.linspace(8, 24, 20).astype(int)
    cluster = np.repeat(np.arange(20), each)
    for _ in range(replicates):
        y = np.sqrt(truth) * rng.normal(size=20)[cluster] + np.sqrt(1 - truth) * rng.normal(size=len(cluster))
        found = icc_interval(y, cluster, cluster % 2)
        hits += found.conf_low <= truth <= found.conf_high
    bound = 4 * np.sqrt(0.95 * 0.05 / replicates) + (0 if sizes == "equal" else 0.02)
    assert abs(hits / replicates - 0.95) < bound


@pytest.mark.parametrize(
    ("outcome", "clusters", "reason"),
    [
        ([1.0, 2.0, 3.0], [0, 1, 2], "more than one row in some of them"),
        ([1.0, 2.0, 3.0], [0, 0, 0], "more clusters than arms"),
        ([1.0, 1.0, 2.0, 2.0], [0, 0, 1, 1], "does not vary within clusters"),
    ],
)
def test_refuses(outcome: list[float], clusters: list[int], reason: str) -> None:
    with pytest.raises(NotEstimable, match=reason):
        icc_interval(np.array(outcome), np.array(clusters))
