"""From a fit to a row of the result document: p value, interval, mde, and each family's adjusted p values."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from centre import distributions
from experiments.stats import multiplicity
from experiments.stats.common_draws import Joint
from experiments.stats.context import Made
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES, UNADJUSTED_ROLES, WESTFALL_YOUNG
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import EstimateRow, Fit

ROUNDING = 1e-13  # of the estimate: a standard error this small is what rounding leaves of none
POOLED_SCALES = frozenset({"log_rate_ratio", "log_odds_ratio", "standardised"})
RATIO_SCALES = frozenset({"log_rate_ratio", "log_odds_ratio"})


def check_fit(fit: Fit) -> Fit:
    """The fit, if it is a number; a quiet zero, one or NaN is never published."""
    if not math.isfinite(fit.estimate):
        raise NotEstimable("the estimate is not a finite number")
    least = ROUNDING * abs(fit.estimate)
    if fit.std_error is not None and not (math.isfinite(fit.std_error) and fit.std_error > least):
        raise NotEstimable(
            "the standard error is zero or not a number: the outcome does not vary enough to judge the effect"
        )
    if fit.df is not None and not fit.df > 0:
        raise NotEstimable("no degrees of freedom are left")
    return fit


def estimate_row(made: Made, plan: Plan) -> EstimateRow:
    """The row of one estimate, made or refused, before multiplicity."""
    return _refused(made, plan) if made.fit is None else _made(made.spec, made.fit, plan)


def estimate_numbers(spec: EstimateSpec, fit: Fit, alpha: float) -> dict[str, float | None]:
    """Statistic, p value, interval and detectable effect of a fit: from its draws or its looks where it has them."""
    statistic = p_value = low = high = mde = None
    if fit.std_error is not None:
        statistic = fit.estimate / fit.std_error
        p_value = distributions.p_value(statistic, fit.df, spec.alternative)
        low, high = distributions.interval(fit.estimate, fit.std_error, fit.df, alpha)
        mde = distributions.minimum_detectable(fit.std_error, fit.df, alpha)
    if fit.resampled is not None:
        p_value, low, high = fit.resampled.p_value, fit.resampled.conf_low, fit.resampled.conf_high
        mde = None  # the error that studentises draws is too small to say what would have been found
    if fit.watched is not None:
        p_value, low, high = fit.watched.p_value, fit.watched.conf_low, fit.watched.conf_high
        mde = None  # looks have a price, which the error does not show
    return {"statistic": statistic, "p_value": p_value, "conf_low": low, "conf_high": high, "mde": mde}


def _made(spec: EstimateSpec, fit: Fit, plan: Plan) -> EstimateRow:
    variance = _pooled_variance(fit, plan.alpha)
    estimate = fit.estimate if fit.watched is None else fit.watched.estimate
    return EstimateRow(
        id=spec.id,
        role=spec.role,
        outcome=spec.outcome,
        estimand=spec.estimand,
        estimator=spec.estimator,
        covariance=fit.covariance,
        status="ok",
        reason=None,
        estimate=estimate,
        std_error=fit.std_error,
        df=fit.df,
        p_value_adjusted=None,
        conf_level=round(1 - plan.alpha, 12),
        scale=fit.scale,
        yi=None if variance is None else fit.estimate,
        vi=variance,
        pct_change=100 * math.expm1(estimate) if fit.scale in RATIO_SCALES else None,
        n_obs=fit.n_obs,
        n_units=fit.n_units,
        n_clusters=fit.n_clusters,
        n_treated=fit.n_treated,
        icc=fit.icc,
        **estimate_numbers(spec, fit, plan.alpha),
        terms=fit.terms,
        warnings=fit.warnings,
    )


def _pooled_variance(fit: Fit, alpha: float) -> float | None:
    """The variance a pooling takes: where draws judge the estimate, the one that their interval has."""
    if fit.scale not in POOLED_SCALES:
        return None
    if fit.resampled is None:
        return None if fit.std_error is None else fit.std_error**2
    low, high = fit.resampled.conf_low, fit.resampled.conf_high
    if low is None or high is None:
        return None
    return ((high - low) / (2 * distributions.quantile(1 - alpha / 2, None))) ** 2


def _refused(made: Made, plan: Plan) -> EstimateRow:
    spec = made.spec
    return EstimateRow(
        id=spec.id,
        role=spec.role,
        outcome=spec.outcome,
        estimand=spec.estimand,
        estimator=spec.estimator,
        covariance=spec.covariance,
        status="not_estimable",
        reason=made.reason,
        estimate=None,
        std_error=None,
        df=None,
        statistic=None,
        p_value=None,
        p_value_adjusted=None,
        conf_low=None,
        conf_high=None,
        conf_level=round(1 - plan.alpha, 12),
        scale=ESTIMATOR_RULES[spec.estimator].scale,
        yi=None,
        vi=None,
        pct_change=None,
        n_obs=None,
        n_units=None,
        n_clusters=None,
        n_treated=None,
        icc=None,
        mde=None,
    )


def adjusted(
    rows: Sequence[EstimateRow],
    plan: Plan,
    *,
    complete: bool,
    together: Callable[[Sequence[EstimateSpec]], Joint],
) -> tuple[EstimateRow, ...]:
    """The rows with the adjusted p values of their family; guardrails and harms stay outside.

    `together` draws the estimates of a family at once, where the plan asks for that. When only part of the plan ran
    (`complete` is False) nothing is adjusted, because the family is not whole.
    """
    if plan.multiplicity == "none":
        return tuple(rows)
    specs = {spec.id: spec for spec in plan.estimates}
    found = {row.id: row for row in rows}
    inside = [row for row in rows if row.p_value is not None and row.role not in UNADJUSTED_ROLES]
    if not complete:
        note = "p_value_adjusted is null: only part of the plan ran, and an adjustment needs the whole family"
        return tuple(replace(row, warnings=(*row.warnings, note)) if row in inside else row for row in rows)
    for name in dict.fromkeys(specs[row.id].family for row in inside):
        members = [row for row in inside if specs[row.id].family == name]
        if plan.multiplicity == WESTFALL_YOUNG:
            found |= _drawn_together(members, together, [specs[row.id] for row in members])
            continue
        values = multiplicity.adjust([float(row.p_value or 0.0) for row in members], plan.multiplicity)
        for row, value in zip(members, values, strict=True):
            found[row.id] = replace(row, p_value_adjusted=value)
    return tuple(found[row.id] for row in rows)


def _drawn_together(
    members: Sequence[EstimateRow],
    together: Callable[[Sequence[EstimateSpec]], Joint],
    specs: Sequence[EstimateSpec],
) -> dict[str, EstimateRow]:
    """The rows of a family judged by common draws, or with why they could not be."""
    try:
        joint = together(specs)
    except NotEstimable as refusal:
        note = f"p_value_adjusted is null: {refusal.reason}"
        return {row.id: replace(row, warnings=(*row.warnings, note)) for row in members}
    note = f"p_value_adjusted is from {joint.words}, the same for every estimate of the family"
    return {
        # Draws may judge an estimate more kindly than its own test; an adjustment must not.
        row.id: replace(
            row, p_value_adjusted=max(value, float(row.p_value or 0.0)), warnings=(*row.warnings, note)
        )
        for row, value in zip(members, joint.p_values, strict=True)
    }
