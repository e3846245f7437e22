"""What a draw of a whole list must be told, beyond its arms and strata."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BalancePlan:
    """Covariates that pairs or a constrained draw are balanced on: columns of the unit list."""

    covariates: tuple[str, ...] = ()
    keep_percent: int | None = None


@dataclass(frozen=True, slots=True)
class WedgePlan:
    """Sequences cross over one after the other; clusters in transition count for neither arm."""

    sequences: int | None = None
    baseline_periods: int | None = None
    step_periods: int | None = None
    first_day: dt.date | None = field(default=None, metadata={"added": True})
    period_days: int | None = field(default=None, metadata={"added": True})
    transition_periods: int | None = field(default=None, metadata={"added": True})


@dataclass(frozen=True, slots=True)
class CrossoverPlan:
    first_day: dt.date | None = None
    days: int | None = None
    block_days: int | None = None
    max_run: int | None = None
    washout_days: int | None = None


@dataclass(frozen=True, slots=True)
class CrossedFactor:
    """One factor of a factorial trial; its levels get equal shares."""

    id: str = field(default="", metadata={"max_length": 40})
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternalList:
    """A list whose arms were drawn elsewhere."""

    source: str = field(default="", metadata={"max_length": 300})
    has_blocks: bool = False
