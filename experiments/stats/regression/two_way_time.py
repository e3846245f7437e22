"""Covariances of a two-way model in which the rows of one period may share a shock, or rows near in time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.covariance import cluster_sums, cr1_factor
from experiments.stats.regression.two_way_balanced import Design, Moments, residual_outcome

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

LEAST_PERIODS = 20
TIMED = frozenset({"driscoll_kraay", "CR1_two_way"})


@dataclass(frozen=True, slots=True)
class RowScores:
    """Weighted residual regressor times residual, a block of rows at a time.

    ``blocks`` yields (units (m,), periods (m,), scores (m, k)); ``n_periods`` T.
    """

    blocks: Callable[[], Iterator[tuple[IntArray, IntArray, FloatArray]]]
    n_slopes: int
    n_periods: int

    def by_period(self) -> FloatArray:
        """(T, k) sums within periods."""
        found = np.zeros((self.n_periods, self.n_slopes))
        for _, period, scores in self.blocks():
            found += cluster_sums(scores, period, self.n_periods)
        return found

    def meat(self) -> FloatArray:
        """(k, k) sum of the squares of single rows."""
        found = np.zeros((self.n_slopes, self.n_slopes))
        for _, _, scores in self.blocks():
            found += scores.T @ scores
        return found

    def by_cluster_and_period(self, cluster: IntArray) -> FloatArray:
        """(G·T, k) sums within each cluster and period; `cluster` (n,) by unit."""
        size = (int(cluster.max()) + 1) * self.n_periods
        found = np.zeros((size, self.n_slopes))
        for unit, period, scores in self.blocks():
            found += cluster_sums(scores, cluster[unit] * self.n_periods + period, size)
        return found


def balanced_scores(
    outcome: FloatArray, design: Design, products: Moments, coefficients: FloatArray
) -> RowScores:
    """Row scores of a balanced panel, made anew block by block."""
    n_periods = outcome.shape[1]

    def blocks() -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
        for units, block in design.blocks(products.weight):
            error = residual_outcome(outcome, units, products.period_outcome)
            error = (error - np.einsum("mkt,k->mt", block, coefficients)) * products.weight[units, None]
            scores = (block * error[:, None, :]).transpose(0, 2, 1).reshape(-1, design.n_columns)
            yield np.repeat(units, n_periods), np.tile(np.arange(n_periods), len(units)), scores

    return RowScores(blocks, design.n_columns, n_periods)


def long_scores(scores: FloatArray, unit: IntArray, period: IntArray) -> RowScores:
    """Row scores (N, k) of an unbalanced panel."""
    return RowScores(lambda: iter([(unit, period, scores)]), scores.shape[1], int(period.max()) + 1)


def timed_meat(
    kind: str, scores: RowScores, cluster: IntArray, n_obs: int, n_slopes: int
) -> tuple[FloatArray, float, Mapping[str, Any]]:
    """(k, k) meat, degrees of freedom, and how it was made.

    Parameters
    ----------
    kind : ``driscoll_kraay``, or ``CR1_two_way`` by cluster and by period.
    scores : of the rows.
    cluster : (n,) by unit.
    n_obs, n_slopes : rows, and regressors besides the effects.

    Raises
    ------
    NotEstimable : fewer than 20 periods for Driscoll–Kraay, or a two-way sum that is not positive.
    """
    found = scores.by_period()
    n_periods = scores.n_periods
    if kind == "driscoll_kraay":
        if n_periods < LEAST_PERIODS:
            raise NotEstimable(
                f"Driscoll–Kraay needs many periods: at least {LEAST_PERIODS}, and there are {n_periods}; use CR2"
            )
        lags = newey_west_lags(n_periods)
        words = {
            "factor": 1.0,
            "formula": "Bartlett kernel over periods",
            "lags": lags,
            "n_periods": n_periods,
        }
        return driscoll_kraay_meat(found, lags), float(n_periods - 1), {"covariance": kind, **words}
    n_clusters = int(cluster.max()) + 1
    both = scores.by_cluster_and_period(cluster)
    by_cluster = both.reshape(n_clusters, n_periods, -1).sum(axis=1)
    fewest = min(n_clusters, n_periods)
    # Unit effects are nested in the first dimension and period effects in the second: neither counts.
    factor = cr1_factor(n_obs, n_slopes + 1, fewest)
    meat = factor * (by_cluster.T @ by_cluster + found.T @ found - both.T @ both)
    if not np.all(np.diag(meat) > 0):
        raise NotEstimable(
            "the two-way clustered variance is not positive: there is no such correlation over periods; cluster one way"
        )
    return (
        meat,
        float(fewest - 1),
        {
            "covariance": "CR1",
            "factor": factor,
            "formula": "G/(G-1)*(N-1)/(N-K), G the fewer of clusters and periods",
            "n_obs": n_obs,
            "n_parameters": n_slopes + 1,
            "n_clusters": n_clusters,
            "n_clusters_second": n_periods,
            "fixed_effects": "unit and period effects nested in clusters, not counted",
        },
    )


def newey_west_lags(n_periods: int) -> int:
    """``⌊4(T/100)^(2/9)⌋`` lags (Newey & West 1994)."""
    return int(4 * (n_periods / 100) ** (2 / 9))


def driscoll_kraay_meat(sums: FloatArray, lags: int) -> FloatArray:
    """Bartlett-weighted autocovariances of the periods' summed scores.

    Parameters
    ----------
    sums : (T, k) scores summed within periods.
    lags : L, below T.

    Notes
    -----
    ``Γ_0 + Σ_{l=1..L} (1 − l/(L+1))(Γ_l + Γ_l′)``, ``Γ_l = Σ_t h_t h_{t−l}′``.

    References
    ----------
    Driscoll & Kraay (1998), *REStat*. Same numbers as linearmodels ``cov_type="kernel"`` without its factor.
    """
    meat = sums.T @ sums
    for lag in range(1, lags + 1):
        product = sums[lag:].T @ sums[:-lag]
        meat = meat + (1 - lag / (lags + 1)) * (product + product.T)
    return np.asarray(meat, dtype=np.float64)
