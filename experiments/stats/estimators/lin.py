"""Lin's regression: covariates centred and interacted with the arm, so that adjusting cannot lose precision."""

from dataclasses import replace

import numpy as np

from experiments.stats.effects import Effect, arm_counts, compare_arms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators import replayed
from experiments.stats.estimators.ancova import adjustment, ancova
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit
from experiments.stats.sample import Sample

UNITS_PER_COVARIATE = 10


def lin(
    outcome: FloatArray,
    treated: FloatArray,
    covariates: FloatArray,
    *,
    names: tuple[str, ...] = (),
    centre: FloatArray | None = None,
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
    row_names: tuple[str, ...] | None = None,
) -> Effect:
    """Effect of treatment from a regression of its own in each arm, at the mean of the covariates.

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    treated : (N,) 1 for treatment, 0 for control.
    covariates : (N, k) columns measured before assignment; block dummies among them.
    names : (k,) their names, for messages.
    centre : (k,) where the effect is read off; None is the (weighted) mean of the rows.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : covariance; None is HC2, or CR2 by cluster.
    row_names : (N,) names of the rows, for messages.

    Returns
    -------
    Effect : the coefficient of treatment in the outcome's units, with its covariance and degrees of freedom.

    Notes
    -----
    ``y`` on ``z``, ``x̃ = x − x̄`` and ``z·x̃``; HC2 with t(N − K), which takes x̄ as fixed. Without covariates it is the
    difference in means.

    Raises
    ------
    NotEstimable : a covariate that does not vary freely in both arms, more parameters than the rows can support, or too
        few clusters for the covariance.

    References
    ----------
    Lin (2013), *Ann Appl Stat*; with clusters Su & Ding (2021), *JRSS B*. Same numbers as R estimatr ``lm_lin``.
    """
    labels = names or tuple(f"x{number}" for number in range(1, covariates.shape[1] + 1))
    share = np.ones(len(outcome)) if weights is None else weights
    middle = share @ covariates / share.sum() if centre is None else centre
    centred = covariates - middle
    found = ancova(
        outcome,
        treated,
        np.column_stack([centred, treated[:, None] * centred]),
        names=(*labels, *(f"{name} among the treated" for name in labels)),
        clusters=clusters,
        weights=weights,
        kind=kind,
        row_names=row_names,
    )
    counts = arm_counts(treated, np.arange(len(treated)) if clusters is None else clusters)
    smaller, what = min(counts), "units" if clusters is None else "clusters"
    if covariates.shape[1] * UNITS_PER_COVARIATE <= smaller:
        return found
    said = (
        f"{covariates.shape[1]} covariates for {smaller} {what} in the smaller arm: more than one for every "
        f"{UNITS_PER_COVARIATE}, so the adjustment itself adds noise"
    )
    return replace(found, warnings=(*found.warnings, said))


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, at the covariates' mean over all arms."""
    columns, names = adjustment(sample)
    weights = np.ones(sample.n_obs) if sample.weight is None else sample.weight
    middle = weights @ columns / weights.sum()

    def compare(two: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
        own, _ = adjustment(two)
        if own.shape[1] != len(middle):
            raise NotEstimable("a stratum has no unit in one of the arms, so its effect cannot be told apart")
        kind = spec.covariance
        if kind == "randomisation":
            return replayed.by_arm(two, treated, spec, plan, own - middle)
        by_cluster = two.is_clustered or (kind or "").startswith("CR")
        return lin(
            two.outcome,
            treated,
            own,
            names=names,
            centre=middle,
            clusters=two.cluster if by_cluster else None,
            weights=two.weight,
            kind=kind,
            row_names=None if two.is_clustered else two.unit_names,
        )

    return compare_arms(sample, spec, plan, compare)
