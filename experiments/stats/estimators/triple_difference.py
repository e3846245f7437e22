"""Triple difference: the change of changes among the affected, less that among the unaffected."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.difference_in_means import difference_in_means
from experiments.stats.estimators.drawn import drawn_effect
from experiments.stats.estimators.two_by_two import change_by_unit
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import CLUSTERED, covariance
from experiments.stats.regression.linear import least_squares
from experiments.stats.results import Fit
from experiments.stats.sample import Sample, first_rows
from experiments.stats.staggered.adoption import LongPanel, long_panel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

PARALLEL = (
    "it assumes that, without the tactic, affected and unaffected would have drifted apart alike in treated and other "
    "places"
)


def triple_difference(
    change: FloatArray,
    treated: BoolArray,
    affected: BoolArray,
    *,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
    kind: str | None = None,
) -> Effect:
    """Difference in differences of the affected less that of the unaffected.

    Parameters
    ----------
    change : (n,) each unit's mean after less its mean before, in the outcome's units.
    treated : (n,) whether the unit is in a place that was treated.
    affected : (n,) whether the tactic could work on the unit (a crime type, a shift, a group of people).
    cluster : (n,) codes of what was assigned; None where it was the unit.
    weight : (n,) positive analysis weights.
    kind : covariance; None is HC2 by unit, and CR2 or Welch between clusters.

    Returns
    -------
    Effect : the triple difference, with its covariance and degrees of freedom.

    Notes
    -----
    Where every cluster has affected and unaffected units, each is collapsed to the difference of the two
    mean changes, and treated clusters are compared with others (Welch). Otherwise the coefficient of
    treated × affected in least squares of the changes on both and their product.

    Raises
    ------
    NotEstimable : one of the four cells is empty, or one treated unit or cluster.

    References
    ----------
    Olden & Møen (2022), *Econometrics J*. Same numbers as diff-diff ``TripleDifference`` without covariates.
    """
    for in_treated, where in ((True, "treated"), (False, "comparison")):
        for is_affected, name in ((True, "affected"), (False, "unaffected")):
            if not np.any((treated == in_treated) & (affected == is_affected)):
                raise NotEstimable(f"no {name} unit is in a {where} place")
    if cluster is not None:
        gaps = gaps_by_cluster(change, treated, affected, cluster, weight)
        if gaps is not None:
            # A cluster is one row now, and so a cluster of its own to the sandwiches by cluster.
            own = np.arange(len(gaps[0])) if kind in CLUSTERED else None
            return difference_in_means(*gaps, clusters=own, kind=kind)
    z, group = treated.astype(np.float64), affected.astype(np.float64)
    chosen = kind or domain.default_covariance(is_clustered=cluster is not None)
    codes = cluster if cluster is not None else np.arange(len(change))
    rows = int(z.sum()), int(len(z) - z.sum())
    groups = arm_counts(z, codes)
    domain.warnings_for(chosen, rows, groups, None, is_clustered=cluster is not None)
    fit = least_squares(
        np.column_stack([z, group, z * group]), change, ["treated", "affected", "both"], weights=weight
    )
    found = covariance(fit, chosen, codes if chosen.startswith("CR") else None)
    contrast = fit.contrast("both")
    df = found.df(contrast)
    return Effect(
        float(fit.coefficients[fit.names.index("both")]),
        found.std_error(contrast),
        df,
        chosen,
        found.ssc,
        domain.warnings_for(chosen, rows, groups, df, is_clustered=cluster is not None),
    )


def gaps_by_cluster(
    change: FloatArray, treated: BoolArray, affected: BoolArray, cluster: IntArray, weight: FloatArray | None
) -> tuple[FloatArray, FloatArray] | None:
    """Each cluster's affected less unaffected mean change, and its arm; None where a cluster has one group only."""
    own = np.ones(len(change)) if weight is None else weight
    count = int(cluster.max()) + 1
    sums, sizes = np.zeros((2, count)), np.zeros((2, count))
    for side in (0, 1):
        inside = affected == bool(side)
        sizes[side] = np.bincount(cluster[inside], weights=own[inside], minlength=count)
        sums[side] = np.bincount(cluster[inside], weights=(own * change)[inside], minlength=count)
    if not (sizes > 0).all():
        return None
    arm = np.bincount(cluster, weights=treated, minlength=count) > 0
    return sums[1] / sizes[1] - sums[0] / sizes[0], arm.astype(np.float64)


