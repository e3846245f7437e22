"""A comparison of two arms judged by draws: randomisation inference, or the wild cluster bootstrap."""

import numpy as np

from experiments.stats.domain import LEAST_CLUSTERS
from experiments.stats.effects import Effect, arm_counts
from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.randomisation import RandomisationTest, randomisation_test
from experiments.stats.regression.wild import dense_moments, domain_warnings, wild_cluster_bootstrap

DRAWN = frozenset({"wild_cluster_bootstrap", "randomisation"})


def drawn_effect(
    outcome: FloatArray,
    treated: FloatArray,
    spec: EstimateSpec,
    plan: Plan,
    *,
    covariates: FloatArray | None = None,
    clusters: IntArray | None = None,
    blocks: IntArray | None = None,
    weights: FloatArray | None = None,
    received: FloatArray | None = None,
    is_trial: bool = True,
) -> Effect:
    """The coefficient of treatment with the p value and interval of the plan's draws.

    Parameters
    ----------
    outcome, treated : (N,).
    spec, plan : where the draws, the direction and the level are named.
    covariates : (N, k) columns besides the constant and the blocks.
    clusters, blocks : (N,) codes; None for rows, and for one block.
    weights : (N,) positive analysis weights.
    received : (N,) the treatment received, whose effect is estimated with `treated` as its instrument.
    is_trial : whether the treatment was drawn; otherwise the test is a placebo test and is called so.

    Raises
    ------
    NotEstimable : too few clusters to draw from.
    """
    groups = np.arange(len(outcome)) if clusters is None else clusters
    if spec.covariance == "randomisation":
        found = randomisation_test(
            outcome,
            treated,
            covariates=covariates,
            clusters=groups,
            blocks=blocks,
            weights=weights,
            received=received,
            draws=spec.options["draws"],
            alpha=plan.alpha,
            seed=plan.seed,
            estimate_id=spec.id,
            alternative=spec.alternative,
        )
        return redrawn_effect(found, is_trial=is_trial)
    counts = arm_counts(treated, groups)
    if sum(counts) < LEAST_CLUSTERS:
        raise NotEstimable(
            f"{sum(counts)} clusters are too few for wild_cluster_bootstrap: at least {LEAST_CLUSTERS} are needed; "
            "cluster_means compares so few"
        )
    columns = [treated[:, None]]
    if covariates is not None:
        columns.append(covariates)
    if blocks is not None:
        columns.append((blocks[:, None] == np.arange(1, int(blocks.max()) + 1)).astype(np.float64))
    bootstrapped = wild_cluster_bootstrap(
        dense_moments(np.column_stack(columns), outcome, groups, weights),
        1,
        alpha=plan.alpha,
        multipliers=spec.options["weights"],
        reps=spec.options["reps"],
        seed=plan.seed,
        estimate_id=spec.id,
        alternative=spec.alternative,
    )
    return Effect(
        bootstrapped.estimate,
        bootstrapped.std_error,
        float(sum(counts) - 1),
        "wild_cluster_bootstrap",
        {
            "covariance": "wild_cluster_bootstrap",
            "factor": bootstrapped.factor,
            "formula": "G/(G-1)*(N-1)/(N-K)",
            "n_clusters": sum(counts),
            "multipliers": bootstrapped.multipliers,
            "draws": bootstrapped.draws,
            "enumerated": bootstrapped.is_enumerated,
        },
        domain_warnings(bootstrapped, *counts),
        resampled=bootstrapped.resampled,
    )


def redrawn_effect(found: RandomisationTest, *, is_trial: bool = True) -> Effect:
    """What a test by redrawing says, in the words of a result."""
    what = "randomisation test" if is_trial else "placebo test"
    said = [f"p value and interval are of a {what} over {found.words}"]
    if not is_trial:
        said.append(
            "a placebo test is exact only if any of them was as likely to be treated as those that were"
        )
    if found.std_error is None:
        said.append("there is no standard error: one unit or cluster in an arm shows no spread")
    return Effect(
        found.estimate,
        found.std_error,
        None if found.std_error is None else float(found.n_treated + found.n_control - 1),
        "randomisation",
        {
            "covariance": "randomisation",
            "formula": "studentised by CR1",
            "n_clusters": found.n_treated + found.n_control,
            "draws": found.draws,
            "enumerated": found.is_enumerated,
        },
        tuple(said),
        resampled=found.resampled,
    )
