"""Regression of the outcome on arm, covariates and blocks."""

import numpy as np

from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts, compare_arms
from experiments.stats.estimators import replayed
from experiments.stats.estimators.drawn import DRAWN, drawn_effect
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import covariance
from experiments.stats.regression.linear import least_squares
from experiments.stats.results import Fit
from experiments.stats.sample import Sample


def ancova(
    outcome: FloatArray,
    treated: FloatArray,
    covariates: FloatArray,
    *,
    names: tuple[str, ...] = (),
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
    row_names: tuple[str, ...] | None = None,
) -> Effect:
    """Least squares of the outcome on treatment and pre-treatment columns.

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    treated : (N,) 1 for treatment, 0 for control.
    covariates : (N, k) columns measured before assignment; block dummies among them.
    names : (k,) their names, for messages.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : covariance; None is HC2, or CR2 by cluster.
    row_names : (N,) names of the rows, for messages.

    Returns
    -------
    Effect : the coefficient in the outcome's units, with its covariance and degrees of freedom.

    Notes
    -----
    The coefficient of `treated`; HC: t(N - K), CR0 and CR1: t(G - 1), CR2: Satterthwaite. Consistent
    under randomisation whether or not the regression is right; with very unequal arms and heterogeneous
    effects it can lose precision (Freedman 2008).

    Raises
    ------
    NotEstimable : a column that is constant or a combination of others, more parameters than the rows can
        support, or too few clusters for the covariance.

    References
    ----------
    Freedman (2008); Lin (2013). Same numbers as statsmodels ``OLS`` and R estimatr ``lm_robust``.
    """
    labels = names or tuple(f"x{number}" for number in range(1, covariates.shape[1] + 1))
    grouped = clusters is not None
    kind = kind or domain.default_covariance(is_clustered=grouped)
    few = domain.check_residual_df(len(outcome), covariates.shape[1] + 2)
    fit = least_squares(
        np.column_stack([treated, covariates]), outcome, ["treatment", *labels], weights=weights
    )
    rows = int(treated.sum()), int(len(treated) - treated.sum())
    groups = rows if clusters is None else arm_counts(treated, clusters)
    domain.warnings_for(kind, rows, groups, None, is_clustered=grouped)
    found = covariance(fit, kind, clusters, row_names=row_names)
    contrast = fit.contrast("treatment")
    df = found.df(contrast)
    warned = domain.warnings_for(kind, rows, groups, df, is_clustered=grouped)
    return Effect(float(fit.coefficients[1]), found.std_error(contrast), df, kind, found.ssc, (*few, *warned))


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, adjusted for covariates and strata."""
    return compare_arms(sample, spec, plan, _compare)


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    kind = spec.covariance or domain.default_covariance(is_clustered=sample.is_clustered)
    if kind == "randomisation":
        return replayed.pooled(sample, treated, spec, plan, sample.covariates)
    if kind in DRAWN:
        return drawn_effect(
            sample.outcome,
            treated,
            spec,
            plan,
            covariates=sample.covariates,
            clusters=sample.cluster if sample.is_clustered else None,
            blocks=sample.stratum,
            weights=sample.weight,
        )
    columns, names = adjustment(sample)
    return ancova(
        sample.outcome,
        treated,
        columns,
        names=names,
        clusters=sample.cluster if sample.is_clustered or kind.startswith("CR") else None,
        weights=sample.weight,
        kind=kind,
        row_names=None if sample.is_clustered else sample.unit_names,
    )


def adjustment(sample: Sample) -> tuple[FloatArray, tuple[str, ...]]:
    """The covariates and one 0/1 column for each stratum but the first."""
    if sample.stratum is None:
        return sample.covariates, sample.covariate_names
    dummies = sample.stratum[:, None] == np.arange(1, len(sample.stratum_names))
    names = tuple(f"stratum={name}" for name in sample.stratum_names[1:])
    return np.column_stack([sample.covariates, dummies.astype(np.float64)]), (*sample.covariate_names, *names)
