"""A binary outcome: the risk difference by standardising a logistic regression, with its log odds ratio beside it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts, compare_arms, interval_term
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import adjustment
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import (
    CLUSTERED,
    bell_mccaffrey,
    cluster_sums,
    cr1_factor,
    cross_products,
)
from experiments.stats.regression.linear import LinearFit, least_squares
from experiments.stats.results import Fit
from experiments.stats.sample import Sample

TOLERANCE = 1e-10
MAX_STEPS = 50
FARTHEST = 30.0  # log odds beyond which a chance is 0 or 1 in double precision
SEPARATED = 15.0  # steps that go on until most rows are this far out have no end


def logistic(
    outcome: FloatArray,
    treated: FloatArray,
    covariates: FloatArray | None = None,
    *,
    names: tuple[str, ...] = (),
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
    alpha: float = 0.05,
) -> Effect:
    """Risk difference, treatment less control, averaged over everybody's covariates.

    Parameters
    ----------
    outcome : (N,) 1 where it happened, 0 where it did not.
    treated : (N,) 1 for treatment, 0 for control.
    covariates : (N, k) columns measured before assignment.
    names : (k,) their names.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : HC1, CR1 or CR2: how influence values are summed, and their factor; None is HC1, or CR2 by cluster.
    alpha : of the intervals of the terms.

    Returns
    -------
    Effect : the risk difference; the risks of both arms and the log odds ratio are its terms.

    Notes
    -----
    ``RD = mean p̂(1, x_i) − p̂(0, x_i)``. With H the mean of ``p̂(1 − p̂)xx′`` and g the mean of
    ``p̂1(1 − p̂1)x1 − p̂0(1 − p̂0)x0``, ``ψ_i = p̂1_i − p̂0_i − RD + g′H⁻¹x_i(y_i − p̂_i)``; ``V = a Σ_c(Σψ)²/N²``.
    HC1: t(N − K); CR1: t(G − 1). CR2: the scores by cluster are Bell and McCaffrey's of the last weighted least
    squares, rows times the root of ``p̂(1 − p̂)``, and the degrees of freedom Satterthwaite's for g.
    Consistent under randomisation even if the logistic form is wrong.

    Raises
    ------
    NotEstimable : an outcome that is not 0 or 1, an arm in which everybody or nobody had it, covariates that separate
        the outcomes, or too few clusters.

    References
    ----------
    Freedman (2008), *Stat Science*; Ge et al. (2011), *DIJ*; Steingrimsson et al. (2017), *Contemp Clin Trials*.
    """
    columns = np.empty((len(outcome), 0)) if covariates is None else covariates
    labels = ("treatment", *(names or tuple(f"x{number}" for number in range(1, columns.shape[1] + 1))))
    _check_outcome(outcome, treated)
    chosen = kind or ("HC1" if clusters is None else "CR2")
    rows = int(treated.sum()), int(len(treated) - treated.sum())
    groups = rows if clusters is None else arm_counts(treated, clusters)
    few = domain.check_residual_df(len(outcome), columns.shape[1] + 2)
    domain.warnings_for(chosen, rows, groups, None, is_clustered=clusters is not None)
    share = np.ones(len(outcome)) if weights is None else weights / weights.mean()
    fit = _solve(np.column_stack([treated, columns]), outcome, labels, share)
    codes = np.arange(len(outcome)) if clusters is None or chosen == "HC1" else clusters
    spread = _cluster_spread(fit, codes, chosen)
    risks = _risks(fit, columns, share)
    own = cluster_sums(risks.own, codes, len(spread.scores)) / len(outcome)
    contrasts = risks.slopes @ fit.transform
    errors = np.sqrt(spread.factor * ((own + spread.scores @ contrasts.T) ** 2).sum(axis=0))
    dfs = [spread.df(contrast) for contrast in contrasts]
    warned = domain.warnings_for(chosen, rows, groups, dfs[0], is_clustered=clusters is not None)
    return Effect(
        estimate=float(risks.estimates[0]),
        std_error=float(errors[0]),
        df=dfs[0],
        covariance=chosen,
        ssc={
            "covariance": chosen,
            "factor": spread.factor,
            "formula": "influence functions",
            "n_clusters": len(spread.scores),
        },
        warnings=(*few, *warned),
        terms=tuple(
            interval_term(name, float(value), float(error), df, alpha)
            for name, value, error, df in zip(
                ("risk_treated", "risk_control", "log_odds_ratio"),
                risks.estimates[1:],
                errors[1:],
                dfs[1:],
                strict=True,
            )
        ),
    )


@dataclass(frozen=True, slots=True)
class _Spread:
    """Scores by cluster (G, K) in the coordinates of the fit, their small-sample factor, and the df of a contrast."""

    scores: FloatArray
    factor: float
    df: Callable[[FloatArray], float | None]


def _cluster_spread(fit: LinearFit, codes: IntArray, kind: str) -> _Spread:
    n_clusters = int(codes.max()) + 1
    scores = cluster_sums(fit.basis * fit.residuals[:, None], codes, n_clusters)
    if kind == "CR2":
        adjusted, satterthwaite = bell_mccaffrey(cross_products(fit.basis, codes, n_clusters), scores)
        return _Spread(adjusted, 1.0, satterthwaite)
    left = fit.n_obs - fit.n_parameters
    if kind == "HC1":
        return _Spread(scores, fit.n_obs / left, lambda contrast: float(left))
    factor = cr1_factor(fit.n_obs, fit.n_parameters, n_clusters)
    return _Spread(scores, factor, lambda contrast: float(n_clusters - 1))


@dataclass(frozen=True, slots=True)
class _Risks:
    """Risk difference, both risks and the log odds ratio: (4,), with slopes by the coefficients (4, K).

    ``own`` (N, 4): how far each row's own chances are from the mean ones.
    """

    estimates: FloatArray
    slopes: FloatArray
    own: FloatArray


def _risks(fit: LinearFit, columns: FloatArray, share: FloatArray) -> _Risks:
    constant = np.ones(len(columns))
    risks, slopes, own = [], [], []
    for status in (1.0, 0.0):
        supposed = np.column_stack([constant, np.full(len(columns), status), columns])
        chance = special.expit(supposed @ fit.coefficients)
        slopes.append(share @ (supposed * (chance * (1 - chance))[:, None]) / len(columns))
        risks.append(float(share @ chance) / len(columns))
        own.append(share * (chance - risks[-1]))
    return _Risks(
        np.array([risks[0] - risks[1], *risks, fit.coefficients[1]]),
        np.stack([slopes[0] - slopes[1], *slopes, fit.contrast("treatment")]),
        np.column_stack([own[0] - own[1], *own, 0 * constant]),
    )


def _check_outcome(outcome: FloatArray, treated: FloatArray) -> None:
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise NotEstimable(
            "the outcome must be 0 or 1 in every row; for counts use poisson, for amounts ancova"
        )
    for side, words in ((treated > 0, "treated"), (treated == 0, "control")):
        share = float(outcome[side].mean())
        if share in (0.0, 1.0):
            raise NotEstimable(
                f"{'nobody' if share == 0 else 'everybody'} among the {words} had the outcome, so the odds ratio has "
                "no estimate and the risk no error; difference_in_means with 'randomisation' can compare them"
            )


def _solve(design: FloatArray, outcome: FloatArray, names: tuple[str, ...], share: FloatArray) -> LinearFit:
    """Iterated weighted least squares until the coefficients stop moving."""
    coefficients = np.zeros(design.shape[1] + 1)
    coefficients[0] = special.logit(share @ outcome / share.sum())
    whole = np.column_stack([np.ones(len(outcome)), design])
    for _ in range(MAX_STEPS):
        predictor = np.clip(whole @ coefficients, -FARTHEST, FARTHEST)
        chance = special.expit(predictor)
        spread = chance * special.expit(-predictor)
        fit = least_squares(design, predictor + (outcome - chance) / spread, names, weights=share * spread)
        moved = float(np.abs(fit.coefficients - coefficients).max())
        coefficients = fit.coefficients
        if float(np.median(np.abs(whole @ coefficients))) > SEPARATED:
            break
        if moved <= TOLERANCE * max(1.0, float(np.abs(coefficients).max())):
            return fit
    raise NotEstimable(
        "the covariates tell apart who had the outcome and who had not, so the odds have no estimate; leave out the "
        "covariate that does, or use ancova for the risk difference"
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, as a risk difference."""
    return compare_arms(sample, spec, plan, _compare)


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    kind = spec.covariance or ("CR2" if sample.is_clustered else "HC1")
    columns, names = adjustment(sample)
    return logistic(
        sample.outcome,
        treated,
        columns,
        names=names,
        clusters=sample.cluster if sample.is_clustered or kind in CLUSTERED else None,
        weights=sample.weight,
        kind=kind,
        alpha=plan.alpha,
    )
