"""CUSUM (Page 1954; Rossi et al. 1999): small rises that last, added up."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.points import Point
from centre.hub.trends.series import Series

Transformation = Literal["standard", "rossi", "anscombe"]
TRANSFORMATIONS: tuple[Transformation, ...] = get_args(Transformation)


@dataclass(frozen=True, slots=True)
class Options:
    """`m`: the count expected in control; None: the mean of the counts before the first evaluated one."""

    k: float = 1.04
    h: float = 2.26
    m: float | None = None
    transformation: Transformation = "rossi"
    reset: bool = False


def evaluate(series: Series, first: int, last: int, options: Options) -> list[Point]:
    """Add up what lies above the expected count, from the first point to the last.

    Notes
    -----
    ``S = max(0, S before + z - k)``, an alarm where S is above h; with `reset` S begins again after an alarm.
    A missing count adds nothing and takes nothing away.

    Raises
    ------
    NotEstimable : nothing says what to expect, or the expected count is 0.
    """
    m = _expected(series, first, options)
    points, total = [], 0.0
    for at in range(first, last + 1):
        count = float(series.counts[at])
        if np.isnan(count):
            points.append(Point(series.name, series.dates[at], None, not_estimable="The count is missing"))
            continue
        bound = inverse(options.h + options.k - total, m, options.transformation)
        total = added(total, standardised(count, m, options.transformation), options.k)
        alarm = total > options.h
        points.append(
            Point(
                series.name,
                series.dates[at],
                count,
                expected=m,
                upper_bound=bound,
                score=total / options.h,
                alarm=alarm,
                rule="above the bound" if alarm else "",
            )
        )
        if alarm and options.reset:
            total = 0.0
    return points


def added(total: float, value: float, k: float) -> float:
    """Return the sum after one more standardised value."""
    return max(0.0, total + value - k)


def standardised(count: float, m: float, transformation: Transformation) -> float:
    """Return a Poisson count on a scale of mean 0 and variance near 1.

    standard ``(x - m) / sqrt(m)``; Rossi ``(x - 3m + 2 sqrt(x m)) / (2 sqrt(m))``; Anscombe
    ``1.5 (x^(2/3) m^(-1/6) - sqrt(m))``.
    """
    if transformation == "standard":
        return float((count - m) / np.sqrt(m))
    if transformation == "rossi":
        return float((count - 3 * m + 2 * np.sqrt(count * m)) / (2 * np.sqrt(m)))
    return float(1.5 * (count ** (2 / 3) * m ** (-1 / 6) - np.sqrt(m)))


def inverse(value: float, m: float, transformation: Transformation) -> float:
    """Return the count whose standardised value this is, 0 at least."""
    if transformation == "standard":
        return float(max(m + value * np.sqrt(m), 0.0))
    if transformation == "rossi":  # a quadratic in sqrt(x): x + 2 sqrt(m) sqrt(x) - 3 m - 2 value sqrt(m) = 0
        inside = 4 * m + 2 * value * np.sqrt(m)
        return float(max(np.sqrt(max(inside, 0.0)) - np.sqrt(m), 0.0) ** 2)
    return float(max((value / 1.5 + np.sqrt(m)) * m ** (1 / 6), 0.0) ** 1.5)


def _expected(series: Series, first: int, options: Options) -> float:
    before = series.history(first)
    if options.m is None and not len(before):
        raise NotEstimable("There is no count before the first evaluated one: give m, the count to expect")
    m = float(np.mean(before)) if options.m is None else options.m
    if not m > 0:
        raise NotEstimable("The expected count is 0: give m, the count to expect")
    return m
