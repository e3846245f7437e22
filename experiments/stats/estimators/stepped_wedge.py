"""Stepped wedge: clusters that all cross over to the tactic, one sequence after another, in an order drawn by lot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.domain import LEAST_CLUSTERS
from experiments.stats.errors import NotEstimable
from experiments.stats.regression.two_way import TwoWayCovariance, TwoWayFit, fit_long

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

NEVER = 1_000_000_000  # the crossing of a cluster that does not cross over within the data


@dataclass(frozen=True, slots=True)
class SteppedWedge:
    """The effect of a stepped wedge.

    Attributes
    ----------
    fit : the two-way fit; its first coefficient is the effect.
    by_exposure : the fit in which the effect may differ by periods since the crossing, 0 for the first; None where
        the schedule cannot tell them apart.
    exposures : (E,) those periods, in the order of its coefficients.
    used : (N,) rows that are not in transition.
    """

    fit: TwoWayFit
    by_exposure: TwoWayFit | None
    exposures: IntArray
    used: BoolArray


def stepped_wedge(
    outcome: FloatArray,
    treatment: FloatArray,
    cluster: IntArray,
    period: IntArray,
    *,
    start: IntArray | None = None,
    transition: int = 0,
    covariates: FloatArray | None = None,
    weight: FloatArray | None = None,
    covariance: TwoWayCovariance = "CR2",
    names: tuple[str, ...] = (),
) -> SteppedWedge:
    """Effect of a tactic that every cluster takes up in the end, with cluster and period effects taken out.

    Parameters
    ----------
    outcome : (N,) in the outcome's units; a cluster may have many rows in a period, or one.
    treatment : (N,) 1 from a cluster's crossing on, 0 before, as the schedule has it.
    cluster, period : (N,) codes from 0 without gaps, in any order of rows.
    start : (G,) the period of each cluster's crossing; None for that of its first treated row.
    transition : periods from each crossing on that are left out.
    covariates : (N, p) columns; those fixed in time follow from the cluster effects and are refused.
    weight : (N,) positive analysis weights.
    covariance : ``CR2`` with Satterthwaite degrees of freedom, or ``CR1`` with t(G − 1), by cluster.
    names : (p,) names of the covariates, for messages.

    Returns
    -------
    SteppedWedge : the effect θ of ``y_ict = α_c + β_t + θ x_ct + e``, cluster effects fixed, and the effects by time
        since the crossing.

    Raises
    ------
    NotEstimable : fewer than 6 clusters, a schedule in which every period is all control or all treated, a cluster
        with both in one period, or one that turns back.

    References
    ----------
    Hussey & Hughes (2007), *Contemp Clin Trials*; Kenny et al. (2022), *Stat Med*, and Maleyeff et al. (2023),
    *Biometrics*, for effects that change with exposure.
    """
    start = crossings(treatment, cluster, period) if start is None else start
    since = period - start[cluster]
    used = (since < 0) | (since >= transition)
    refuse_schedule(start, cluster[used], period[used])
    rest = covariates[used] if covariates is not None else np.empty((int(used.sum()), 0))
    labels = names or tuple(f"x{j + 1}" for j in range(rest.shape[1]))

    def fitted(columns: FloatArray, of: tuple[str, ...]) -> TwoWayFit:
        return fit_long(
            outcome[used],
            np.column_stack([columns, rest]),
            (*of, *labels),
            unit=cluster[used],
            period=period[used],
            cluster=cluster[used],
            weight=None if weight is None else weight[used],
            kind=covariance,
        )

    fit = fitted((since[used] >= 0).astype(np.float64)[:, None], ("treatment",))
    exposures = np.unique(since[used & (since >= 0)])
    columns = (since[used, None] == exposures).astype(np.float64)
    try:
        by_exposure = fitted(columns, tuple(f"event_time={time}" for time in exposures.tolist()))
    except NotEstimable:
        by_exposure = None
    return SteppedWedge(fit, by_exposure, exposures, used)


def crossings(treatment: FloatArray, cluster: IntArray, period: IntArray) -> IntArray:
    """(G,) the period in which each cluster is first treated; far in the future where it is not.

    Raises
    ------
    NotEstimable : a status between 0 and 1, a cluster with both in one period, or one that turns back.
    """
    if not np.isin(treatment, (0.0, 1.0)).all():
        raise NotEstimable("the treatment status of a stepped wedge is 0 or 1, and some rows have a share")
    shape = int(cluster.max()) + 1, int(period.max()) + 1
    place = cluster * shape[1] + period
    rows = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    treated = np.bincount(place, weights=treatment, minlength=shape[0] * shape[1]).reshape(shape)
    if ((treated > 0) & (treated < rows)).any():
        raise NotEstimable(
            "a cluster has treated and untreated rows in one period: 'cluster' is what crosses over, as a whole"
        )
    on = treated > 0
    start = np.where(on.any(axis=1), on.argmax(axis=1), NEVER)
    if ((rows > 0) & ~on & (np.arange(shape[1]) >= start[:, None])).any():
        raise NotEstimable(
            "a cluster is untreated again after it crossed over; use crossover for a tactic that is switched on and off"
        )
    return start.astype(np.intp)


def refuse_schedule(start: IntArray, cluster: IntArray, period: IntArray) -> None:
    """Refuse too few clusters, and a schedule that never has treated and untreated clusters side by side.

    Parameters
    ----------
    start : (G,) crossings.
    cluster, period : (N,) codes of the rows that are used.
    """
    n_clusters = len(np.unique(cluster))
    if n_clusters < LEAST_CLUSTERS:
        raise NotEstimable(
            f"{n_clusters} clusters are too few for a stepped wedge: at least {LEAST_CLUSTERS} are needed; with fewer, "
            "synthetic_control can judge one at a time"
        )
    treated = period >= start[cluster]
    on = np.bincount(period, weights=treated)
    rows = np.bincount(period)
    if not ((on > 0) & (on < rows)).any():
        raise NotEstimable(
            "in every period the clusters are all treated or all untreated, so the effect cannot be told from time"
        )
