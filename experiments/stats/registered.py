"""What a trial's registration says that its plan does not: who was assigned what, in which shares, at which dose."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DayRules:
    """How the days of a crossover were drawn: in each place, permuted blocks of days under two rules.

    ``block_days`` days in a block, each block with as many treated ones; ``longest_run`` the most days on end in one
    arm, 0 for no limit; ``washout`` the fewest untreated days between two runs of treatment.
    """

    block_days: int
    longest_run: int = 0
    washout: int = 0


@dataclass(frozen=True, slots=True)
class Registered:
    """Facts of a registration, by the names that the data use.

    Attributes
    ----------
    assignment : each unit of the frozen list with the arm that was drawn for it; empty where nothing was drawn.
    clusters, strata : each unit with the group it was drawn with, and the one it was drawn within; empty where there
        were none.
    shares : each arm's share of the draw, of any sum.
    is_fixed : whether the draw could only give as many to each arm as it did; False where units were drawn singly.
    allowed : every way that a constrained draw could have fallen: the arms of what was drawn, in the order of the code
        points of its names; empty where all ways could.
    days : the rules of a draw by days.
    cannot_redraw : the method, where what it held fixed is not told here, so that no test may make the draw again.
    planned_dose : the dose of one row of the data that each arm was to get.
    integrity_floor : the share of the planned dose, 0 to 1, below which the trial is no test of the tactic.
    """

    assignment: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)
    strata: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    is_fixed: bool = True
    allowed: tuple[tuple[str, ...], ...] = ()
    days: DayRules | None = None
    cannot_redraw: str = ""
    planned_dose: Mapping[str, float] = field(default_factory=dict)
    integrity_floor: float | None = None
