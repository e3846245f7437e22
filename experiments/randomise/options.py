"""What the methods beyond a complete draw need to be told; frozen with the protocol."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm and its whole-number share of the units."""

    label: str
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class Constraint:
    """A cluster draw among the best-balanced allocations: the share of them that is kept, in per cent."""

    keep_percent: int = 10


@dataclass(frozen=True, slots=True)
class Wedge:
    """A stepped wedge: how many sequences, and how many periods before the first step and in each step."""

    sequences: int
    baseline_periods: int = 1
    step_periods: int = 1

    @property
    def n_periods(self) -> int:
        return self.baseline_periods + self.sequences * self.step_periods

    def first_treated(self, sequence: int) -> int:
        """Return the first treated period of a sequence; both are counted from 1."""
        return self.baseline_periods + (sequence - 1) * self.step_periods + 1


@dataclass(frozen=True, slots=True)
class Crossover:
    """Arms that change day by day in each place.

    Attributes
    ----------
    n_days, block_days : days in all, and days in one permuted block.
    max_run : the most days on end in one arm.
    washout_days : the fewest days of the comparator between two runs of treatment; 0 for none.
    comparator : the arm that washes out; needed only with washout days.
    """

    n_days: int
    block_days: int
    max_run: int
    washout_days: int = 0
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a factorial trial, with its levels and their shares."""

    id: str
    levels: tuple[Arm, ...]
