"""A trial of clusters as a mixed model: a random intercept for each, by restricted maximum likelihood."""

import math

import numpy as np

from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts, compare_arms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import adjustment
from experiments.stats.estimators.cluster_means import constant_within
from experiments.stats.estimators.difference_in_means import check_clusters
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.linear import least_squares
from experiments.stats.regression.random_intercept import random_intercept
from experiments.stats.results import Fit, Term
from experiments.stats.sample import Sample


def mixed(
    outcome: FloatArray,
    treated: FloatArray,
    clusters: IntArray,
    covariates: FloatArray | None = None,
    *,
    names: tuple[str, ...] = (),
) -> Effect:
    """Effect of treatment in a linear model whose clusters each have a random intercept (REML).

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    treated : (N,) 1 for treatment, 0 for control; one of them within a cluster.
    clusters : (N,) codes 0..G−1 of the level of assignment.
    covariates : (N, k) columns measured before assignment; block dummies among them.
    names : (k,) their names.

    Returns
    -------
    Effect : the coefficient of treatment in the outcome's units, with Satterthwaite's degrees of freedom. The variances
        between and within clusters are its terms.

    Notes
    -----
    ``y_ic = x_ic′β + u_c + e_ic``, u and e normal with one variance each. Where the variance between clusters is
    estimated as 0 the error is that of least squares, with G − (columns that do not vary within clusters) degrees of
    freedom: G − 2 without covariates. The error is right only if this model of the spread is.

    Raises
    ------
    NotEstimable : fewer than 6 clusters, a cluster with both arms, no cluster of two rows, rows alike within clusters,
        or a column that is constant or follows from others.

    References
    ----------
    Laird & Ware (1982), *Biometrics*. Same numbers as R lme4 ``lmer`` with lmerTest, and statsmodels ``MixedLM``.
    """
    columns = np.empty((len(outcome), 0)) if covariates is None else covariates
    labels = names or tuple(f"x{number}" for number in range(1, columns.shape[1] + 1))
    check_clusters(treated, clusters)
    counts = arm_counts(treated, clusters)
    warned = _few_clusters(*counts)
    few = domain.check_residual_df(len(outcome), columns.shape[1] + 2)
    design = np.column_stack([treated, columns])
    fit = least_squares(design, outcome, ("treatment", *labels))
    found = random_intercept(fit, clusters)
    contrast = fit.contrast("treatment")
    df = found.satterthwaite(contrast)
    if df is None:
        df = float(sum(counts) - 1 - constant_within(design, clusters))
        warned = (
            *warned,
            "the variance between clusters is estimated as 0, so the error is that of rows drawn one by one, read "
            f"with {df:.0f} degrees of freedom",
        )
    if not df > 0:
        raise NotEstimable(
            f"{sum(counts)} clusters cannot support so many columns that do not vary within them"
        )
    return Effect(
        estimate=float(found.coefficients[1]),
        std_error=math.sqrt(float(contrast @ found.matrix @ contrast)),
        df=df,
        covariance="classical",
        ssc={"covariance": "classical", "factor": 1.0, "formula": "REML", "n_clusters": sum(counts)},
        warnings=(*few, *warned),
        terms=(Term("variance_between", found.between), Term("variance_within", found.within)),
    )


def _few_clusters(n_treated: int, n_control: int) -> tuple[str, ...]:
    fewest, total = min(n_treated, n_control), n_treated + n_control
    if total < domain.LEAST_CLUSTERS:
        raise NotEstimable(
            f"{total} clusters are too few for a mixed model: at least {domain.LEAST_CLUSTERS} are needed; "
            "cluster_means compares so few"
        )
    if fewest >= domain.ENOUGH_CLUSTERS:
        return ()
    return (
        f"with {fewest} cluster{'s' if fewest != 1 else ''} in the smaller arm the error leans on the model: clusters "
        "that differ as much in both arms, by normal amounts; cluster_means, and ancova with CR2, lean on less",
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, adjusted for covariates and strata."""
    return compare_arms(sample, spec, plan, _compare)


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    if sample.weight is not None:
        raise NotEstimable(
            "a mixed model takes no weights here; use ancova with CR2, or leave the weight out"
        )
    columns, names = adjustment(sample)
    return mixed(sample.outcome, treated, sample.cluster, columns, names=names)
