"""XmR charts as the NHS's "Making Data Count" draws them: limits from moving ranges, and four rules."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.points import Point
from centre.hub.trends.series import Floats, Series

RUN = 7  # points of a trend or a shift
LIMIT, SCREEN = 2.66, 3.267
SETTLED = 13  # fewer points make trial limits
COMMON = "Common Cause"


@dataclass(frozen=True, slots=True)
class Options:
    """`fix_after_n_points`: the limits are theirs; None: of all. `screen`: leave out ranges of 3.267 means or more."""

    fix_after_n_points: int | None = None
    screen: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Natural process limits, and the near lines at two thirds of them."""

    mean: float
    moving_range: float
    n: int

    @property
    def half(self) -> float:
        """Return the distance of the limits from the mean."""
        return LIMIT * self.moving_range

    @property
    def upper(self) -> float:
        """Return the upper process limit."""
        return self.mean + self.half

    @property
    def lower(self) -> float:
        """Return the lower process limit, which may lie below 0."""
        return self.mean - self.half

    @property
    def is_trial(self) -> bool:
        """Return whether too few points made them to be relied on."""
        return self.n < SETTLED


def limits(values: Floats, options: Options) -> Limits:
    """Return the limits of a series without gaps.

    Raises
    ------
    NotEstimable : fewer than two values.
    """
    base = values[: options.fix_after_n_points]
    if len(base) < 2:
        raise NotEstimable("Limits need two counts or more")
    ranges = np.abs(np.diff(base))
    if options.screen and (kept := ranges[ranges < SCREEN * ranges.mean()]).size:
        ranges = kept
    return Limits(float(base.mean()), float(ranges.mean()), len(base))


def labels(values: Floats, drawn: Limits) -> list[str]:
    """Return what each value is: the first of outside a limit, a trend, two in three near a limit, a shift."""
    side = np.sign(values - drawn.mean)
    outside = np.where(values > drawn.upper, 1, np.where(values < drawn.lower, -1, 0))
    near = (np.abs(values - drawn.mean) > drawn.half * 2 / 3) & (outside == 0)
    found = [COMMON] * len(values)
    rules = (
        (_runs(side, RUN), "7 Points Above CL", "7 Points Below CL"),
        (_two_in_three(near, side), "2 in 3 Above CL", "2 in 3 Below CL"),
        (_trends(values), "7 Increasing", "7 Decreasing"),
        (outside, "Above UCL", "Below LCL"),
    )
    for marks, above, below in rules:  # what is written last counts most
        for at in np.flatnonzero(marks):
            found[at] = above if marks[at] > 0 else below
    return found


def evaluate(series: Series, options: Options) -> list[Point]:
    """Judge every count of a series. A gap ends runs as it ends the line of the chart: each part is judged for itself.

    Raises
    ------
    NotEstimable : fewer than two counts.
    """
    present = np.flatnonzero(~np.isnan(series.counts))
    drawn = limits(series.counts[present], options)
    points = []
    for part in np.split(present, np.flatnonzero(np.diff(present) > 1) + 1):
        for at, label in zip(part, labels(series.counts[part], drawn), strict=True):
            points.append(_point(series, int(at), drawn, label))
    return points


def _point(series: Series, at: int, drawn: Limits, label: str) -> Point:
    count = float(series.counts[at])
    point = Point(
        series.name,
        series.dates[at],
        count,
        expected=drawn.mean,
        upper_bound=drawn.upper,
        lower_bound=drawn.lower,
        alarm=label != COMMON,
        rule=label,
    )
    return replace(point, score=(count - drawn.mean) / drawn.half) if drawn.half else point


def _runs(side: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Mark every member of a run of `length` on one side; 0 is no side, and ends a run."""
    marks = np.zeros(len(side))
    for start in range(len(side) - length + 1):
        window = side[start : start + length]
        if window[0] and (window == window[0]).all():
            marks[start : start + length] = window[0]
    return marks


def _trends(values: Floats) -> NDArray[np.float64]:
    """Mark every member of 7 values that rise, or fall, at every step."""
    steps = _runs(np.sign(np.diff(values)), RUN - 1)
    marks = np.zeros(len(values))
    for at in np.flatnonzero(steps):
        marks[at : at + 2] = steps[at]
    return marks


def _two_in_three(near: NDArray[np.bool_], side: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mark the near values of three in a row on one side, of which two or more are near a limit."""
    marks = np.zeros(len(side))
    for start in range(len(side) - 2):
        window = slice(start, start + 3)
        if near[window].sum() >= 2 and abs(side[window].sum()) == 3:
            marks[window] = np.where(near[window], side[window], marks[window])
    return marks
