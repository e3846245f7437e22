"""The effect of the treatment itself where not everybody took it up: the arm as an instrument."""

import math
from dataclasses import dataclass, replace

import numpy as np

from centre import distributions
from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts, compare_arms, interval_term
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators import replayed
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
from experiments.stats.regression.linear import least_squares
from experiments.stats.results import Fit, Resampled, Term
from experiments.stats.sample import Sample

WEAK, DOUBTFUL = 10.0, 104.7  # first-stage F: Staiger & Stock (1997); Lee et al. (2022)
NOTHING = 1e-10


@dataclass(frozen=True, slots=True)
class _Reduced:
    """Effects of the assignment on the outcome and on take-up, and what each cluster (or row) adds to their errors.

    ``on_outcome``, ``on_received`` (G,): the effect of supposing b on ``y − b d`` has the squared error
    ``Σ (on_outcome − b on_received)²``; ``df`` its degrees of freedom.
    """

    itt: float
    take_up: float
    on_outcome: FloatArray
    on_received: FloatArray
    df: float | None
    factor: float

    def error(self, effect: float) -> float:
        """The standard error of the assignment's effect on ``y − effect·d``."""
        left = self.on_outcome - effect * self.on_received
        return math.sqrt(float(left @ left))


def iv(
    outcome: FloatArray,
    assigned: FloatArray,
    received: FloatArray,
    covariates: FloatArray | None = None,
    *,
    names: tuple[str, ...] = (),
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
    alpha: float = 0.05,
    alternative: str = "two_sided",
) -> Effect:
    """Effect of the treatment on those who take it up because it was offered (CACE).

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    assigned : (N,) 1 where the unit was assigned to treatment, 0 where not.
    received : (N,) 1 where it was treated, 0 where not, or the share of it.
    covariates : (N, k) columns measured before assignment; block dummies among them.
    names : (k,) their names.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : HC1, CR1 or CR2; None is HC1, or CR2 by cluster.
    alpha : of the Anderson–Rubin interval and those of the terms.
    alternative : of the p value that is Anderson and Rubin's.

    Returns
    -------
    Effect : the two-stage estimate. Its terms are the first stage (effect of the offer on take-up), its F, the effect
        of the offer on the outcome (ITT), and the Anderson–Rubin interval, which holds however weak the first stage is.

    Notes
    -----
    With one instrument ``β = z̃′ỹ/z̃′d̃``, tilde the residual on covariates; ``V = a Σ_c(Σ z̃ε)²/(z̃′d̃)²``,
    ε = ỹ − βd̃, a = N/(N−K) or CR1's factor. ε are also the residuals of ``y − βd`` on the arm and the covariates, and
    CR2 is that regression's, with its Satterthwaite degrees of freedom; HC1: t(N − K), CR1: t(G − 1). Anderson–Rubin:
    the b with ``(z̃′(ỹ − bd̃))² ≤ F_{1−α}(1, df)·a Σ_c(…)²``, a quadratic in b. Needs that the offer
    acts through take-up alone, and that it puts nobody off. With CR2 and fewer than 20 clusters in the smaller arm p
    and interval are Anderson and Rubin's, because the ratio over its error rejects a little too often there.

    Raises
    ------
    NotEstimable : arms that take the treatment up alike, or too few clusters or rows.

    References
    ----------
    Angrist, Imbens & Rubin (1996), *JASA*; Anderson & Rubin (1949), *Ann Math Stat*. Same numbers as linearmodels
    ``IV2SLS(...).fit(cov_type='robust', debiased=True)``.
    """
    columns = np.empty((len(outcome), 0)) if covariates is None else covariates
    labels = names or tuple(f"x{number}" for number in range(1, columns.shape[1] + 1))
    chosen = kind or ("HC1" if clusters is None else "CR2")
    rows = int(assigned.sum()), int(len(assigned) - assigned.sum())
    groups = rows if clusters is None else arm_counts(assigned, clusters)
    few = domain.check_residual_df(len(outcome), columns.shape[1] + 2)
    domain.warnings_for(chosen, rows, groups, None, is_clustered=clusters is not None)
    _refuse_what_decides_the_arm(assigned, columns, labels, weights)
    reduced = _reduce(outcome, assigned, received, columns, labels, clusters, weights, chosen)
    warned = domain.warnings_for(chosen, rows, groups, reduced.df, is_clustered=clusters is not None)
    estimate = reduced.itt / reduced.take_up
    errors = [math.sqrt(float(one @ one)) for one in (reduced.on_received, reduced.on_outcome)]
    strength = (reduced.take_up / errors[0]) ** 2 if errors[0] > NOTHING * abs(reduced.take_up) else math.inf
    set_of_effects = _anderson_rubin(reduced, estimate, alpha)
    judged = None
    if chosen == "CR2" and min(groups) < domain.ENOUGH_CLUSTERS:
        # The test of no effect of receiving is that of no effect of the offer.
        statistic = math.copysign(reduced.itt / errors[1], estimate)
        p_value = distributions.p_value(statistic, reduced.df, alternative)
        judged = Resampled(p_value, set_of_effects.conf_low, set_of_effects.conf_high)
        warned = (*warned, _judged(min(groups)))
    return Effect(
        estimate=estimate,
        std_error=reduced.error(estimate) / abs(reduced.take_up),
        df=reduced.df,
        covariance=chosen,
        ssc={"covariance": chosen, "factor": reduced.factor, "instrument": "the assigned arm"},
        warnings=(*few, *warned, *_weakness(strength)),
        terms=(
            _first_stage(reduced.take_up, errors[0] if math.isfinite(strength) else 0.0, reduced.df, alpha),
            *((Term("first_stage_F", strength),) if math.isfinite(strength) else ()),
            interval_term("itt", reduced.itt, errors[1], reduced.df, alpha),
            set_of_effects,
        ),
        resampled=judged,
    )


