"""EARS C1, C2 and C3 (Hutwagner et al. 2003): a count against the mean and spread of the few before it."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from centre.distributions import lower_tail, quantile
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.points import Point
from centre.hub.trends.series import Series

Method = Literal["ears_c1", "ears_c2", "ears_c3"]
METHODS: tuple[Method, ...] = get_args(Method)
GAPS: dict[Method, int] = {"ears_c1": 0, "ears_c2": 2, "ears_c3": 2}
ALPHAS: dict[Method, float] = {"ears_c1": 0.001, "ears_c2": 0.001, "ears_c3": 0.025}
DAYS = 3  # whose C2 excesses C3 adds up


@dataclass(frozen=True, slots=True)
class Options:
    """`alpha` None: .001 for C1 and C2, .025 for C3. `min_sigma`: the spread is taken to be no smaller."""

    baseline: int = 7
    alpha: float | None = None
    min_sigma: float = 0.0


@dataclass(frozen=True, slots=True)
class _Compared:
    mean: float
    spread: float
    statistic: float


def evaluate(series: Series, at: int, options: Options, method: Method) -> Point:
    """Judge one count by the `baseline` counts before it (C2 and C3: with two left out between).

    Notes
    -----
    C1 and C2: ``(y - mean) / sd``, an alarm above ``z[1 - alpha]``. C3 sums ``max(0, C2 - 1)`` over three.
    The p value of C1 and C2 is by ``t(baseline - 1)`` with the error of the mean, which the bound leaves out by custom:
    among hundreds of series the normal would find far too many. C3 has no distribution of its own, and no p value.

    Raises
    ------
    NotEstimable : a count is missing, too few come before, or they do not differ.
    """
    alpha = ALPHAS[method] if options.alpha is None else options.alpha
    z = quantile(1 - alpha, None)
    now = _compared(series, at, GAPS[method], options)
    count = float(series.counts[at])
    if method == "ears_c3":
        before = sum(
            max(0.0, _compared(series, earlier, GAPS[method], options).statistic - 1)
            for earlier in range(at - DAYS + 1, at)
        )
        value, bound = before + max(0.0, now.statistic - 1), now.mean + now.spread * (1 + z - before)
        p = None
    else:
        value, bound = now.statistic, now.mean + z * now.spread
        predicted = (count - now.mean) / (now.spread * float(np.sqrt(1 + 1 / options.baseline)))
        p = lower_tail(-predicted, options.baseline - 1)
    alarm = value > z
    return Point(
        series.name,
        series.dates[at],
        count,
        expected=now.mean,
        upper_bound=bound,
        score=value / z,
        alarm=alarm,
        rule="above the bound" if alarm else "",
        p_value=p,
    )


def _compared(series: Series, at: int, gap: int, options: Options) -> _Compared:
    start = at - gap - options.baseline
    if start < 0:
        raise NotEstimable(f"{options.baseline + gap} counts are needed before; there are {max(at, 0)}")
    before, count = series.counts[start : at - gap], series.counts[at]
    if np.isnan(count) or np.isnan(before).any():
        raise NotEstimable(
            f"One of the {options.baseline} counts to compare with, or the count itself, is missing"
        )
    spread = max(float(np.std(before, ddof=1)), options.min_sigma)
    if not spread > 0:
        raise NotEstimable(
            "The counts to compare with are all the same: give min_sigma, the least spread to assume"
        )
    mean = float(np.mean(before))
    return _Compared(mean, spread, float(count - mean) / spread)
