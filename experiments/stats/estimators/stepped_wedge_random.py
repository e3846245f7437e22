"""Stepped wedge with random effects of clusters and of their periods, by restricted maximum likelihood."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.stepped_wedge import crossings, refuse_schedule
from experiments.stats.regression.linear import LinearFit, least_squares
from experiments.stats.regression.nested_intercepts import NestedIntercepts, nested_intercepts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RandomWedge:
    """The effect of a stepped wedge whose clusters are drawn from one distribution.

    Attributes
    ----------
    columns : the least squares behind the fit, which names its columns.
    fit : the mixed model with one effect.
    by_exposure : that in which the effect may differ by periods since the crossing; None where the schedule cannot
        tell them apart.
    exposures : (E,) those periods; their coefficients come after the constant.
    used : (N,) rows that are not in transition.
    n_clusters : clusters with such rows.
    """

    columns: LinearFit
    fit: NestedIntercepts
    by_exposure: NestedIntercepts | None
    exposures: IntArray
    used: BoolArray
    n_clusters: int

    @property
    def contrast(self) -> FloatArray:
        """The (K,) contrast of the effect."""
        return self.columns.contrast("treatment")


def stepped_wedge_random(
    outcome: FloatArray,
    treatment: FloatArray,
    cluster: IntArray,
    period: IntArray,
    *,
    start: IntArray | None = None,
    transition: int = 0,
    covariates: FloatArray | None = None,
    names: tuple[str, ...] = (),
) -> RandomWedge:
    """Effect of a tactic that every cluster takes up in the end, each cluster's level drawn from one distribution.

    Parameters
    ----------
    outcome : (N,) in the outcome's units; a cluster may have many rows in a period, or one.
    treatment : (N,) 1 from a cluster's crossing on, 0 before, as the schedule has it.
    cluster, period : (N,) codes from 0 without gaps, in any order of rows.
    start : (G,) the period of each cluster's crossing; None for that of its first treated row.
    transition : periods from each crossing on that are left out.
    covariates : (N, k) columns, fixed in time or not.
    names : (k,) names of the covariates, for messages.

    Returns
    -------
    RandomWedge : the effect θ of ``y_ict = β_t + θ x_ct + u_c + v_ct + e``, all three normal with one variance each,
        with Kenward and Roger's error and degrees of freedom, and the effects by time since the crossing. Where no
        cluster has two rows in a period v is part of e, and this is Hussey and Hughes's model.

    Raises
    ------
    NotEstimable : what the model with fixed effects refuses of a schedule; nearly all variance between clusters, rows
        alike within clusters and periods, or a column that follows from the periods or from others.

    References
    ----------
    Hussey & Hughes (2007), *Contemp Clin Trials*; Hooper et al. (2016), *Stat Med*; Kenward & Roger (1997),
    *Biometrics*. Same coefficients and variances as statsmodels ``MixedLM``.
    """
    start = crossings(treatment, cluster, period) if start is None else start
    since = period - start[cluster]
    used = (since < 0) | (since >= transition)
    refuse_schedule(start, cluster[used], period[used])
    rest = covariates[used] if covariates is not None else np.empty((int(used.sum()), 0))
    months, when = np.unique(period[used], return_inverse=True)
    groups = np.unique(cluster[used], return_inverse=True)[1]
    others = np.column_stack([when[:, None] == np.arange(1, len(months)), rest])
    labels = (
        *(f"the period {code + 1}" for code in months[1:].tolist()),
        *(names or (f"x{j + 1}" for j in range(rest.shape[1]))),
    )

    def fitted(columns: FloatArray, of: tuple[str, ...]) -> tuple[LinearFit, NestedIntercepts]:
        plain = least_squares(np.column_stack([columns, others]), outcome[used], (*of, *labels))
        return plain, nested_intercepts(plain, groups, when)

    columns, fit = fitted((since[used] >= 0).astype(np.float64)[:, None], ("treatment",))
    exposures = np.unique(since[used & (since >= 0)])
    dated = (since[used, None] == exposures).astype(np.float64)
    try:
        by_exposure = fitted(dated, tuple(f"event_time={time}" for time in exposures.tolist()))[1]
    except NotEstimable:
        by_exposure = None
    return RandomWedge(columns, fit, by_exposure, exposures, used, int(groups.max()) + 1)