def _judged(fewest: int) -> str:
    return (
        f"with {fewest} clusters in the smaller arm p value and interval are Anderson and Rubin's, which keep their "
        "size whatever the first stage"
    )


def _first_stage(take_up: float, error: float, df: float | None, alpha: float) -> Term:
    """The effect of the offer on take-up; without an error where everybody did as they were told."""
    if not error > 0:
        return Term("first_stage", take_up)
    return interval_term("first_stage", take_up, error, df, alpha)


def _refuse_what_decides_the_arm(
    assigned: FloatArray, columns: FloatArray, names: tuple[str, ...], weights: FloatArray | None
) -> None:
    """Refuse covariates that leave nothing of the assignment, rounding apart."""
    if not columns.shape[1]:
        return
    left = least_squares(columns, assigned, names, weights=weights).residuals
    whole = (assigned - assigned.mean()) * (1.0 if weights is None else np.sqrt(weights))
    if math.sqrt(float(left @ left)) <= NOTHING * math.sqrt(float(whole @ whole)):
        raise NotEstimable(
            "the covariates or strata determine who was assigned, so the offer has no effect of its own"
        )


def _reduce(
    outcome: FloatArray,
    assigned: FloatArray,
    received: FloatArray,
    columns: FloatArray,
    names: tuple[str, ...],
    clusters: IntArray | None,
    weights: FloatArray | None,
    kind: str,
) -> _Reduced:
    """Both on assignment and covariates; the residuals of ``y − b d`` are those of y less b times d's."""
    design, labels = np.column_stack([assigned, columns]), ("assignment", *names)
    fits = [least_squares(design, one, labels, weights=weights) for one in (outcome, received)]
    contrast = fits[0].contrast("assignment")
    itt, take_up = (float(fit.coefficients[1]) for fit in fits)
    if abs(take_up) <= NOTHING * max(1.0, float(np.abs(received).max())):
        raise NotEstimable(
            "the arms received the treatment alike, so the assignment tells nothing of what receiving it does"
        )
    codes = clusters if clusters is not None and kind in CLUSTERED else np.arange(len(outcome))
    n_clusters, (n_obs, width) = int(codes.max()) + 1, fits[0].basis.shape
    basis, along = fits[0].basis, fits[0].transform.T @ contrast
    scores = [cluster_sums(basis * fit.residuals[:, None], codes, n_clusters) for fit in fits]
    factor, df = n_obs / (n_obs - width), float(n_obs - width) if kind == "HC1" else float(n_clusters - 1)
    if kind == "CR2":
        blocks = cross_products(basis, codes, n_clusters)
        scores = [bell_mccaffrey(blocks, one)[0] for one in scores]
        return _Reduced(
            itt,
            take_up,
            scores[0] @ along,
            scores[1] @ along,
            bell_mccaffrey(blocks, scores[0])[1](along),
            1.0,
        )
    if kind == "CR1":
        factor = cr1_factor(n_obs, width, n_clusters)
    root = math.sqrt(factor)
    return _Reduced(itt, take_up, root * (scores[0] @ along), root * (scores[1] @ along), df, factor)


