"""Difference in means of two randomised arms: Neyman's variance in the six forms of the design."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts, compare_arms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators import replayed
from experiments.stats.estimators.drawn import DRAWN, drawn_effect
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import CLUSTERED, covariance
from experiments.stats.regression.linear import least_squares
from experiments.stats.results import Fit
from experiments.stats.sample import Sample


def difference_in_means(
    outcome: FloatArray,
    treated: FloatArray,
    *,
    clusters: IntArray | None = None,
    blocks: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
    block_names: Sequence[str] | None = None,
) -> Effect:
    """Difference in means, treated minus control, with the variance of the design.

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    treated : (N,) 1 for treatment, 0 for control.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    blocks : (N,) codes of the strata within which assignment was drawn; two assignment units with one
        treated are a pair.
    weights : (N,) positive analysis weights.
    kind : covariance; None is the form's own (HC2, or CR2 by cluster).
    block_names : names for messages.

    Returns
    -------
    Effect : the difference in the outcome's units, with its covariance and degrees of freedom.

    Notes
    -----
    complete: ``s1²/n1 + s0²/n0``, Welch. blocked: ``sum (n_b/n) tau_b``, ``sum (n_b/n)² V_b``, df n - 2B.
    pairs: mean of tau_b, ``sum (tau_b - tau)² / (B (B-1))``, df B - 1. clustered: OLS on z with CR2.
    blocked and clustered: ``sum (n_b/n)² CR2_b``, df G - 2B. pairs of clusters: ``B/((B-1) n²) sum (n_b
    tau_b - n tau/B)²``, df B - 1. Weights take the place of counts.

    Raises
    ------
    NotEstimable : an arm empty in a block, one unit of an arm in a block that is not a pair, pairs mixed
        with larger blocks, a cluster with both arms, or fewer than 6 clusters.

    References
    ----------
    Neyman (1923); Imai, King and Nall (2009). Same numbers as R estimatr ``difference_in_means``.
    """
    grouped = clusters is not None
    if clusters is not None:
        check_clusters(treated, clusters)
    kind = kind or domain.default_covariance(is_clustered=grouped)
    if blocks is None:
        return _unblocked(outcome, treated, clusters, weights, kind)
    assigned = np.arange(len(outcome)) if clusters is None else clusters
    if are_pairs(treated, assigned, blocks, block_names):
        return _paired(outcome, treated, blocks, weights, kind, grouped)
    return _blocked(outcome, treated, clusters, blocks, weights, kind, block_names)


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control."""
    return compare_arms(sample, spec, plan, _compare)


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    kind = spec.covariance or domain.default_covariance(is_clustered=sample.is_clustered)
    if kind == "randomisation":
        return _redrawn(sample, treated, spec, plan)
    if kind in DRAWN:
        if sample.stratum is not None:
            raise NotEstimable(
                f"{kind} with strata compares within them by regression: use ancova, without covariates if there are "
                "none"
            )
        groups = sample.cluster if sample.is_clustered else None
        return drawn_effect(sample.outcome, treated, spec, plan, clusters=groups, weights=sample.weight)
    return difference_in_means(
        sample.outcome,
        treated,
        clusters=sample.cluster if sample.is_clustered or kind in CLUSTERED else None,
        blocks=sample.stratum,
        weights=sample.weight,
        kind=kind,
        block_names=sample.stratum_names,
    )


def check_clusters(treated: FloatArray, clusters: IntArray) -> None:
    """Refuse clusters that were not assigned whole."""
    share = np.bincount(clusters, weights=treated) / np.bincount(clusters)
    if ((share > 0) & (share < 1)).any():
        raise NotEstimable(
            "a cluster holds both arms; 'cluster' is the level of assignment, 'stratum' that of blocks"
        )


