"""What one step must know of the cases before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.randomise.trickle.scheme import TrickleScheme

if TYPE_CHECKING:
    from experiments.randomise.trickle.allotting import Allotted  # which takes what is made here


@dataclass(frozen=True, slots=True)
class Past:
    """The counts that the next step rests on; whoever keeps the cases can count them without reading them all.

    Attributes
    ----------
    n : cases before this one.
    n_in_stratum : those with the same level of every factor.
    counts : for each factor, the cases of each arm at this case's level.
    block : a block of the stratum that is reached already, and the cases of the stratum before it.
    """

    n: int = 0
    n_in_stratum: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    block: tuple[int, int] = (0, 0)


class Tally:
    """Counts cases as they come.

    It can be written down after one case and taken up at the next, so that a step takes as long after 5,000 cases
    as after five.
    """

    def __init__(self, scheme: TrickleScheme) -> None:
        self.scheme = scheme
        self._n = 0
        self._strata: Counter[tuple[str, ...]] = Counter()
        self._blocks: dict[tuple[str, ...], tuple[int, int]] = {}
        self._at: Counter[tuple[str, str, str]] = Counter()

    def past(self, levels: Mapping[str, str]) -> Past:
        """Return the counts for a case with these levels."""
        counts = {
            factor.name: {arm: self._at[factor.name, levels[factor.name], arm] for arm in self.scheme.shares}
            for factor in self.scheme.factors
        }
        stratum = self._stratum(levels)
        return Past(self._n, self._strata[stratum], counts, self._blocks.get(stratum, (0, 0)))

    def add(self, levels: Mapping[str, str], arm: str) -> None:
        """Count one more case."""
        self._n += 1
        self._strata[self._stratum(levels)] += 1
        self._at.update((factor.name, levels[factor.name], arm) for factor in self.scheme.factors)

    def follow(self, levels: Mapping[str, str], step: Allotted) -> None:
        """Count the case of this step, and remember the block that it fell in."""
        if self.scheme.method == "permuted_blocks":
            stratum = self._stratum(levels)
            before = self._strata[stratum] - step.record["slot"]
            self._blocks[stratum] = (step.record["block"], before)
        self.add(levels, step.arm)

    def as_json(self) -> dict[str, Any]:
        """Return what the method goes by as plain JSON data."""
        method = self.scheme.method
        strata = self._strata.items() if method == "permuted_blocks" else ()
        at = self._at.items() if method == "minimisation" else ()
        return {
            "n": self._n,
            "strata": [[list(stratum), n, *self._blocks.get(stratum, (0, 0))] for stratum, n in strata],
            "at": [[*place, n] for place, n in at],
        }

    @classmethod
    def from_json(cls, scheme: TrickleScheme, written: Mapping[str, Any]) -> Tally:
        """Take up the counts as they were written."""
        tally = cls(scheme)
        tally._n = written["n"]
        for stratum, n, block, before in written["strata"]:
            tally._strata[tuple(stratum)] = n
            tally._blocks[tuple(stratum)] = (block, before)
        tally._at.update({(factor, level, arm): n for factor, level, arm, n in written["at"]})
        return tally

    def _stratum(self, levels: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(levels[factor.name] for factor in self.scheme.factors)
