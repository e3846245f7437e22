"""Comparison of cluster means: the safest analysis of a trial of few clusters."""

from dataclasses import replace

import numpy as np

from experiments.stats import domain
from experiments.stats.effects import Effect, compare_arms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators import replayed
from experiments.stats.estimators.ancova import adjustment
from experiments.stats.estimators.difference_in_means import are_pairs, difference_in_means
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import CLUSTERED, cluster_sums, covariance
from experiments.stats.regression.linear import least_squares
from experiments.stats.results import Fit
from experiments.stats.sample import Sample


def cluster_means(
    means: FloatArray,
    treated: FloatArray,
    *,
    sizes: FloatArray | None = None,
    blocks: IntArray | None = None,
    n_covariates: int = 0,
    kind: str | None = None,
) -> Effect:
    """Difference between arms of one number for each cluster.

    Parameters
    ----------
    means : (G,) mean, rate or log rate of each cluster, or its mean residual.
    treated : (G,) 1 for treatment, 0 for control.
    sizes : (G,) weights for the effect on the average individual; None weighs clusters equally, for the
        effect on the average cluster. The two differ where size goes with the effect.
    blocks : (G,) strata of clusters; matched pairs are recognised.
    n_covariates : cluster-level covariates already adjusted for; each costs a degree of freedom.
    kind : covariance; None is the pooled variance with t(G - 2 - n_covariates), or CR2 with `sizes`.

    Returns
    -------
    Effect : the difference in the units of `means`, with its covariance and degrees of freedom.

    Raises
    ------
    NotEstimable : fewer than two clusters in an arm, or no degree of freedom left.

    References
    ----------
    Hayes and Moulton (2017), chapter 10; Kahan et al. (2023) on the two estimands. Unweighted, the same
    numbers as ``scipy.stats.ttest_ind`` on the means.
    """
    counts = int(treated.sum()), int(len(treated) - treated.sum())
    if min(counts) < 2 and blocks is None:
        raise NotEstimable(f"an arm has {min(counts)} clusters; at least two are needed")
    if blocks is not None:
        if n_covariates:
            raise NotEstimable(
                "cluster-level covariates cannot be adjusted for inside blocks; use ancova with CR2"
            )
        own = np.arange(len(means)) if kind in CLUSTERED else None
        return difference_in_means(means, treated, clusters=own, blocks=blocks, weights=sizes, kind=kind)
    kind = kind or ("classical" if sizes is None else "CR2")
    fit = least_squares(treated[:, None], means, ["treatment"], weights=sizes)
    contrast = fit.contrast("treatment")
    found = covariance(fit, kind, np.arange(len(means)), extra_parameters=n_covariates)
    df = found.df(contrast)
    warned = domain.cluster_warnings(kind, *counts, df) if kind == "CR2" else _few(counts)
    return Effect(float(fit.coefficients[1]), found.std_error(contrast), df, kind, found.ssc, warned)


def _few(counts: tuple[int, int]) -> tuple[str, ...]:
    total = sum(counts)
    if total >= domain.LEAST_CLUSTERS:
        return ()
    return (f"only {total} clusters: the t test leans on the normal shape of the cluster means",)


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: collapses to clusters, then compares arms."""
    scale = "log_rate_ratio" if spec.options["scale"] == "log_rate" else "difference"
    return compare_arms(sample, spec, plan, _compare, scale=scale)


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    first = np.unique(sample.cluster, return_index=True)[1]
    share = np.bincount(sample.cluster, weights=treated) / np.bincount(sample.cluster)
    if ((share > 0) & (share < 1)).any():
        raise NotEstimable("a cluster holds both arms; 'cluster' is the level of assignment")
    weights = np.ones(sample.n_obs) if sample.weight is None else sample.weight
    sizes = np.bincount(sample.cluster, weights=weights).astype(np.float64)
    means, n_covariates = _collapse(sample, spec, weights, sizes)
    individual = spec.options["effect"] == "individual_average"
    if spec.covariance == "randomisation":
        return _redrawn(sample, treated, spec, plan, means, sizes if individual else None)
    return cluster_means(
        means,
        treated[first],
        sizes=sizes if individual else None,
        blocks=None if sample.stratum is None else sample.stratum[first],
        n_covariates=n_covariates,
        kind=spec.covariance,
    )


def _redrawn(
    sample: Sample,
    treated: FloatArray,
    spec: EstimateSpec,
    plan: Plan,
    means: FloatArray,
    sizes: FloatArray | None,
) -> Effect:
    """The comparison of clusters judged by the draw: each cluster is a row of its own."""
    first = np.unique(sample.cluster, return_index=True)[1]
    picked = np.zeros(sample.n_obs, dtype=bool)
    picked[first] = True
    order = sample.cluster[picked]
    rows = replace(sample.take(picked), outcome=means[order], weight=None if sizes is None else sizes[order])
    if rows.stratum is None:
        return replayed.pooled(rows, treated[picked], spec, plan)
    pairs = are_pairs(treated[picked], rows.cluster, rows.stratum, rows.stratum_names)
    return replayed.blocked(rows, treated[picked], spec, plan, are_pairs=pairs)


def _collapse(
    sample: Sample, spec: EstimateSpec, weights: FloatArray, sizes: FloatArray
) -> tuple[FloatArray, int]:
    """One number for each cluster, and how many covariates were constant within clusters."""
    if spec.options["scale"] == "log_rate" or sample.exposure is not None:
        return _rates(sample, spec, weights, sizes), 0
    outcome, n_covariates = sample.outcome, 0
    if sample.covariate_names:
        # Residuals on the covariates without the arm: the comparison of clusters keeps the whole effect.
        columns = adjustment(sample)[0][:, : len(sample.covariate_names)]
        fit = least_squares(columns, outcome, sample.covariate_names, weights=sample.weight)
        outcome = outcome - fit.coefficients[0] - columns @ fit.coefficients[1:]
        n_covariates = constant_within(columns, sample.cluster)
    return np.bincount(sample.cluster, weights=weights * outcome) / sizes, n_covariates


def _rates(sample: Sample, spec: EstimateSpec, weights: FloatArray, sizes: FloatArray) -> FloatArray:
    if sample.covariate_names:
        raise NotEstimable("rates of clusters take no covariates here; use poisson with CR2")
    exposure = (
        sizes if sample.exposure is None else np.bincount(sample.cluster, weights=weights * sample.exposure)
    )
    rates = np.bincount(sample.cluster, weights=weights * sample.outcome) / exposure
    if spec.options["scale"] == "difference":
        return np.asarray(rates, dtype=np.float64)
    empty = np.flatnonzero(rates <= 0)
    if len(empty):
        name = sample.cluster_names[empty[0]]
        raise NotEstimable(f"cluster '{name}' has no events, so its log rate does not exist; use poisson")
    return np.asarray(np.log(rates), dtype=np.float64)


def constant_within(columns: FloatArray, clusters: IntArray) -> int:
    """How many of the (N, k) columns have one value in each cluster."""
    counts = np.bincount(clusters)[:, None]
    means = cluster_sums(columns, clusters, len(counts)) / counts
    spread = np.abs(columns - means[clusters]).max(axis=0)
    return int(np.count_nonzero(spread <= 1e-12 * np.maximum(np.abs(columns).max(axis=0), 1e-300)))