def _redrawn(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    if sample.stratum is None:
        return replayed.pooled(sample, treated, spec, plan)
    assigned = sample.cluster if sample.is_clustered else np.arange(sample.n_obs)
    pairs = are_pairs(treated, assigned, sample.stratum, sample.stratum_names)
    return replayed.blocked(sample, treated, spec, plan, are_pairs=pairs)


def _unblocked(
    outcome: FloatArray, treated: FloatArray, clusters: IntArray | None, weights: FloatArray | None, kind: str
) -> Effect:
    rows = int(treated.sum()), int(len(treated) - treated.sum())
    groups = rows if clusters is None else arm_counts(treated, clusters)
    warned = domain.warnings_for(kind, rows, groups, None, is_clustered=clusters is not None)
    if kind == "HC2" and weights is None:
        return replace(_neyman(outcome, treated), warnings=warned)
    effect = _regressed(outcome, treated, clusters, weights, kind)
    return replace(
        effect, warnings=domain.warnings_for(kind, rows, groups, effect.df, is_clustered=clusters is not None)
    )


def _neyman(outcome: FloatArray, treated: FloatArray) -> Effect:
    """Complete randomisation: the variances of the arms apart, and Welch's degrees of freedom."""
    arms = outcome[treated > 0], outcome[treated == 0]
    parts = [float(arm.var(ddof=1)) / len(arm) for arm in arms]
    variance = sum(parts)
    if not variance > 0:
        raise NotEstimable("the outcome does not vary within the arms")
    df = variance**2 / sum(part**2 / (len(arm) - 1) for part, arm in zip(parts, arms, strict=True))
    ssc = {"covariance": "HC2", "factor": 1.0, "formula": "none (Neyman)", "n_obs": len(outcome)}
    return Effect(float(arms[0].mean() - arms[1].mean()), variance**0.5, df, "HC2", ssc)


def _regressed(
    outcome: FloatArray, treated: FloatArray, clusters: IntArray | None, weights: FloatArray | None, kind: str
) -> Effect:
    fit = least_squares(treated[:, None], outcome, ["treatment"], weights=weights)
    found = covariance(fit, kind, clusters)
    contrast = fit.contrast("treatment")
    return Effect(float(fit.coefficients[1]), found.std_error(contrast), found.df(contrast), kind, found.ssc)


def are_pairs(
    treated: FloatArray, assigned: IntArray, blocks: IntArray, block_names: Sequence[str] | None
) -> bool:
    """Whether every block is one treated and one control unit; refuses designs between the forms."""
    units, first = np.unique(assigned, return_index=True)
    if len(np.unique(assigned * (int(blocks.max()) + 1) + blocks)) != len(units):
        raise NotEstimable(
            "a cluster lies in two blocks; the cluster is the level of assignment inside blocks"
        )
    n_blocks = int(blocks.max()) + 1
    n_treated = np.bincount(blocks[first], weights=treated[first], minlength=n_blocks)
    n_control = np.bincount(blocks[first], minlength=n_blocks) - n_treated
    names = block_names or [str(number) for number in range(n_blocks)]
    empty = np.flatnonzero((n_treated == 0) | (n_control == 0))
    if len(empty):
        raise NotEstimable(
            f"block '{names[empty[0]]}' has no {'treated' if n_treated[empty[0]] == 0 else 'control'} unit"
        )
    pairs = (n_treated == 1) & (n_control == 1)
    if pairs.all():
        return True
    if pairs.any():
        raise NotEstimable("matched pairs are mixed with larger blocks; no variance formula here covers both")
    single = np.flatnonzero((n_treated == 1) | (n_control == 1))
    if len(single):
        raise NotEstimable(f"block '{names[single[0]]}' has one unit in an arm and is not a pair")
    return False


def _paired(
    outcome: FloatArray,
    treated: FloatArray,
    blocks: IntArray,
    weights: FloatArray | None,
    kind: str,
    grouped: bool,
) -> Effect:
    if weights is not None:
        raise NotEstimable("weights have no variance formula for matched pairs")
    if kind != domain.default_covariance(is_clustered=grouped):
        raise NotEstimable(f"{kind} cannot be computed in matched pairs: each has one unit in an arm")
    n_blocks = int(blocks.max()) + 1
    if n_blocks < 2 or (grouped and 2 * n_blocks < domain.LEAST_CLUSTERS):
        raise NotEstimable(f"{n_blocks} matched pairs are too few to judge the effect")
    sums = [
        np.bincount(blocks, weights=outcome * side, minlength=n_blocks) for side in (treated, 1 - treated)
    ]
    counts = [np.bincount(blocks, weights=side, minlength=n_blocks) for side in (treated, 1 - treated)]
    effects = sums[0] / counts[0] - sums[1] / counts[1]
    sizes = counts[0] + counts[1]
    total = float(sizes.sum())
    estimate = float((sizes * effects).sum()) / total
    spread = float(((sizes * effects - total * estimate / n_blocks) ** 2).sum())
    variance = n_blocks / ((n_blocks - 1) * total**2) * spread
    if not variance > 0:
        raise NotEstimable("the effect does not vary between the pairs")
    ssc = {"covariance": kind, "factor": n_blocks / (n_blocks - 1), "formula": "B/(B-1) (matched pairs)"}
    words = ("the variance is that of matched pairs, between pairs",)
    return Effect(estimate, variance**0.5, float(n_blocks - 1), kind, {**ssc, "n_blocks": n_blocks}, words)


def _blocked(
    outcome: FloatArray,
    treated: FloatArray,
    clusters: IntArray | None,
    blocks: IntArray,
    weights: FloatArray | None,
    kind: str,
    block_names: Sequence[str] | None,
) -> Effect:
    rows = int(treated.sum()), int(len(treated) - treated.sum())
    groups = rows if clusters is None else arm_counts(treated, clusters)
    warned = domain.warnings_for(kind, rows, groups, None, is_clustered=clusters is not None)
    n_blocks = int(blocks.max()) + 1
    sizes = np.bincount(blocks, weights=weights)
    shares = sizes / sizes.sum()
    estimate = variance = 0.0
    for block in range(n_blocks):
        inside = blocks == block
        own = None if clusters is None else np.unique(clusters[inside], return_inverse=True)[1]
        weight = None if weights is None else weights[inside]
        effect = _within(outcome[inside], treated[inside], own, weight, kind)
        estimate += float(shares[block]) * effect.estimate
        variance += float(shares[block]) ** 2 * (effect.std_error or 0.0) ** 2
    if not variance > 0:
        raise NotEstimable("the outcome does not vary within the arms of any block")
    n_assigned = len(outcome) if clusters is None else int(clusters.max()) + 1
    ssc = {"covariance": kind, "factor": 1.0, "formula": "by block", "n_blocks": n_blocks}
    return Effect(estimate, variance**0.5, float(n_assigned - 2 * n_blocks), kind, ssc, warned)


def _within(
    outcome: FloatArray, treated: FloatArray, clusters: IntArray | None, weights: FloatArray | None, kind: str
) -> Effect:
    """One block; a block in which the outcome is constant adds nothing to the variance."""
    if np.ptp(outcome[treated > 0]) == 0 and np.ptp(outcome[treated == 0]) == 0:
        gap = float(outcome[treated > 0][0] - outcome[treated == 0][0])
        return Effect(gap, 0.0, None, kind)
    if kind == "HC2" and weights is None:
        return _neyman(outcome, treated)
    return _regressed(outcome, treated, clusters, weights, kind)
