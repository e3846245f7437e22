"""Two-by-two difference in differences as an estimate of a plan."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.drawn import DRAWN, drawn_effect
from experiments.stats.estimators.two_by_two import Changes, collapse, refuse_empty, two_by_two
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import LongPanel, long_panel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Two-by-two difference in differences for one estimate of the plan."""
    panel = long_panel(sample)
    post = _after(panel)
    treated = np.isfinite(panel.first)[panel.unit]
    covariates = panel.covariates if sample.covariate_names else None
    cluster = panel.cluster if int(panel.cluster.max()) + 1 < panel.n_units else None
    if spec.covariance in DRAWN:
        found = _drawn(panel, spec, plan, has_covariates=covariates is not None)
    else:
        found = two_by_two(
            panel.outcome,
            treated,
            post,
            panel.unit,
            covariates=covariates,
            cluster=cluster,
            weight=panel.weight,
            kind=spec.covariance,
            names=sample.covariate_names,
        )
    said = found.warnings
    if sample.covariate_names:
        said = (
            *said,
            "covariates enter linearly at their mean before adoption, with one slope for both arms; "
            "callaway_santanna adjusts doubly robustly",
        )
    return Fit(
        estimate=found.estimate,
        std_error=found.std_error,
        df=found.df,
        covariance=found.covariance,
        n_obs=len(panel.outcome),
        n_units=panel.n_units,
        n_clusters=int(panel.cluster.max()) + 1,
        n_treated=panel.n_treated,
        warnings=said,
        ssc=found.ssc,
        dropped=panel.dropped,
        resampled=found.resampled,
    )


def _drawn(
    panel: LongPanel,
    spec: EstimateSpec,
    plan: Plan,
    *,
    has_covariates: bool,
) -> Effect:
    """The changes of units, judged by draws; one treated unit is enough for a placebo test."""
    made = changes_of(panel, has_covariates=has_covariates)
    return drawn_effect(
        made.change,
        made.status,
        spec,
        plan,
        covariates=made.before,
        clusters=made.clusters,
        weights=made.weights,
        is_trial=False,
    )


def changes_of(panel: LongPanel, *, has_covariates: bool) -> Changes:
    """One row for each unit of the panel, for tests by draws.

    Raises
    ------
    NotEstimable : more than one date, a switch back, or a side or arm without rows.
    """
    treated, post = np.isfinite(panel.first)[panel.unit], _after(panel)
    refuse_empty(treated, post)
    return collapse(
        panel.outcome,
        treated,
        post,
        panel.unit,
        covariates=panel.covariates if has_covariates else None,
        cluster=panel.cluster if int(panel.cluster.max()) + 1 < panel.n_units else None,
        weight=panel.weight,
    )


def _after(panel: LongPanel) -> BoolArray:
    """Rows after the one adoption date; anything else is not a two-by-two."""
    if panel.is_staggered:
        raise NotEstimable(
            f"units adopt at {len(panel.dates)} different dates, and a two-by-two has one; "
            "use callaway_santanna"
        )
    if not np.isin(panel.status, (0.0, 1.0)).all():
        raise NotEstimable(
            "the treatment status is a share in some rows, and a two-by-two needs 0 or 1; use twfe"
        )
    post = panel.periods[panel.period] >= panel.dates[0]
    if np.any((panel.status == 0) & post & np.isfinite(panel.first)[panel.unit]):
        raise NotEstimable(
            "treatment is switched off again in some unit, and a two-by-two has one change; use twfe"
        )
    return np.asarray(post)
