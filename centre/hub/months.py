"""PURE: months, as YYYY-MM and as numbers from year 0 that can be added to."""

from collections.abc import Sequence


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
