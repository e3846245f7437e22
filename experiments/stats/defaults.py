"""The covariance of an estimate whose plan names none: few clusters are never judged by a formula that needs many.

A plan that names a covariance gets it, with the warnings of its domain. The sizes behind the limits are in `domain`.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from experiments.stats import domain
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import long_panel

Adapter = Callable[[Sample, EstimateSpec, Plan], Fit]

# Errors from influence functions, and CR1 where there is no CR2, need more clusters than CR2 does.
NEEDS_MANY = frozenset({"callaway_santanna", "roth_santanna", "imputation", "sun_abraham", "poisson_twfe"})
# Every cluster is in both arms, so both arms' worth of clusters is wanted.
CROSSING = frozenset({"stepped_wedge", "crossover"})
# Made for few clusters as it is.
FOR_FEW = frozenset({"cluster_means"})
TOO_OFTEN = frozenset({"CR0", "CR1"})


def made(adapter: Adapter, sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The fit with the plan's covariance, or with its domain's where the plan names none.

    Where few clusters (or units, where those were assigned) are treated, or few are not, that is the covariance
    'randomisation': in a trial the draw made again, elsewhere a placebo test. Where it cannot be made the estimator's
    own default stands, and says why.

    Raises
    ------
    NotEstimable : what the estimator refuses.
    """
    can_be_redrawn = "randomisation" in ESTIMATOR_RULES[spec.estimator].covariances
    is_drawn = (
        spec.options.get("cluster_effects") == "random"
    )  # from one distribution, whose error is the model's
    if spec.covariance is not None or not can_be_redrawn or spec.estimator in FOR_FEW or is_drawn:
        return adapter(sample, spec, plan)
    try:
        what, fewest = _smaller_arm(sample, spec)
    except NotEstimable:
        return adapter(sample, spec, plan)  # which says it in the words of its own design
    reason, fit = f"{fewest} {what if fewest != 1 else what[:-1]} in the smaller arm", None
    if spec.estimator in CROSSING:
        reason = f"{fewest} {what}, each of which is both treated and not"
    if fewest >= _enough(spec, what):
        fit = adapter(sample, spec, plan)
        if fit.covariance != "CR2" or fit.df is None or fit.df >= domain.LEAST_DF:
            return fit
        reason = f"CR2 has {fit.df:.1f} degrees of freedom"
    return _redrawn(adapter, sample, spec, plan, reason, fewest, fit)


def _redrawn(
    adapter: Adapter,
    sample: Sample,
    spec: EstimateSpec,
    plan: Plan,
    reason: str,
    fewest: int,
    made_already: Fit | None,
) -> Fit:
    """The test by draws with the default's error named beside it, or the default with why there are no draws."""
    plain: Fit | NotEstimable
    try:
        plain = made_already or adapter(sample, spec, plan)
    except NotEstimable as refusal:
        plain = refusal
    try:
        drawn = adapter(sample, replace(spec, covariance="randomisation"), plan)
    except NotEstimable as refusal:
        if isinstance(plain, NotEstimable):
            raise NotEstimable(f"{plain.reason}; draws were tried too: {refusal.reason}") from refusal
        if plain.covariance in TOO_OFTEN and fewest < domain.LEAST_CLUSTERS:
            raise NotEstimable(
                f"{reason}, so {plain.covariance} would reject far too often, and no draws can judge them: "
                f"{refusal.reason}"
            ) from refusal
        said = f"few to judge by ({reason}), and they cannot be judged by draws: {refusal.reason}"
        return replace(plain, warnings=(said, *plain.warnings))
    said = f"the plan names no covariance, and 'randomisation' is the default where so few can be compared: {reason}"
    # One number whatever judges it: the draws come to it by another way, which rounds otherwise.
    estimate = drawn.estimate if isinstance(plain, NotEstimable) else plain.estimate
    return replace(drawn, estimate=estimate, warnings=(said, *drawn.warnings, *_beside(plain)))


def _beside(plain: Fit | NotEstimable) -> tuple[str, ...]:
    if isinstance(plain, NotEstimable) or plain.std_error is None:
        return ()
    df = "" if plain.df is None else f" on {plain.df:.3g} degrees of freedom"
    return (f"beside it: the standard error of {plain.covariance} is {plain.std_error:.4g}{df}",)


def _enough(spec: EstimateSpec, what: str) -> int:
    """From how many in the smaller arm the estimator's own default holds."""
    if spec.estimator in NEEDS_MANY:
        return domain.ENOUGH_CLUSTERS
    if spec.estimator in CROSSING:
        return 2 * domain.LEAST_CLUSTERS
    return domain.ENOUGH_UNITS if what == "units" else domain.LEAST_CLUSTERS


def _smaller_arm(sample: Sample, spec: EstimateSpec) -> tuple[str, int]:
    """What was assigned, and how many of it are in the smaller arm (or in all, where each is in both)."""
    if spec.estimator in CROSSING:
        return "places" if spec.estimator == "crossover" else "clusters", sample.n_clusters
    if not ESTIMATOR_RULES[spec.estimator].panel:
        arm = sample.arm
        if arm is None:
            raise NotEstimable("the plan names no arm column")
        leading = sample.arm_names.index(spec.options.get("arm") or sample.arm_names[1])
        counts = [len(np.unique(sample.cluster[arm == code])) for code in (0, leading)]
        return "clusters" if sample.is_clustered else "units", min(counts)
    # Two-way models take each unit's rows as a cluster, so units are clusters to them.
    is_unit = sample.n_clusters == sample.n_units and spec.estimator not in {"twfe", "poisson_twfe"}
    return "units" if is_unit else "clusters", min(arm_clusters(sample))


def arm_clusters(sample: Sample) -> tuple[int, int]:
    """Clusters of a panel that are treated, and clusters that are untreated when the first are.

    In a triple difference a place is treated or not, whoever in it the tactic can work on.
    """
    panel = long_panel(sample)
    if panel.affected is None:
        return panel.cluster_counts()
    treated = len(np.unique(panel.cluster[np.isfinite(panel.first)[panel.unit]]))
    return treated, int(panel.cluster.max()) + 1 - treated
