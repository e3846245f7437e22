"""What a trial's registration says that its plan does not: who was assigned what, in which shares, at which dose."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DayRules:
    """How the days of a crossover were drawn: in each place, permuted blocks of days under two rules.

    ``block_days`` days in a block, in which every arm has its share; ``longest_run`` the most days on end in one arm, 0
    for no limit; ``washout`` the fewest days of the ``comparator`` between two runs of treatment, 0 for none.
    """

    block_days: int
    longest_run: int = 0
    washout: int = 0
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class DrawnDays:
    """The arms that were drawn for each place and day.

    Attributes
    ----------
    rules : by which they were drawn.
    days : the days by name, in order: dates as ISO 8601.
    arms : the arm of each place on each of these days.
    """

    rules: DayRules
    days: tuple[str, ...]
    arms: Mapping[str, tuple[str, ...]]


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
    days : a draw by places and days; there ``assignment`` is empty, because no unit has one arm.
    cannot_redraw : the method, where what it held fixed is not told here, so that no test may make the draw again.
    planned_dose : the dose of one row of the data that each arm was to get.
    integrity_floor : the share of the planned dose, 0 to 1, below which the trial is no test of the tactic.
    attrition_boundary : ``cautious`` or ``optimistic``, by which losses are judged; empty where none was registered.
    """

    assignment: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)
    strata: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    is_fixed: bool = True
    allowed: tuple[tuple[str, ...], ...] = ()
    days: DrawnDays | None = None
    cannot_redraw: str = ""
    planned_dose: Mapping[str, float] = field(default_factory=dict)
    integrity_floor: float | None = None
    attrition_boundary: str = ""

    @property
    def has_draw(self) -> bool:
        """Whether units were drawn, even if in a way that cannot be made again."""
        return bool(self.assignment or self.cannot_redraw)
