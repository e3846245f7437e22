"""Months as YYYY-MM."""

from collections.abc import Sequence


def between(first: str, last: str) -> list[str]:
    """Return all months from one to another, both included, as YYYY-MM."""
    start, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(start, end + 1)]


def spoken(months: Sequence[str]) -> str:
    """Return a stretch of months in words."""
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
