"""What one step must know of the cases before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.randomise.trickle.scheme import TrickleScheme


@dataclass(frozen=True, slots=True)
class Past:
    """The counts that the next step rests on; whoever keeps the cases can count them without reading them all.

    Attributes
    ----------
    n : cases before this one.
    n_in_stratum : those with the same level of every factor.
    counts : for each factor, the cases of each arm at this case's level.
    """

    n: int = 0
    n_in_stratum: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Tally:
    """Counts cases as they come."""

    def __init__(self, scheme: TrickleScheme) -> None:
        self.scheme = scheme
        self._n = 0
        self._strata: Counter[tuple[str, ...]] = Counter()
        self._at: Counter[tuple[str, str, str]] = Counter()

    def past(self, levels: Mapping[str, str]) -> Past:
        """Return the counts for a case with these levels."""
        counts = {
            factor.name: {arm: self._at[factor.name, levels[factor.name], arm] for arm in self.scheme.shares}
            for factor in self.scheme.factors
        }
        return Past(self._n, self._strata[self._stratum(levels)], counts)

    def add(self, levels: Mapping[str, str], arm: str) -> None:
        """Count one more case."""
        self._n += 1
        self._strata[self._stratum(levels)] += 1
        self._at.update((factor.name, levels[factor.name], arm) for factor in self.scheme.factors)

    def _stratum(self, levels: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(levels[factor.name] for factor in self.scheme.factors)
