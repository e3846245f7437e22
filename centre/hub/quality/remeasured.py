"""Two judgements of one force side by side: which findings went, which stayed, which are new."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from centre.hub.quality.findings import Finding
from centre.hub.quality.scorecard import Scorecard, Tier


class Fate(StrEnum):
    """What became of a finding between two judgements."""

    WENT = "went"
    STAYED = "stayed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Pair:
    """A finding as it was, and what the same check finds on its months now; either may be nothing."""

    before: Finding | None
    now: tuple[Finding, ...]

    @property
    def fate(self) -> Fate:
        """Return what became of it."""
        if self.before is None:
            return Fate.NEW
        return Fate.STAYED if self.now else Fate.WENT


@dataclass(frozen=True, slots=True)
class MonthPair:
    """A month whose counts may be compared in one judgement and not, or otherwise, in the other; None: not in it."""

    month: str
    before: Tier | None
    now: Tier | None


def pairs(before: Sequence[Finding], now: Sequence[Finding]) -> list[Pair]:
    """Return every finding of either judgement: those that were there before in their order, then the new ones.

    A finding is the same one where the same check finds it on at least one month of both: a stretch that grows, splits
    or shrinks stays.
    """
    known = [
        Pair(one, tuple(other for other in now if other.is_still(one.check, one.months))) for one in before
    ]
    found = {other.key for pair in known for other in pair.now}
    return [*known, *(Pair(None, (one,)) for one in now if one.key not in found)]


def months(before: Sequence[Scorecard], now: Sequence[Scorecard]) -> list[MonthPair]:
    """Return the months of which something else may be said now, in their order."""
    was, is_now = ({card.month: card.counts for card in cards} for cards in (before, now))
    every = (
        MonthPair(month, was.get(month), is_now.get(month)) for month in sorted(was.keys() | is_now.keys())
    )
    return [one for one in every if one.before is not one.now]
