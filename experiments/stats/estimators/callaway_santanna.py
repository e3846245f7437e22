"""Callaway–Sant'Anna: group–time effects of staggered adoption and their aggregations."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.staggered.aggregation import Aggregation
from experiments.stats.staggered.doubly_robust import Estimation
from experiments.stats.staggered.effects import Clusters, GroupTimeEffects, assembled, refuse_empty
from experiments.stats.staggered.group_time import BasePeriod, ControlGroup, cells
from experiments.stats.staggered.group_time_adjusted import AdjustedEffects
from experiments.stats.staggered.group_time_means import MeanEffects

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


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
    refuse_empty(outcome, first_treated, float(periods[0]), clusters, control_group)
    adopted, cohort = np.unique(first_treated, return_inverse=True)
    table = cells(
        adopted, periods, control_group=control_group, base_period=base_period, anticipation=anticipation
    )
    engine: MeanEffects | AdjustedEffects
    if covariates is None or covariates.shape[2] == 0:
        engine = MeanEffects(outcome, cohort, weights, len(adopted), table)
    else:
        engine = AdjustedEffects(outcome, cohort, weights, covariates, table, estimation)
    return assembled(
        engine,
        np.bincount(cohort, weights=weights, minlength=len(adopted)) / n_units,
        Clusters(clusters, int(clusters.max()) + 1, n_units),
        aggregation=aggregation,
        keep_scores=keep_scores,
        n_treated=int(np.isfinite(first_treated).sum()),
    )
