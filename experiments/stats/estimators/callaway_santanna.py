"""Callaway–Sant'Anna: group–time effects of staggered adoption and their aggregations."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.aggregation import Aggregation, aggregate
from experiments.stats.staggered.doubly_robust import Estimation
from experiments.stats.staggered.group_time import BasePeriod, Cell, ControlGroup, cells
from experiments.stats.staggered.group_time_adjusted import AdjustedEffects
from experiments.stats.staggered.group_time_means import MeanEffects

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class GroupTimeEffects:
    """Effects of staggered adoption, in the outcome's units.

    Attributes
    ----------
    overall, std_error : the aggregation's overall effect and its standard error.
    keys : what each of the E terms is: an event time, cohort, period or (cohort, period).
    estimates : (E,) the terms.
    covariance : (E, E) their covariance.
    left_out : (E,) cells of each term that could not be estimated.
    cells : every group–time cell, with the reason where it was left out.
    effects : (S,) the cells' effects, NaN where left out.
    scores : (G, E + 1) influence values summed within clusters and divided by n (terms,
        then overall), so that the covariance is ``scores.T @ scores``; None unless asked for.
    n_units, n_treated, n_clusters : what the effects rest on.
    trimmed : controls dropped in some comparison for a propensity near one.
    loading : (C, T) weights over cohorts' period means of which the overall effect is the sum; None with covariates.
    """

    overall: float
    std_error: float
    keys: tuple[float | tuple[float, float], ...]
    estimates: FloatArray
    covariance: FloatArray
    left_out: tuple[int, ...]
    cells: tuple[Cell, ...]
    effects: FloatArray
    scores: FloatArray | None
    n_units: int
    n_treated: int
    n_clusters: int
    trimmed: int = 0
    loading: FloatArray | None = None

    @property
    def std_errors(self) -> FloatArray:
        """(E,) standard errors of the terms."""
        return np.sqrt(np.diag(self.covariance))


def callaway_santanna(
    outcome: FloatArray,
    first_treated: FloatArray,
    periods: FloatArray,
    *,
    covariates: FloatArray | None = None,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
    control_group: ControlGroup = "never_treated",
    base_period: BasePeriod = "varying",
    estimation: Estimation = "dr",
    anticipation: float = 0.0,
    aggregation: Aggregation = "simple",
    keep_scores: bool = False,
) -> GroupTimeEffects:
    """Group–time average effects on the treated, aggregated, with analytic standard errors.

    Parameters
    ----------
    outcome : (n, T) outcomes of a balanced panel, in the outcome's units.
    first_treated : (n,) first treated period, ``inf`` for never treated. Nobody may be
        treated at or before the first period.
    periods : (T,) the periods, increasing.
    covariates : (n, T, p) covariates; each comparison uses their values at its base period.
    cluster : (n,) cluster of each unit, at or above the unit; None for the unit.
    weight : (n,) positive analysis weights; None for equal weights.
    control_group, base_period, anticipation : see :func:`experiments.stats.staggered.group_time.cells`.
    estimation : with covariates, see :func:`experiments.stats.staggered.doubly_robust.two_period_effect`;
        without, the three are one.
    aggregation : see :func:`experiments.stats.staggered.aggregation.aggregate`.
    keep_scores : also return the clusters' scores, for a multiplier bootstrap.

    Returns
    -------
    GroupTimeEffects : the terms of the aggregation with their covariance, and the overall effect.

    Raises
    ------
    NotEstimable : nobody treated or nobody to compare with, no period before adoption,
        one treated unit or cluster, or an outcome that does not vary.

    Notes
    -----
    ``V = Σ_c (Σ_{i∈c} ψ_i)²/n²`` from the influence values, including those of the
    estimated aggregation weights; no small-sample factor.

    References
    ----------
    Callaway & Sant'Anna (2021), *J Econometrics*.
    """
    n_units = len(outcome)
    weights = np.ones(n_units) if weight is None else weight / weight.mean()
    clusters = np.arange(n_units) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    _refuse_empty(outcome, first_treated, periods, clusters, control_group)
    adopted, cohort = np.unique(first_treated, return_inverse=True)
    table = cells(
        adopted, periods, control_group=control_group, base_period=base_period, anticipation=anticipation
    )
    engine: MeanEffects | AdjustedEffects
    if covariates is None or covariates.shape[2] == 0:
        engine = MeanEffects(outcome, cohort, weights, len(adopted), table)
    else:
        engine = AdjustedEffects(outcome, cohort, weights, covariates, table, estimation)
    _refuse_without_effect(engine.table, engine.effects)
    share = np.bincount(cohort, weights=weights, minlength=len(adopted)) / n_units
    terms, overall = aggregate(engine.table, engine.effects, share, aggregation)
    combinations = (*terms, overall)
    covariance, scores = _covariance(engine.influence(combinations), clusters, keep_scores, len(combinations))
    values = np.array([float(part.weights @ engine.effects[part.cells]) for part in combinations])
    return GroupTimeEffects(
        overall=float(values[-1]),
        std_error=float(np.sqrt(covariance[-1, -1])),
        keys=tuple(term.key for term in terms if term.key is not None),
        estimates=values[:-1],
        covariance=covariance[:-1, :-1],
        left_out=tuple(term.left_out for term in terms),
        cells=engine.table,
        effects=engine.effects,
        scores=scores,
        n_units=n_units,
        n_treated=int(np.isfinite(first_treated).sum()),
        n_clusters=int(clusters.max()) + 1,
        trimmed=engine.trimmed,
        loading=engine.loading(overall) if isinstance(engine, MeanEffects) else None,
    )


def _covariance(
    blocks: Iterator[tuple[IntArray, FloatArray]], clusters: IntArray, keep_scores: bool, n_effects: int
) -> tuple[FloatArray, FloatArray | None]:
    """Covariance of the effects from influence values, summed within clusters."""
    n_units, n_clusters = len(clusters), int(clusters.max()) + 1
    if n_clusters == n_units and not keep_scores:
        covariance = np.zeros((n_effects, n_effects))
        for _, values in blocks:
            covariance += values.T @ values
        return covariance / n_units**2, None
    scores = np.zeros((n_clusters, n_effects))
    for units, values in blocks:
        np.add.at(scores, clusters[units], values)
    scores /= n_units
    return scores.T @ scores, scores if keep_scores else None


def _refuse_empty(
    outcome: FloatArray,
    first_treated: FloatArray,
    periods: FloatArray,
    clusters: IntArray,
    control_group: ControlGroup,
) -> None:
    """Refuse what no choice of cells could estimate."""
    treated = np.isfinite(first_treated)
    if not treated.any():
        raise NotEstimable("no unit is treated within the periods of the data")
    if np.any(first_treated <= periods[0]):
        raise NotEstimable("a unit is treated from the first period on: it has no period before treatment")
    if control_group == "never_treated" and treated.all():
        raise NotEstimable(
            "no unit is never treated, so there is nobody to compare with: "
            "compare with units not yet treated (control_group 'not_yet_treated')"
        )
    if len(np.unique(first_treated)) < 2:
        raise NotEstimable("every unit is first treated in the same period: there is nobody to compare with")
    if np.all(outcome == outcome[0, 0]):
        raise NotEstimable("the outcome is the same in every row")
    if treated.sum() < 2:
        raise NotEstimable("only one unit is treated, so the spread between treated units cannot be measured")
    if len(np.unique(clusters[treated])) < 2:
        raise NotEstimable(
            "all treated units are in one cluster, so the spread between clusters cannot be measured"
        )


def _refuse_without_effect(table: tuple[Cell, ...], effects: FloatArray) -> None:
    """Name the commonest reason where no cell after adoption is left."""
    post = [(cell, effect) for cell, effect in zip(table, effects, strict=True) if cell.is_post]
    if any(np.isfinite(effect) for _, effect in post):
        return
    reasons = [cell.reason for cell, _ in post if cell.reason]
    detail = f" ({max(reasons, key=reasons.count)})" if reasons else ""
    raise NotEstimable(f"no effect after adoption can be estimated{detail}")
