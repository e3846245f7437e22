"""Two-way fixed effects judged by draws: the wild cluster bootstrap, and redrawn starting dates."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.domain import LEAST_CLUSTERS
from experiments.stats.errors import NotEstimable
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import cr1_factor
from experiments.stats.regression.two_way_draws import permute_paths, two_way_moments
from experiments.stats.regression.two_way_unbalanced import informative_rows, refuse_disconnected
from experiments.stats.regression.wild import ClusterMoments, domain_warnings, wild_cluster_bootstrap
from experiments.stats.results import Dropped, Fit
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import LongPanel, renumbered

MOST_WORK = 20_000_000_000  # clusters by periods by draws: some minutes


def drawn_fit(panel: LongPanel, sample: Sample, spec: EstimateSpec, plan: Plan, single: str) -> Fit:
    """The two-way fit of a plan whose p value comes from draws; `single` is the reason of a lone row.

    Raises
    ------
    NotEstimable : fewer than 6 clusters, an arm without clusters, or a panel that cannot be redrawn.
    """
    treated, control = panel.cluster_counts()
    if min(treated, control) == 0 or treated + control < LEAST_CLUSTERS:
        raise NotEstimable(
            f"{treated} treated and {control} comparison clusters are too few to draw from: at least "
            f"{LEAST_CLUSTERS} are needed"
        )
    if spec.covariance == "randomisation":
        return _redrawn(panel, sample, spec, plan, treated, control)
    return _bootstrapped(panel, spec, plan, treated, control, single)


def _bootstrapped(
    panel: LongPanel, spec: EstimateSpec, plan: Plan, treated: int, control: int, single: str
) -> Fit:
    moments, used = moments_of(panel)
    found = wild_cluster_bootstrap(
        moments,
        0,
        alpha=plan.alpha,
        multipliers=spec.options["weights"],
        reps=spec.options["reps"],
        seed=plan.seed,
        estimate_id=spec.id,
        alternative=spec.alternative,
    )
    lost = int((~used).sum())
    return Fit(
        estimate=found.estimate,
        std_error=found.std_error,
        df=float(len(moments.xy) - 1),
        covariance="wild_cluster_bootstrap",
        n_obs=moments.n_obs,
        n_units=len(np.unique(panel.unit[used])),
        n_clusters=len(moments.xy),
        n_treated=panel.n_treated,
        warnings=domain_warnings(found, treated, control),
        ssc={
            "covariance": "wild_cluster_bootstrap",
            "factor": found.factor,
            "formula": "G/(G-1)*(N-1)/(N-K)",
            "n_obs": moments.n_obs,
            "n_parameters": moments.n_parameters,
            "n_clusters": len(moments.xy),
            "multipliers": found.multipliers,
            "draws": found.draws,
            "enumerated": found.is_enumerated,
        },
        dropped=(*panel.dropped, *((Dropped(single, lost),) if lost else ())),
        resampled=found.resampled,
    )


def moments_of(panel: LongPanel) -> tuple[ClusterMoments, NDArray[np.bool_]]:
    """Cross-products by cluster with the treatment first, and the rows that say anything (N,).

    Raises
    ------
    NotEstimable : units and periods that fall apart, or products that do not fit in memory.
    """
    used = informative_rows(panel.unit, panel.period)
    unit, period, cluster = (renumbered(codes[used]) for codes in (panel.unit, panel.period, panel.cluster))
    refuse_disconnected(unit, period)
    moments = two_way_moments(
        panel.outcome[used],
        np.column_stack([panel.status, panel.covariates])[used],
        unit=unit,
        period=period,
        cluster=cluster,
        weight=None if panel.weight is None else panel.weight[used],
    )
    return moments, used


def _redrawn(
    panel: LongPanel, sample: Sample, spec: EstimateSpec, plan: Plan, treated: int, control: int
) -> Fit:
    shape = (panel.n_units, len(panel.periods))
    if len(panel.outcome) != shape[0] * shape[1]:
        raise NotEstimable(
            "starting dates can be redrawn in a panel without gaps only; use two_by_two or CR2"
        )
    if panel.weight is not None or sample.covariate_names:
        raise NotEstimable("starting dates can be redrawn without weights and covariates only; use CR2")
    cluster = panel.cluster.reshape(shape)[:, 0]
    n_clusters, draws = int(cluster.max()) + 1, spec.options["draws"]
    if n_clusters * shape[1] * draws > MOST_WORK:
        most = MOST_WORK // (n_clusters * shape[1])
        raise NotEstimable(
            f"{draws} draws of {n_clusters} clusters and {shape[1]} periods are too many; the limit is {most} draws"
        )
    found = permute_paths(
        panel.outcome.reshape(shape),
        panel.status.reshape(shape),
        cluster,
        draws=draws,
        alpha=plan.alpha,
        seed=plan.seed,
        estimate_id=spec.id,
    )
    used = len(found.level) - (not found.is_exact)
    bread = float(found.slope[0])
    if not bread > 0:
        raise NotEstimable("'treatment' does not vary once unit and period effects are taken out")
    value = float(found.level[0]) / bread
    factor = cr1_factor(len(panel.outcome), 1 + shape[1], n_clusters)
    spread = float(found.square[0] - 2 * value * found.cross[0] + value**2 * found.curve[0])
    error = float(np.sqrt(factor * max(0.0, spread))) / bread
    lone = min(treated, control) == 1
    step = error if error > 0 else float(np.std(panel.outcome))
    return Fit(
        estimate=value,
        std_error=None if lone else error,
        df=None if lone else float(n_clusters - 1),
        covariance="randomisation",
        n_obs=len(panel.outcome),
        n_units=panel.n_units,
        n_clusters=n_clusters,
        n_treated=panel.n_treated,
        warnings=(
            f"p value and interval are of a placebo test that deals the starting dates out anew over the clusters "
            f"({'all ' if found.is_exact else ''}{used:,} ways); it is exact only if any cluster was as likely to get "
            "any date",
            *(("there is no standard error: one cluster in an arm shows no spread",) if lone else ()),
        ),
        ssc={
            "covariance": "randomisation",
            "factor": factor,
            "formula": "studentised by CR1",
            "n_clusters": n_clusters,
            "draws": used,
            "enumerated": found.is_exact,
        },
        dropped=panel.dropped,
        resampled=found.resampled(value, step, alpha=plan.alpha, alternative=spec.alternative),
    )