def _weakness(strength: float) -> tuple[str, ...]:
    if strength >= DOUBTFUL:
        return ()
    if strength >= WEAK:
        return (
            f"the first stage has F = {strength:.3g}: below {DOUBTFUL} a plain 5 % test rejects too often; read the "
            "Anderson–Rubin interval",
        )
    return (
        f"the assignment hardly moved who was treated (first-stage F = {strength:.3g}, and 10 is the least to go by): "
        "the estimate and its error are not to be trusted, only the Anderson–Rubin interval is",
    )


def _anderson_rubin(reduced: _Reduced, estimate: float, alpha: float) -> Term:
    """The effects b at which the instrument has nothing left to explain in ``y − b d``."""
    critical = distributions.quantile(1 - alpha / 2, reduced.df) ** 2
    on_y, on_d = reduced.on_outcome, reduced.on_received
    a = reduced.take_up**2 - critical * float(on_d @ on_d)
    b = -2 * (reduced.itt * reduced.take_up - critical * float(on_y @ on_d))
    c = reduced.itt**2 - critical * float(on_y @ on_y)
    root = b * b - 4 * a * c
    if a <= 0 or root < 0:
        what = "no effect is ruled out" if root < 0 else "it is all effects but those of one stretch"
        return Term("anderson_rubin", estimate, note=f"the Anderson–Rubin set has no ends: {what}")
    low, high = ((-b + sign * math.sqrt(root)) / (2 * a) for sign in (-1.0, 1.0))
    return Term("anderson_rubin", estimate, conf_low=low, conf_high=high, df=reduced.df)


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, the arm as the instrument."""
    return compare_arms(sample, spec, plan, _compare)


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    if sample.received is None:
        raise NotEstimable("the plan names no column for the treatment received")
    kind = spec.covariance or ("CR2" if sample.is_clustered else "HC1")
    if kind == "randomisation":
        return _redrawn(sample, treated, spec, plan)
    columns, names = adjustment(sample)
    return iv(
        sample.outcome,
        treated,
        sample.received,
        columns,
        names=names,
        clusters=sample.cluster if sample.is_clustered or kind in CLUSTERED else None,
        weights=sample.weight,
        kind=kind,
        alpha=plan.alpha,
        alternative=spec.alternative,
    )


def _redrawn(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    """Anderson–Rubin's test by draws: at the effect b nothing of ``y − b d`` depends on who was assigned."""
    assert sample.received is not None
    columns, names = adjustment(sample)
    groups = sample.cluster if sample.is_clustered else np.arange(sample.n_obs)
    _refuse_what_decides_the_arm(treated, columns, names, sample.weight)
    reduced = _reduce(sample.outcome, treated, sample.received, columns, names, groups, sample.weight, "CR1")
    effect = replayed.pooled(sample, treated, spec, plan, sample.covariates, received=sample.received)
    said = "each effect supposed is tested as Anderson and Rubin do, so a weak first stage only widens the interval"
    terms = (Term("first_stage", reduced.take_up), Term("itt", reduced.itt))
    return replace(effect, terms=terms, warnings=(*effect.warnings, said))
