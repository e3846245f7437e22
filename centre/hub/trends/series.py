"""A series of counts at even steps of time, in which a missing count is missing and never 0."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Step(StrEnum):
    """The time from one count to the next."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Series:
    """Counts in order of time. `counts` is NaN where nothing was received; `population` is above 0, or None."""

    name: str
    step: Step
    dates: tuple[dt.date, ...]
    counts: Floats
    population: Floats | None = None

    def __len__(self) -> int:
        return len(self.dates)

    def history(self, at: int) -> Floats:
        """Return what was counted before a point, without what is missing."""
        before = self.counts[:at]
        return before[~np.isnan(before)]


def evenly(
    name: str, dates: Sequence[dt.date], counts: Sequence[float], population: Sequence[float] | None = None
) -> Series:
    """Return a series with a place for every step between its first and its last date.

    Parameters
    ----------
    name : of the series, for messages.
    dates : in any order, each once: daily, weekly (one day of the week) or monthly (one day of the month).
    counts : 0 or more, NaN where it is missing.
    population : of each date; carried forward over dates that have no row.

    Raises
    ------
    ValueError : a date appears twice, or the dates follow no such step.
    """
    order = sorted(range(len(dates)), key=lambda at: dates[at])
    given = [dates[at] for at in order]
    for first, second in pairwise(given):
        if first == second:
            raise ValueError(f"the date {first} appears twice")
    step = _step(given)
    every = _every(given[0], given[-1], step)
    places = {date: at for at, date in enumerate(every)}
    if any(date not in places for date in given):
        raise ValueError("the dates follow no step of one day, one week or one month")
    known = [places[date] for date in given]
    filled = np.full(len(every), np.nan)
    filled[known] = [counts[at] for at in order]
    people = None
    if population is not None:
        last = np.searchsorted(known, np.arange(len(every)), side="right") - 1
        people = np.array([population[at] for at in order], dtype=float)[last]
    return Series(name, step, tuple(every), filled, people)


def years_before(date: dt.date, years: int, step: Step) -> dt.date:
    """Return the same time of an earlier year: for weeks the nearest date on the same day of the week.

    29 February is 1 March where there is none, as in R's ``seq(date, by = "-1 year")``.
    """
    try:
        then = date.replace(year=date.year - years)
    except ValueError:
        then = dt.date(date.year - years, 3, 1)
    if step is Step.WEEK:
        then += dt.timedelta(days=(date.weekday() - then.weekday() + 3) % 7 - 3)
    return then


def _step(dates: Sequence[dt.date]) -> Step:
    if len(dates) < 2:
        raise ValueError("a series needs two dates or more")
    if len({date.day for date in dates}) == 1:
        return Step.MONTH
    is_weekly = len({date.weekday() for date in dates}) == 1
    return Step.WEEK if is_weekly else Step.DAY


def _every(first: dt.date, last: dt.date, step: Step) -> list[dt.date]:
    if step is Step.MONTH:
        months = (last.year - first.year) * 12 + last.month - first.month
        starts = (divmod(first.month - 1 + passed, 12) for passed in range(months + 1))
        return [dt.date(first.year + year, month + 1, first.day) for year, month in starts]
    days = 7 if step is Step.WEEK else 1
    return [first + dt.timedelta(days=passed) for passed in range(0, (last - first).days + 1, days)]
