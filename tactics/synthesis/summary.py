"""The pooled effect that a rating rests on: one trial, two trials, or a random-effects model."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from centre.distributions import quantile
from tactics.synthesis.bias import egger
from tactics.synthesis.errors import BadEffects, NotEstimable
from tactics.synthesis.pooling import Options, pool

SINGLE = "The trial's own estimate and interval: one trial, so nothing is pooled"
TWO = "Inverse-variance mean of two trials, 95% interval from the normal distribution"
REML = "Random-effects mean: REML with Hartung–Knapp, 95% interval from the t distribution"
EGGER_FROM = 10


@dataclass(frozen=True, slots=True)
class Effect:
    """One trial's estimate on an additive scale, with its own interval."""

    study: str
    yi: float
    vi: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a set of effects says together. What could not be worked out is None, with its reason."""

    k: int
    method: str
    estimate: float | None = None
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    p_value: float | None = None
    tau2: float | None = None
    tau2_conf_low: float | None = None
    tau2_conf_high: float | None = None
    i2: float | None = None
    q: float | None = None
    q_p_value: float | None = None
    prediction_low: float | None = None
    prediction_high: float | None = None
    prediction_df: float | None = None
    egger_p_value: float | None = None
    weights: tuple[float, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain JSON values."""
        return {**asdict(self), "weights": list(self.weights), "warnings": list(self.warnings)}


def summarise(effects: Sequence[Effect]) -> Summary:
    """Pool a rating's trials by the number of them.

    Parameters
    ----------
    effects : one for each independent sample, all on the same scale.

    Notes
    -----
    One trial: the trial itself. Two: the inverse-variance mean. Three or more: REML with Hartung-Knapp,
    unmodified, and a prediction interval with k - 2 degrees of freedom.

    Raises
    ------
    BadEffects : no effects, or a value that is not finite, or a variance that is not positive.
    """
    if not effects:
        raise BadEffects("There are no effects to summarise")
    if len(effects) == 1:
        return _single(effects[0])
    return _two(effects) if len(effects) == 2 else _several(effects)


def _single(effect: Effect) -> Summary:
    _check(effect)
    se = effect.vi**0.5
    return Summary(
        k=1,
        method=SINGLE,
        estimate=effect.yi,
        std_error=se,
        conf_low=effect.conf_low,
        conf_high=effect.conf_high,
        weights=(1.0,),
        reasons=dict.fromkeys(("i2", "tau2", "prediction"), "needs 3 or more trials; there is 1"),
    )


def _two(effects: Sequence[Effect]) -> Summary:
    for effect in effects:
        _check(effect)
    fit = pool([e.yi for e in effects], [e.vi for e in effects], options=Options(method="FE", test="z"))
    return Summary(
        k=2,
        method=TWO,
        estimate=fit.pooled.estimate,
        std_error=fit.pooled.std_error,
        conf_low=fit.pooled.conf_low,
        conf_high=fit.pooled.conf_high,
        p_value=fit.pooled.p_value,
        q=fit.q,
        q_p_value=fit.q_p_value,
        weights=fit.weights,
        reasons=dict.fromkeys(("i2", "tau2", "prediction"), "needs 3 or more trials; there are 2"),
    )


def _several(effects: Sequence[Effect]) -> Summary:
    y, v = [e.yi for e in effects], [e.vi for e in effects]
    try:
        fit = pool(y, v)
    except NotEstimable as refusal:
        return Summary(k=len(y), method=REML, reasons={"estimate": refusal.message})
    asymmetry, reason = _egger(y, v)
    return Summary(
        k=len(y),
        method=REML,
        estimate=fit.pooled.estimate,
        std_error=fit.pooled.std_error,
        conf_low=fit.pooled.conf_low,
        conf_high=fit.pooled.conf_high,
        p_value=fit.pooled.p_value,
        tau2=fit.tau2,
        tau2_conf_low=fit.tau2_conf_low,
        tau2_conf_high=fit.tau2_conf_high,
        i2=fit.i2,
        q=fit.q,
        q_p_value=fit.q_p_value,
        prediction_low=fit.prediction_low,
        prediction_high=fit.prediction_high,
        prediction_df=fit.prediction_df,
        egger_p_value=asymmetry,
        weights=fit.weights,
        reasons={"egger": reason} if reason else {},
        warnings=(*fit.warnings, *_floored(fit.hk_factor, y, v)),
    )


def _check(effect: Effect) -> None:
    if not np.isfinite([effect.yi, effect.vi, effect.conf_low, effect.conf_high]).all() or effect.vi <= 0:
        raise BadEffects(f"{effect.study}: effect and interval must be finite and the variance above 0")


def _egger(y: Sequence[float], v: Sequence[float]) -> tuple[float | None, str]:
    if len(y) < EGGER_FROM:
        return None, f"Egger's test is used from {EGGER_FROM} trials; there are {len(y)}"
    try:
        return egger(np.array(y), np.array(v)).p_value, ""
    except NotEstimable as refusal:
        return None, refusal.message


def _floored(factor: float | None, y: Sequence[float], v: Sequence[float]) -> tuple[str, ...]:
    """Beside an interval that Hartung-Knapp made narrower stands the one it would be with the floor."""
    if factor is None or factor >= 1:
        return ()
    wide = pool(y, v, options=Options(floor=True)).pooled
    return (f"With the floor the interval is {wide.conf_low:.6g} to {wide.conf_high:.6g}",)


def normal_interval(yi: float, vi: float, level: float = 0.95) -> tuple[float, float]:
    """Return the ordinary interval of an effect that came without one of its own."""
    half = quantile(0.5 + level / 2, None) * vi**0.5
    return yi - half, yi + half