def as_difference(sample: Sample) -> Sample:
    """One row for each cluster and period: the affected's mean outcome less that of the unaffected.

    Raises
    ------
    NotEstimable : no affected group, or a cluster and period in which one of the two groups was not seen.
    """
    if sample.affected is None or sample.first_treated is None:
        raise NotEstimable("a triple difference needs 'options.affected' and the period of first treatment")
    cell = sample.cluster * sample.n_periods + sample.period
    count = sample.n_clusters * sample.n_periods
    weight = np.ones(sample.n_obs) if sample.weight is None else sample.weight
    means = []
    for side in (1.0, 0.0):
        inside = sample.affected == side
        total = np.bincount(cell[inside], weights=weight[inside], minlength=count)
        if not (total > 0).all():
            raise NotEstimable(
                "some cluster has no affected or no unaffected unit in some period, so its difference has gaps"
            )
        sums = np.bincount(cell[inside], weights=(weight * sample.outcome)[inside], minlength=count)
        means.append(sums / total)
    first = np.full(sample.n_clusters, np.inf)
    np.minimum.at(first, sample.cluster, sample.first_treated)
    cluster = np.repeat(np.arange(sample.n_clusters), sample.n_periods)
    return replace(
        sample,
        outcome=means[0] - means[1],
        unit=cluster,
        unit_names=sample.cluster_names,
        cluster=cluster,
        period=np.tile(np.arange(sample.n_periods), sample.n_clusters),
        first_treated=first[cluster],
        treatment=None,
        weight=None,
        affected=None,
        covariates=np.empty((count, 0)),
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Triple difference for one estimate of the plan."""
    panel = long_panel(sample)
    if panel.is_staggered:
        raise NotEstimable(
            f"units start at {len(panel.dates)} different dates, and a triple difference has one: the difference of "
            "two staggered estimates is biased; make one estimate for each start"
        )
    post = panel.periods[panel.period] >= panel.dates[0]
    affected = _by_unit(panel)
    cluster, first = _clusters(panel)
    # Whoever shares a cluster with a treated unit is in a treated place, affected or not.
    place = np.bincount(cluster, weights=np.isfinite(panel.first)) > 0
    change = change_by_unit(panel.outcome, post, panel.unit)
    is_clustered = len(place) < panel.n_units
    weight = None if panel.weight is None else panel.weight[first]
    if spec.covariance == "randomisation":
        gaps = gaps_by_cluster(change, place[cluster], affected, cluster, weight) if is_clustered else None
        if gaps is None:
            raise NotEstimable(
                "a triple difference is redrawn over clusters that each have affected and unaffected units: name the "
                "place as 'cluster', or use CR2"
            )
        found = drawn_effect(*gaps, spec, plan, is_trial=False)
    else:
        found = triple_difference(
            change,
            place[cluster],
            affected,
            cluster=cluster if is_clustered else None,
            weight=weight,
            kind=spec.covariance,
        )
    return Fit(
        estimate=found.estimate,
        std_error=found.std_error,
        df=found.df,
        covariance=found.covariance,
        n_obs=len(panel.outcome),
        n_units=panel.n_units,
        n_clusters=len(place),
        n_treated=int((place[cluster] & affected).sum()),
        warnings=(*found.warnings, PARALLEL),
        ssc=found.ssc,
        dropped=panel.dropped,
        resampled=found.resampled,
    )


def _by_unit(panel: LongPanel) -> BoolArray:
    """Whether each unit is of the affected group, which does not change over time."""
    if panel.affected is None:
        raise NotEstimable(
            "a triple difference needs 'options.affected': the column that is 1 where the tactic could work"
        )
    share = np.bincount(panel.unit, weights=panel.affected) / np.bincount(panel.unit)
    if not np.isin(share, (0.0, 1.0)).all():
        raise NotEstimable(
            "the column of the affected group must be 0 or 1 and the same in all rows of a unit"
        )
    return share > 0


def _clusters(panel: LongPanel) -> tuple[IntArray, IntArray]:
    """The cluster of each unit, and the first row of each."""
    first = first_rows(panel.unit, panel.n_units, len(panel.periods))
    return np.unique(panel.cluster[first], return_inverse=True)[1], first
