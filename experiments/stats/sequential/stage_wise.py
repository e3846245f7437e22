"""What may be said when a group-sequential trial has stopped: p value, estimate and interval that know of the looks."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from centre.distributions import lower_tail, quantile
from experiments.stats.errors import NotEstimable
from experiments.stats.sequential.boundaries import UNREACHABLE, Boundaries, State, continued, tail

REACH = 16.0  # standard deviations of the process without drift, so that one with drift is on the grid too
WIDEST = 64.0  # standard errors from the estimate at which an end is looked for


@dataclass(frozen=True, slots=True)
class StageWise:
    """``p_value`` (two-sided where the design is), the median-unbiased ``estimate``, and its interval.

    ``stayed_inside`` is the share, of trials that end with this statistic, which no earlier boundary would have
    stopped, whatever the effect. Where it is very small the earlier looks were hardly made.
    """

    p_value: float
    estimate: float
    conf_low: float
    conf_high: float
    stayed_inside: float


def stage_wise(
    design: Boundaries, estimate: float, std_error: float, *, alpha: float = 0.05, df: float | None = None
) -> StageWise:
    """Final inference of a trial that stopped at the last look of `design`.

    Parameters
    ----------
    design : boundaries up to the look at which the trial stopped.
    estimate, std_error : at that look, in the outcome's units.
    alpha : two-sided level of the interval.
    df : degrees of freedom of the t that the statistic has; None is the normal.

    Returns
    -------
    StageWise : p value, median-unbiased estimate and interval.

    Notes
    -----
    Results are ordered by stage: an earlier crossing is more extreme than any later result, and at one look the larger
    z is. With an effect θ the process has drift ``θ·√(I_K/t_K)``; ``p(θ)`` is the chance of a result as extreme.
    Two-sided ``2·min(p(0), 1 − p(0))``; the ends solve ``p = α/2`` and ``1 − α/2``, the estimate ``p = ½``.
    A t is put on the normal's scale by its p value, ``z = Φ⁻¹(F(t))``, with the effect taken off first (the
    significance-level approach): without looks p value and interval are then exactly those of the t. With 15 or 16
    degrees of freedom the whole procedure erred 5.0 to 5.2 % of the time and the interval covered 94.6 to 95.9 %, in
    40,000 and more simulations each; but the estimate lay above a large effect as seldom as 37 % of the time.

    Raises
    ------
    NotEstimable : a standard error that is not above 0, or an effect so far out that no end is found.

    References
    ----------
    Fairbanks & Madsen (1982), *Biometrika*; Tsiatis, Rosner & Mehta (1984), *Biometrics*; for the t Pocock (1977),
    *Biometrika*; Jennison & Turnbull (2000), *Group Sequential Methods*.
    """
    if not (math.isfinite(estimate) and math.isfinite(std_error) and std_error > 0):
        raise NotEstimable("the estimate must be a number and its standard error above 0")
    scale = 1 / (std_error * math.sqrt(float(design.fractions[-1])))

    states = _before(design)

    def p_at(effect: float) -> float:
        centred = on_normal_scale((estimate - effect) / std_error, df)
        return _as_extreme(design, states, centred + effect / std_error, effect * scale)

    upper = p_at(0.0)
    ends = [_solved(p_at, share, estimate, std_error) for share in (alpha / 2, 0.5, 1 - alpha / 2)]
    p_value = upper if design.sides == 1 else min(1.0, 2 * min(upper, 1 - upper))
    inside = _stayed_inside(
        states[-1], float(design.fractions[-1]), on_normal_scale(estimate / std_error, df)
    )
    return StageWise(p_value, ends[1], ends[0], ends[2], inside)


def on_normal_scale(statistic: float, df: float | None) -> float:
    """The normal statistic with the p value of a t."""
    if df is None:
        return statistic
    return math.copysign(min(-quantile(lower_tail(-abs(statistic), df), None), UNREACHABLE), statistic)


def _before(design: Boundaries) -> list[State | None]:
    """What is known before each look: that none before it stopped."""
    found: list[State | None] = [None]
    looks = zip(design.fractions[:-1].tolist(), design.critical[:-1].tolist(), strict=True)
    for time, critical in looks:
        found.append(continued(found[-1], time, critical, design.sides, reach=REACH))
    return found


def _stayed_inside(before: State | None, time: float, statistic: float) -> float:
    """P(no look stopped | B(time)), in which the drift cancels: the density that is left over the whole one."""
    if before is None:
        return 1.0
    end, gap = statistic * math.sqrt(time), time - before.time
    log_ratio = end**2 / (2 * time) - (end - before.points) ** 2 / (2 * gap)
    return float(np.exp(log_ratio) @ before.mass) * math.sqrt(time / gap)


def _as_extreme(design: Boundaries, states: list[State | None], statistic: float, drift: float) -> float:
    """P of stopping upwards before the last look, or of reaching it with a statistic as large."""
    levels = [*design.critical[:-1].tolist(), statistic]
    looks = zip(states, design.fractions.tolist(), levels, strict=True)
    return sum(
        tail(state, time, level * math.sqrt(time), drift)
        for state, time, level in looks
        if math.isfinite(level)
    )


def _solved(p_at: Callable[[float], float], share: float, estimate: float, std_error: float) -> float:
    reach = 8.0
    while p_at(estimate - reach * std_error) > share or p_at(estimate + reach * std_error) < share:
        reach *= 2
        if reach > WIDEST:
            raise NotEstimable("the effect is so far out that its interval has no end that could be found")
    low, high = (estimate + sign * reach * std_error for sign in (-1, 1))
    return float(brentq(lambda effect: p_at(effect) - share, low, high, xtol=1e-10 * std_error))
