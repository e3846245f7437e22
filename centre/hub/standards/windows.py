"""PURE: a year of a force's figures, whole or not at all: what is missing is said, and never taken for 0."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from centre.hub.months import words

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Span:
    """A figure of one month or of several. Months are counted from year 0, so that they can be added to."""

    first: int
    last: int
    value: float | None
    denominator: float | None
    may_be_compared: bool
    has_note: bool = False

    @property
    def months(self) -> int:
        """Return how many months it is of."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Total:
    """What a force's twelve months come to; the denominator is None where a figure has none."""

    value: float
    denominator: float | None
    has_note: bool


class Incomplete(Exception):
    """The twelve months of a force are not whole; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def total(spans: Sequence[Span], end: int) -> Total:
    """Add up the twelve months to `end`, of spans that do not overlap.

    Raises
    ------
    Incomplete : a month was not sent, is not known, or is not to be compared; or a longer figure lies across the ends.
    """
    inside = [one for one in spans if one.first > end - MONTHS and one.last <= end]
    if missing := MONTHS - sum(one.months for one in inside):
        raise Incomplete(f"{missing} of {MONTHS} months were not sent")
    if unknown := sum(one.months for one in inside if one.value is None):
        raise Incomplete(f"{unknown} of {MONTHS} months are not known")
    if barred := sum(one.months for one in inside if not one.may_be_compared):
        raise Incomplete(f"the data of {barred} of {MONTHS} months are not to be compared")
    divided = [one.denominator for one in inside if one.denominator is not None]
    return Total(
        sum(one.value for one in inside if one.value is not None),
        sum(divided) if len(divided) == len(inside) else None,
        any(one.has_note for one in inside),
    )


def newest_end(every: Sequence[Sequence[Span]], fewest: int) -> int | None:
    """Return the last month of the newest twelve that `fewest` forces have whole, so that one early sender waits.

    Where never so many have, it is the month for which most have; None where nobody has sent anything.
    """
    best, most = None, -1
    for end in sorted({one.last for spans in every for one in spans}, reverse=True):
        whole = sum(_is_whole(spans, end) for spans in every)
        if whole >= fewest:
            return end
        if whole > most:
            best, most = end, whole
    return best


def _is_whole(spans: Sequence[Span], end: int) -> bool:
    try:
        total(spans, end)
    except Incomplete:
        return False
    return True


def monthly(spans: Sequence[Span], most: int = 36) -> Iterator[tuple[str, Span | None]]:
    """Give each of the newest months with its figure; None where there is none that may be judged by.

    A figure of several months is none of a month.
    """
    single = {one.first: one for one in spans if one.months == 1}
    if not single:
        return
    last = max(single)
    for month in range(max(min(single), last - most + 1), last + 1):
        found = single.get(month)
        usable = found is not None and found.value is not None and found.may_be_compared
        yield words(month), found if usable else None
