"""Rate ratio of two arms by Poisson quasi-likelihood with robust errors, never the model-based one."""

from dataclasses import dataclass

import numpy as np

from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts, compare_arms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import adjustment
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import covariance
from experiments.stats.regression.linear import LinearFit, least_squares
from experiments.stats.results import Fit, Term
from experiments.stats.sample import Sample

TOLERANCE = 1e-10
MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class _Converged:
    fit: LinearFit
    means: FloatArray


def poisson(
    outcome: FloatArray,
    treated: FloatArray,
    covariates: FloatArray | None = None,
    *,
    names: tuple[str, ...] = (),
    exposure: FloatArray | None = None,
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
) -> Effect:
    """Log rate ratio, treatment to control.

    Parameters
    ----------
    outcome : (N,) counts, or any outcome that is not negative.
    treated : (N,) 1 for treatment, 0 for control.
    covariates : (N, k) columns measured before assignment.
    names : (k,) their names.
    exposure : (N,) person-time or population, above 0; enters as a log offset.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : covariance; None is HC2, or CR2 by cluster, on the working model.

    Returns
    -------
    Effect : the log of the rate ratio; the dispersion is its term.

    Notes
    -----
    ``log E[y] = log(exposure) + a + tau z + x'b``. Scores ``x (y - mu)``, bread ``sum mu x x'``; HC and
    CR as for least squares, on rows multiplied by the root of mu. Without covariates the estimate is
    ``log(rate1) - log(rate0)`` and the HC0 variance ``sum_1 (y - rate E)²/(sum_1 y)²`` plus that of arm
    0. HC: normal; CR0, CR1: t(G - 1); CR2: Satterthwaite. The dispersion, Pearson's chi-square over N -
    K, is a term.

    Raises
    ------
    NotEstimable : no events in an arm or a stratum, negative outcomes, or no convergence.

    References
    ----------
    Gourieroux, Monfort and Trognon (1984). Same numbers as statsmodels ``GLM(Poisson(), exposure=)``.
    """
    columns = np.empty((len(outcome), 0)) if covariates is None else covariates
    labels = names or tuple(f"x{number}" for number in range(1, columns.shape[1] + 1))
    _check_events(outcome, treated, columns, labels)
    kind = kind or domain.default_covariance(is_clustered=clusters is not None)
    rows = int(treated.sum()), int(len(treated) - treated.sum())
    groups = rows if clusters is None else arm_counts(treated, clusters)
    domain.warnings_for(kind, rows, groups, None, is_clustered=clusters is not None)
    few = domain.check_residual_df(len(outcome), columns.shape[1] + 2)
    design = np.column_stack([treated, columns])
    offset = np.zeros(len(outcome)) if exposure is None else np.log(exposure)
    weight = np.ones(len(outcome)) if weights is None else weights
    converged = _solve(design, outcome, ("treatment", *labels), offset, weight)
    found = covariance(converged.fit, kind, clusters)
    contrast = converged.fit.contrast("treatment")
    df = found.df(contrast) if kind.startswith("CR") else None
    warned = domain.warnings_for(kind, rows, groups, df, is_clustered=clusters is not None)
    return Effect(
        estimate=float(converged.fit.coefficients[1]),
        std_error=found.std_error(contrast),
        df=df,
        covariance=kind,
        ssc=found.ssc,
        warnings=(*few, *warned),
        terms=(Term("dispersion", _dispersion(outcome, converged, weight)),),
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, on the log scale."""
    return compare_arms(sample, spec, plan, _compare, scale="log_rate_ratio")


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    kind = spec.covariance or domain.default_covariance(is_clustered=sample.is_clustered)
    columns, names = adjustment(sample)
    return poisson(
        sample.outcome,
        treated,
        columns,
        names=names,
        exposure=sample.exposure,
        clusters=sample.cluster if sample.is_clustered or kind.startswith("CR") else None,
        weights=sample.weight,
        kind=kind,
    )


def _check_events(
    outcome: FloatArray, treated: FloatArray, columns: FloatArray, names: tuple[str, ...]
) -> None:
    """Refuse what has no finite rate ratio: an arm, or a level of a 0/1 column, without a single event."""
    if (outcome < 0).any():
        raise NotEstimable("the outcome has negative values; a rate cannot be negative")
    for side, words in ((treated > 0, "treated"), (treated == 0, "control")):
        if not outcome[side].any():
            raise NotEstimable(
                f"no events among the {words}: every {words} unit had 0, so the rate ratio has no estimate"
            )
    for name, column in zip(names, columns.T, strict=True):
        if not np.isin(column, (0.0, 1.0)).all():
            continue
        for level in (0.0, 1.0):
            if not outcome[column == level].any():
                raise NotEstimable(
                    f"no events where '{name}' is {level:.0f}, so the rates cannot be adjusted for it"
                )


def _solve(
    design: FloatArray, outcome: FloatArray, names: tuple[str, ...], offset: FloatArray, weight: FloatArray
) -> _Converged:
    """Iterated weighted least squares until the coefficients stop moving."""
    start = np.log((weight @ outcome) / (weight @ np.exp(offset)))
    predictor = start + offset
    if (outcome > 0).all():
        predictor = np.log(outcome)
    previous, moved = np.full(design.shape[1] + 1, np.inf), np.inf
    for _ in range(MAX_STEPS):
        means = np.exp(predictor)
        working = predictor - offset + (outcome - means) / means
        fit = least_squares(design, working, names, weights=weight * means)
        moved = float(np.abs(fit.coefficients - previous).max())
        previous = fit.coefficients
        predictor = offset + fit.coefficients[0] + design @ fit.coefficients[1:]
        if not np.isfinite(predictor).all() or np.abs(predictor - offset).max() > 700:
            break
        if moved <= TOLERANCE * max(1.0, float(np.abs(previous).max())):
            return _Converged(fit, np.exp(predictor))
    raise NotEstimable(
        f"the rates did not converge in {MAX_STEPS} steps: the last moved {moved:.2g}, the tolerance is "
        f"{TOLERANCE:g}"
    )


def _dispersion(outcome: FloatArray, converged: _Converged, weight: FloatArray) -> float:
    left = len(outcome) - converged.fit.n_parameters
    return float((weight * (outcome - converged.means) ** 2 / converged.means).sum() / left)
