"""PURE: months, as YYYY-MM and as numbers from year 0 that can be added to."""

import datetime as dt
import re
from collections.abc import Sequence

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\Z")
_EARLIEST = 1900  # the year; before it there is a slip of the pen and no figure


def number_of(year: int, month: int) -> int:
    """Return the number of a month."""
    return 12 * year + month - 1


def words(number: int) -> str:
    """Return the month of a number as YYYY-MM."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def between(first: str, last: str) -> list[str]:
    """Return all months from one to another, both included, as YYYY-MM."""
    start, end = (number_of(int(month[:4]), int(month[5:])) for month in (first, last))
    return [words(at) for at in range(start, end + 1)]


def spoken(months: Sequence[str]) -> str:
    """Return a stretch of months in words."""
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def first_day(text: str) -> dt.date | None:
    """Return the first day of a month that is written as YYYY-MM; None where it is none."""
    found = _MONTH.match(text)
    return dt.date(int(found[1]), int(found[2]), 1) if found and int(found[1]) >= _EARLIEST else None


def stretches(months: Sequence[str]) -> list[list[str]]:
    """Return months in order as stretches in which each follows the one before."""
    found: list[list[str]] = []
    for month in months:
        if found and between(found[-1][-1], month)[1:] == [month]:
            found[-1].append(month)
        else:
            found.append([month])
    return found
