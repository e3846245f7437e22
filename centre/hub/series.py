"""Monthly series, force by measure, of what the hub holds. What may not be compared is missing, and never 0."""

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from centre.hub import reference_tables
from centre.hub.judging import Judged
from centre.hub.months import between
from centre.hub.street.counting import count
from centre.hub.trends.series import Series, Step
from centre.models import Force


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one force, month by month; its series is named by both."""

    force: Force
    measure: str
    name: str
    series: Series


def of_street_files(forces: Sequence[Judged]) -> list[Measured]:
    """Return the counts of each category of the forces' street files.

    A category that no file of a force has named yet begins with the first that does: files before 2013 have fewer.
    """
    found = []
    for judged in forces:
        comparable = judged.comparable_months
        profiles = [one for one in judged.series.profiles if one.month in comparable]
        for measure, name in _categories().items():
            counts = {one.month: count(one, measure) for one in profiles}
            first = min((month for month, rows in counts.items() if rows), default=None)
            if first is not None:
                months = [card.month for card in judged.scorecards if card.month >= first]
                series = monthly(f"{judged.force.slug} {measure}", months, counts)
                found.append(Measured(judged.force, measure, name, series))
    return found


def monthly(name: str, months: Sequence[str], counts: Mapping[str, float]) -> Series:
    """Return a series over all months from the first to the last (YYYY-MM); without a count a month is missing."""
    dates = tuple(dt.date.fromisoformat(f"{month}-01") for month in between(min(months), max(months)))
    given = [counts.get(f"{date:%Y-%m}", np.nan) for date in dates]
    days = [float(calendar.monthrange(date.year, date.month)[1]) for date in dates]
    return Series(name, Step.MONTH, dates, np.array(given, dtype=float), np.array(days))


def _categories() -> dict[str, str]:
    """Return what each category is called, by its slug."""
    return {row["slug"]: row["label"] for row in reversed(reference_tables.rows("street_categories.csv"))}
