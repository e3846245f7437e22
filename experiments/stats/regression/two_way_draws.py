"""A two-way model seen through its clusters, for tests by draws: cross-products, and redrawn starting dates."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import permutation, stream
from experiments.stats.errors import NotEstimable
from experiments.stats.regression.assignments import assignments
from experiments.stats.regression.wild import MOST_NUMBERS, ClusterMoments
from experiments.stats.resampling import StudentisedDraws

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

CHUNK = 4_000_000  # numbers of a design held at once


def two_way_moments(
    outcome: FloatArray,
    regressors: FloatArray,
    *,
    unit: IntArray,
    period: IntArray,
    cluster: IntArray,
    weight: FloatArray | None = None,
) -> ClusterMoments:
    """Cross-products by cluster of a two-way model: unit effects absorbed, period effects as columns.

    Parameters
    ----------
    outcome : (N,), sorted by unit.
    regressors : (N, k); they come first among the columns.
    unit, period, cluster : (N,) codes without gaps; a unit lies in one cluster.
    weight : (N,) positive analysis weights.

    Raises
    ------
    NotEstimable : so many clusters and periods that the products do not fit in memory.

    Notes
    -----
    Only effects nested in clusters may be absorbed before clusters are drawn, so period dummies stay columns.
    The design is made a chunk of units at a time.
    """
    n_clusters, n_periods = int(cluster.max()) + 1, int(period.max()) + 1
    width = regressors.shape[1] + n_periods - 1
    if n_clusters * width * width > MOST_NUMBERS:
        raise NotEstimable(
            f"{n_clusters} clusters of {n_periods} periods are too many to redraw, and more than need it: use CR2"
        )
    weights = np.ones(len(outcome)) if weight is None else weight
    xx, xy = np.zeros((n_clusters, width, width)), np.zeros((n_clusters, width))
    for c, rows in _chunks(unit, cluster, max(1, CHUNK // width)):
        dummies = (period[rows, None] == np.arange(1, n_periods)).astype(np.float64)
        columns = np.column_stack([outcome[rows], regressors[rows], dummies])
        own = weights[rows, None]
        starts = np.flatnonzero(np.diff(unit[rows], prepend=-1))
        means = np.add.reduceat(columns * own, starts) / np.add.reduceat(own, starts)
        columns -= np.repeat(means, np.diff(starts, append=len(rows)), axis=0)
        weighted = columns[:, 1:] * own
        xx[c] += weighted.T @ columns[:, 1:]
        xy[c] += weighted.T @ columns[:, 0]
    return ClusterMoments(xx, xy, len(outcome), width + 1)


def _chunks(unit: IntArray, cluster: IntArray, size: int) -> Iterator[tuple[int, IntArray]]:
    """Rows of whole units of one cluster, about `size` rows at a time."""
    order = np.argsort(cluster, kind="stable")
    bounds = np.searchsorted(cluster[order], np.arange(int(cluster.max()) + 2))
    for c in range(len(bounds) - 1):
        rows = order[bounds[c] : bounds[c + 1]]
        starts = np.flatnonzero(np.diff(unit[rows], prepend=-1))
        begin = 0
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(rows)], strict=True):
            if end - begin > size and start > begin:
                yield c, rows[begin:start]
                begin = start
        yield c, rows[begin:]


def permute_paths(
    outcome: FloatArray,
    status: FloatArray,
    cluster: IntArray,
    *,
    draws: int,
    alpha: float,
    seed: int,
    estimate_id: str,
) -> StudentisedDraws:
    """Two-way coefficients had the clusters' starting dates been dealt out otherwise.

    Parameters
    ----------
    outcome, status : (n, T) of a balanced panel; the units of a cluster share one status.
    cluster : (n,) codes 0..G−1.
    draws, alpha, seed, estimate_id : of the test.

    Notes
    -----
    With E_c the sum over a cluster's units of the outcome without unit and period effects, and D̃ the redrawn status
    less its means: ``β = Σ E_c·D̃_c/Σ n_c D̃_c·D̃_c``, scores ``D̃_c·E_c − β n_c D̃_c·D̃_c``. The first draw is the
    observed assignment. All ways are used where there are two paths and at most 20,000 ways.

    Raises
    ------
    NotEstimable : units of one cluster with different paths, or so few ways that no p value could reach `alpha`.
    """
    n_clusters = int(cluster.max()) + 1
    sizes = np.bincount(cluster).astype(np.float64)
    share = sizes / sizes.sum()
    paths = status[np.unique(cluster, return_index=True)[1]]
    if not np.array_equal(paths[cluster], status):
        raise NotEstimable(
            "units of one cluster start at different times, so the cluster is not what was assigned"
        )
    collapsed = [_summed(values, cluster, n_clusters) for values in (outcome, status)]
    ways = _ways(paths, draws, alpha, seed, estimate_id)
    tops, squares = np.empty((len(ways.table), 2)), np.empty((len(ways.table), 3))
    for r, which in enumerate(ways.table):
        dealt = ways.paths[which]
        dealt = dealt - dealt.mean(axis=1, keepdims=True)
        dealt -= share @ dealt
        own = sizes * (dealt**2).sum(axis=1)
        bread = float(own.sum())
        along = [(values * dealt).sum(axis=1) for values in collapsed]
        tops[r] = [one.sum() for one in along]
        scores = [one - one.sum() / bread * own for one in along]
        squares[r] = scores[0] @ scores[0], scores[0] @ scores[1], scores[1] @ scores[1]
    return StudentisedDraws.of(tops, squares, is_exact=ways.is_exact)


@dataclass(frozen=True, slots=True)
class _Ways:
    """``table`` (R, G) of which of the ``paths`` (K, T) each cluster could have had, the observed one first."""

    table: IntArray
    paths: FloatArray
    is_exact: bool


def _ways(paths: FloatArray, draws: int, alpha: float, seed: int, estimate_id: str) -> _Ways:
    distinct, which = np.unique(paths, axis=0, return_inverse=True)
    if len(distinct) == 2:
        drawn = assignments(
            which.astype(np.float64), np.zeros(len(which), dtype=np.intp), draws, alpha, seed, estimate_id
        )
        return _Ways(drawn.table.astype(np.intp), distinct, drawn.is_enumerated)
    counts = np.bincount(which).tolist()
    possible = math.factorial(len(which)) // math.prod(math.factorial(count) for count in counts)
    if possible < 1 / alpha:
        raise NotEstimable(
            f"the dates could have fallen in {possible} ways only, so no p value below 1/{possible} is possible and "
            f"the test can never reach {alpha:g}"
        )
    shuffled = [
        which[permutation(stream(seed, estimate_id, "starting dates", r), len(which))]
        for r in range(1, draws + 1)
    ]
    return _Ways(np.array([which, *shuffled]), distinct, False)


def _summed(values: FloatArray, cluster: IntArray, n_clusters: int) -> FloatArray:
    """(G, T) sums over clusters of values without unit and period effects."""
    left = values - values.mean(axis=0)
    left -= left.mean(axis=1, keepdims=True)
    found = np.zeros((n_clusters, values.shape[1]))
    np.add.at(found, cluster, left)
    return found
