"""Callaway–Sant'Anna of repeated cross-sections, and of panels whose units are not seen in every period."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.aggregation import Aggregation
from experiments.stats.staggered.doubly_robust import Estimation
from experiments.stats.staggered.effects import Clusters, GroupTimeEffects, assembled, refuse_empty
from experiments.stats.staggered.group_time import BasePeriod, ControlGroup, cells
from experiments.stats.staggered.group_time_rows import RowMeans
from experiments.stats.staggered.group_time_rows_adjusted import AdjustedRows
from experiments.stats.staggered.row_table import RowTable, comparable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


def callaway_santanna_rows(
    outcome: FloatArray,
    first_treated: FloatArray,
    period: FloatArray,
    *,
    unit: IntArray | None = None,
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
    """Group–time average effects on the treated from rows that are not followed over time, or not all the time.

    Parameters
    ----------
    outcome : (N,) outcomes, one row for each person, place or incident seen, in the outcome's units.
    first_treated : (N,) first treated period of the row's cohort, ``inf`` for never treated. None at or before the
        first period.
    period : (N,) the period in which the row was seen.
    unit : (N,) the unit of each row, where units are seen again; None where every row is another one.
    covariates : (N, p) each row's own covariates.
    cluster : (N,) cluster of each row, at or above the unit; None for the unit, or the row.
    weight : (N,) positive analysis weights; None for equal weights.
    control_group, base_period, anticipation : see :func:`experiments.stats.staggered.group_time.cells`.
    estimation : with covariates, see
        :func:`experiments.stats.staggered.doubly_robust_rows.two_period_effect_of_rows`; without, the three are one.
    aggregation : see :func:`experiments.stats.staggered.aggregation.aggregate`.
    keep_scores : also return the clusters' scores, for a multiplier bootstrap.

    Returns
    -------
    GroupTimeEffects : the terms of the aggregation with their covariance, and the overall effect.

    Raises
    ------
    NotEstimable : nobody treated or nobody to compare with, no period before adoption, one treated unit or cluster, a
        unit that changes its cohort or cluster or is seen twice in a period, or an outcome that does not vary.

    Notes
    -----
    Each cell compares four groups of rows; of n rows, m of them in the cell, a row's influence value is n/m times that
    in the cell. Cohorts weigh by their share of all rows. With units, n counts units, influence values add up within
    them, and cohorts weigh by their share of units. Where nobody is never treated, rows from the period on in which
    the last cohort may respond have no comparison, and are left out of everything.

    References
    ----------
    Callaway & Sant'Anna (2021), *J Econometrics*, appendix B; Sant'Anna & Zhao (2020), *J Econometrics*. The
    conventions are those of R ``did`` with ``panel = FALSE``, and with ``allow_unbalanced_panel = TRUE``.
    """
    word = "row" if unit is None else "unit"
    periods = np.unique(period)
    if len(periods) < 2:
        raise NotEstimable("the data have one period only, so there is no change over time to compare")
    used = comparable(first_treated, period, control_group, anticipation)
    adopted, cohort = np.unique(first_treated, return_inverse=True)
    units = _codes(unit, used)
    clusters = units if cluster is None else _codes(cluster, used)
    if unit is not None:
        _refuse_inconsistent(units, cohort[used], clusters, np.searchsorted(periods, period[used]))
    place = units if unit is None else np.unique(units, return_index=True)[1]
    refuse_empty(
        outcome[used],
        first_treated[used][place],
        float(periods[0]),
        clusters[place],
        control_group,
        word=word,
    )
    table = cells(
        adopted, periods, control_group=control_group, base_period=base_period, anticipation=anticipation
    )
    weights = np.ones(int(used.sum())) if weight is None else weight[used] / weight[used].mean()
    rows = RowTable(
        outcome=outcome[used] - outcome[used].mean(),
        cohort=cohort[used],
        period=np.searchsorted(periods, period[used]),
        weight=weights,
        carried=weights / np.bincount(units)[units],
        n_units=len(place),
        n_cohorts=len(adopted),
        n_periods=len(periods),
    )
    engine: RowMeans | AdjustedRows
    if covariates is None or covariates.shape[1] == 0:
        engine = RowMeans(rows, table)
    else:
        engine = AdjustedRows(rows, covariates[used], table, estimation)
    return assembled(
        engine,
        rows.share,
        Clusters(clusters, int(clusters.max()) + 1, len(place)),
        aggregation=aggregation,
        keep_scores=keep_scores,
        n_treated=int(np.isfinite(first_treated[used][place]).sum()),
    )


def _codes(labels: IntArray | None, used: BoolArray) -> IntArray:
    """Codes without gaps of the rows used; the rows themselves where there are no labels."""
    if labels is None:
        return np.arange(int(used.sum()))
    return np.asarray(np.unique(labels[used], return_inverse=True)[1], dtype=np.intp)


def _refuse_inconsistent(units: IntArray, cohort: IntArray, clusters: IntArray, period: IntArray) -> None:
    """Refuse units that are not one thing over time."""
    first = np.unique(units, return_index=True)[1]
    for codes, name in ((cohort, "period of first treatment"), (clusters, "cluster")):
        if np.any(codes != codes[first][units]):
            raise NotEstimable(f"a unit changes its {name} over time")
    if len(np.unique(units * (int(period.max()) + 1) + period)) < len(units):
        raise NotEstimable("a unit is seen twice in one period")
