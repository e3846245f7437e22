"""What a count is compared with: Farrington's windows in earlier years, and blocks of season between them."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.series import Series, years_before


@dataclass(frozen=True, slots=True)
class Reference:
    """Places of the counts to compare with, and the block of season of each (0: the window itself)."""

    places: NDArray[np.int64]
    blocks: NDArray[np.int64]


def reference(series: Series, at: int, *, b: int, w: int, no_periods: int, excluded: int) -> Reference:
    """Return the counts to compare with a point.

    Parameters
    ----------
    series : the counts; those that are missing are left out.
    at : place of the point.
    b : years back.
    w : steps on both sides of the same time of an earlier year.
    no_periods : parts of a year, of which the window is one. With 1 the windows alone are compared with.
    excluded : steps just before the point that are left out, so that an outbreak is not its own expectation.

    Raises
    ------
    NotEstimable : the series does not go back so far, or a year has too few steps for the parts.
    """
    first = series.dates[0]
    centres = [at]
    for year in range(1, b + 1):
        then = years_before(series.dates[at], year, series.step)
        centre = bisect_left(series.dates, then, hi=at)
        if then < first or centre - w < 0:
            raise NotEstimable(
                f"Looking back {b} years and {w} {series.step.value}s needs counts from "
                f"{then.isoformat()} and before; the series begins on {first.isoformat()}"
            )
        centres.append(centre)
    block = np.full(len(series), -1)
    block[max(at - w, 0) : at] = 0
    for later, earlier in pairwise(centres):
        block[earlier - w : earlier + w + 1] = 0
        if no_periods > 1:
            _season(block, earlier + w + 1, later - w, no_periods - 1)
    block[at - excluded if excluded <= at else 0 :] = -1
    block[np.isnan(series.counts)] = -1
    places = np.flatnonzero(block >= 0)
    return Reference(places, block[places])


def _season(block: NDArray[np.int64], start: int, end: int, parts: int) -> None:
    """Number the steps between two windows 1 to `parts`; the first parts are one longer where they do not share out."""
    if end - start < parts:
        raise NotEstimable(
            f"Between the windows lie {end - start} steps, too few for {parts} parts of the year: lower no_periods"
        )
    length, left = divmod(end - start, parts)
    sizes = [length + (part < left) for part in range(parts)]
    block[start:end] = np.repeat(np.arange(1, parts + 1), sizes)
