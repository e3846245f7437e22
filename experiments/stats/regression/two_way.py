"""Least squares with unit and period effects: one door for balanced and unbalanced panels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.covariance import CLUSTERED, cluster_sums, covariance, cr1_factor
from experiments.stats.regression.linear import least_squares
from experiments.stats.regression.two_way_balanced import (
    Design,
    moments,
    solve_moments,
)
from experiments.stats.regression.two_way_cr2 import BalancedCR2
from experiments.stats.regression.two_way_time import (
    TIMED,
    RowScores,
    balanced_scores,
    long_scores,
    timed_meat,
)
from experiments.stats.regression.two_way_unbalanced import (
    demean_two_way,
    group_means,
    informative_rows,
    refuse_disconnected,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

TwoWayCovariance = Literal["classical", "HC1", "CR0", "CR1", "CR1_two_way", "CR2", "driscoll_kraay"]
CR2_CELLS = 100_000_000  # numbers held at once by CR2 of an unbalanced panel: 0.8 GB


@dataclass(frozen=True, slots=True)
class TwoWayFit:
    """One two-way fit.

    Attributes
    ----------
    coefficients, covariance : (k,) and (k, k).
    df : degrees of freedom of a (k,) contrast.
    ssc : the small-sample factor and its parts.
    n_obs, n_units, n_periods, n_clusters : what was used.
    used : (N,) rows used of those given; None where all were.
    passes : alternations of an unbalanced panel, 0 in closed form.
    """

    coefficients: FloatArray
    covariance: FloatArray
    df: Callable[[FloatArray], float]
    ssc: Mapping[str, Any]
    n_obs: int
    n_units: int
    n_periods: int
    n_clusters: int
    used: BoolArray | None = None
    passes: int = 0


def fit_balanced(
    outcome: FloatArray,
    design: Design,
    names: Sequence[str],
    *,
    cluster: IntArray,
    weight: FloatArray | None = None,
    kind: TwoWayCovariance = "CR1",
) -> TwoWayFit:
    """Two-way model of a balanced panel, in closed form.

    Parameters
    ----------
    outcome : (n, T).
    design : its regressors.
    names : (k,) their names, for messages.
    cluster : (n,) codes 0..G−1, at or above the unit.
    weight : (n,) positive weights, constant within units; None for equal weights.
    kind : covariance; CR1 is ``G/(G−1)·(N−1)/(N−K)`` with K the slopes and the T period
        effects (the constant among them), unit effects being nested in the clusters; ``CR1_two_way``
        clusters by period too.

    Raises
    ------
    NotEstimable : a regressor without variation of its own, no degrees of freedom, one cluster.
    """
    n_units, n_periods = outcome.shape
    weights = np.ones(n_units) if weight is None else weight / weight.mean()
    products = moments(outcome, design, weights)
    coefficients, bread = solve_moments(products.total, products.xy.sum(axis=0), names, design.sizes(weights))
    n_clusters = int(cluster.max()) + 1
    counts = _Counts(n_units * n_periods, n_units, n_periods, n_clusters, design.n_columns)
    fit = _Solved(coefficients, bread)
    if kind == "CR2":
        adjusted = BalancedCR2(outcome, design, products, coefficients, bread, cluster)
        return _result(fit, adjusted.matrix, adjusted.df, counts.ssc("CR2", 1.0), counts)
    if kind in CLUSTERED:
        scores = np.zeros((n_clusters, design.n_columns))
        np.add.at(scores, cluster, products.scores(coefficients))
        return _clustered(fit, scores, kind, counts)
    if kind == "classical":
        left = float(products.yy.sum() - coefficients @ products.xy.sum(axis=0))
        return _independent(fit, _inverse(bread) * left, kind, counts)
    rows = balanced_scores(outcome, design, products, coefficients)
    if kind in TIMED:
        return _timed(fit, rows, cluster, kind, counts)
    return _independent(fit, rows.meat(), kind, counts)


def fit_long(
    outcome: FloatArray,
    regressors: FloatArray,
    names: Sequence[str],
    *,
    unit: IntArray,
    period: IntArray,
    cluster: IntArray,
    weight: FloatArray | None = None,
    kind: TwoWayCovariance = "CR1",
) -> TwoWayFit:
    """Two-way model of an unbalanced panel, by alternating means.

    Parameters
    ----------
    outcome : (N,) one value for each row.
    regressors : (N, k).
    unit, period, cluster : (N,) codes; a unit's rows share a cluster.
    weight : (N,) positive weights; None for equal weights.
    names, kind : see :func:`fit_balanced`.

    Raises
    ------
    NotEstimable : as :func:`fit_balanced`, and a panel that is disconnected, that does not
        settle, or that is too large for CR2.
    """
    used = informative_rows(unit, period)
    if not used.any():
        raise NotEstimable("every row is alone in its unit or in its period, so nothing can be compared")
    unit, period, cluster = (_renumbered(codes[used]) for codes in (unit, period, cluster))
    refuse_disconnected(unit, period)
    weights = np.ones(len(unit)) if weight is None else weight[used] / weight[used].mean()
    stacked = np.column_stack([outcome[used], regressors[used]])
    residual, passes = demean_two_way(stacked, unit, period, weights)
    y, x = residual[:, 0], residual[:, 1:]
    weighted = x * weights[:, None]
    coefficients, bread = solve_moments(
        weighted.T @ x, weighted.T @ y, names, weights @ regressors[used] ** 2
    )
    error = y - x @ coefficients
    counts = _Counts(
        len(unit), int(unit.max()) + 1, int(period.max()) + 1, int(cluster.max()) + 1, x.shape[1]
    )
    fit = _Solved(coefficients, bread, None if used.all() else used, passes)
    if kind == "CR2":
        return _long_cr2(fit, stacked, unit, period, cluster, weights, counts)
    if kind in CLUSTERED:
        scores = weighted * error[:, None]
        sums = cluster_sums(scores, cluster, counts.n_clusters)
        return _clustered(fit, sums, kind, counts)
    if kind == "classical":
        return _independent(fit, _inverse(bread) * float(weights @ error**2), kind, counts)
    rows = long_scores(weighted * error[:, None], unit, period)
    if kind in TIMED:
        by_unit = np.zeros(counts.n_units, dtype=np.intp)
        by_unit[unit] = cluster
        return _timed(fit, rows, by_unit, kind, counts)
    return _independent(fit, rows.meat(), kind, counts)


@dataclass(frozen=True, slots=True)
class _Solved:
    coefficients: FloatArray
    bread: FloatArray
    used: BoolArray | None = None
    passes: int = 0


@dataclass(frozen=True, slots=True)
class _Counts:
    n_obs: int
    n_units: int
    n_periods: int
    n_clusters: int
    n_slopes: int

    @property
    def nested(self) -> int:
        """K when unit effects are nested in clusters: slopes, and period effects with the constant."""
        return self.n_slopes + self.n_periods

    @property
    def every(self) -> int:
        """K when all effects count."""
        return self.n_slopes + self.n_periods + self.n_units - 1

    def ssc(self, kind: str, factor: float) -> Mapping[str, Any]:
        clustered = kind in CLUSTERED
        formulas = {
            "CR1": "G/(G-1)*(N-1)/(N-K)",
            "CR2": "none (Bell-McCaffrey)",
            "HC1": "N/(N-K)",
            "classical": "1/(N-K)",
        }
        return {
            "covariance": kind,
            "factor": factor,
            "formula": formulas.get(kind, "none"),
            "n_obs": self.n_obs,
            "n_parameters": self.nested if clustered else self.every,
            **({"n_clusters": self.n_clusters} if clustered else {}),
            "fixed_effects": "unit effects nested in clusters, not counted" if clustered else "all counted",
        }


def _clustered(fit: _Solved, scores: FloatArray, kind: str, counts: _Counts) -> TwoWayFit:
    if counts.n_clusters < 2:
        raise NotEstimable("there is only one cluster")
    factor = cr1_factor(counts.n_obs, counts.nested, counts.n_clusters) if kind == "CR1" else 1.0
    matrix = factor * (fit.bread @ (scores.T @ scores) @ fit.bread)
    return _result(
        fit, matrix, lambda contrast: float(counts.n_clusters - 1), counts.ssc(kind, factor), counts
    )


def _timed(fit: _Solved, rows: RowScores, cluster: IntArray, kind: str, counts: _Counts) -> TwoWayFit:
    meat, df, ssc = timed_meat(kind, rows, cluster, counts.n_obs, counts.n_slopes)
    return _result(fit, fit.bread @ meat @ fit.bread, lambda contrast: df, ssc, counts)


def _independent(fit: _Solved, meat: FloatArray, kind: str, counts: _Counts) -> TwoWayFit:
    left = counts.n_obs - counts.every
    if left < 1:
        raise NotEstimable(f"{counts.n_obs} rows cannot support {counts.every} parameters")
    factor = 1 / left if kind == "classical" else counts.n_obs / left
    matrix = factor * (fit.bread @ meat @ fit.bread)
    return _result(fit, matrix, lambda contrast: float(left), counts.ssc(kind, factor), counts)


def _result(
    fit: _Solved,
    matrix: FloatArray,
    df: Callable[[FloatArray], float],
    ssc: Mapping[str, Any],
    counts: _Counts,
) -> TwoWayFit:
    return TwoWayFit(
        fit.coefficients,
        matrix,
        df,
        ssc,
        counts.n_obs,
        counts.n_units,
        counts.n_periods,
        counts.n_clusters,
        fit.used,
        fit.passes,
    )


def _long_cr2(
    fit: _Solved,
    stacked: FloatArray,
    unit: IntArray,
    period: IntArray,
    cluster: IntArray,
    weight: FloatArray,
    counts: _Counts,
) -> TwoWayFit:
    """CR2 with unit effects absorbed and period effects as columns, so that the hat matrix is right."""
    if counts.n_obs * (counts.n_slopes + counts.n_periods) > CR2_CELLS:
        raise NotEstimable(
            f"CR2 of an unbalanced panel of {counts.n_obs} rows and {counts.n_periods} periods does not fit "
            "in memory; use CR1, or a balanced panel"
        )
    dummies = (period[:, None] == np.arange(1, counts.n_periods)).astype(np.float64)
    columns = np.column_stack([stacked, dummies])
    columns -= group_means(columns, unit, weight)[unit]
    names = [f"regressor {j + 1}" for j in range(counts.n_slopes)]
    names += [f"period {t + 1}" for t in range(1, counts.n_periods)]
    whole = least_squares(columns[:, 1:], columns[:, 0], names, weights=weight, intercept=False)
    found = covariance(whole, "CR2", cluster, extra_parameters=1)
    width = counts.n_slopes

    def df(contrast: FloatArray) -> float:
        return float(found.df(np.append(contrast, np.zeros(counts.n_periods - 1))) or np.inf)

    return _result(fit, found.matrix[:width, :width], df, counts.ssc("CR2", 1.0), counts)


def _inverse(matrix: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _renumbered(codes: IntArray) -> IntArray:
    return np.unique(codes, return_inverse=True)[1]
