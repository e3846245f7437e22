"""The inputs of a tactic rating: one entry for each trial, what the registry knows, and an override."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

from tactics.rating.evidence import RATIO_METRICS, Metric

Role = Literal["primary", "secondary", "harm"]
ENGLAND_AND_WALES = frozenset({"england", "wales", "england and wales"})


@dataclass(frozen=True, slots=True)
class RatedTrial:
    """One trial's estimate on one outcome domain, oriented so that a negative value is a benefit.

    `security` is None where the security rules refuse to rate.
    `is_randomised` is false where too many units were overridden (rule D2).
    """

    study: str
    metric: Metric
    yi: float
    vi: float
    conf_low: float
    conf_high: float
    security: int | None
    is_randomised: bool = False
    is_difference_or_rdd: bool = False
    sms: int = 0
    forces: frozenset[str] = frozenset()
    evaluator: str = ""
    completed_on: date | None = None
    country: str = ""
    role: Role = "primary"
    is_proxy: bool = False
    n_events: int | None = None
    below_integrity_floor: bool = False
    dose_response: bool = False
    ref: str = ""  # the row it stands for

    @property
    def is_good(self) -> bool:
        """Return whether the interval excludes 0 on the beneficial side."""
        return self.conf_high < 0

    @property
    def is_bad(self) -> bool:
        """Return whether the interval excludes 0 on the harmful side."""
        return self.conf_low > 0

    @property
    def is_ratio(self) -> bool:
        """Return whether percentages and their margins apply."""
        return self.metric in RATIO_METRICS

    @property
    def in_england_or_wales(self) -> bool:
        """Return whether the trial ran in England or Wales, there alone or among others."""
        return any(part.strip().casefold() in ENGLAND_AND_WALES for part in self.country.split(","))

    def is_independent_of(self, other: "RatedTrial") -> bool:
        """Return whether two trials share no force, and differ in evaluator team or in time (year)."""
        if not self.forces or not other.forces or self.forces & other.forces:
            return False
        other_team = bool(self.evaluator and other.evaluator and self.evaluator != other.evaluator)
        return other_team or self._year_differs(other)

    def _year_differs(self, other: "RatedTrial") -> bool:
        if self.completed_on is None or other.completed_on is None:
            return False
        return self.completed_on.year != other.completed_on.year


@dataclass(frozen=True, slots=True)
class RegistryCounts:
    """The tactic's trials in the registry, those withdrawn or never started left out.

    `awaited`: neither terminated nor published. `overdue`: completed and unreported for over 12 months.
    """

    registered: int = 0
    awaited: int = 0
    overdue: int = 0


NO_TRIALS = RegistryCounts()


@dataclass(frozen=True, slots=True)
class Override:
    """Two reviewers move the strength by one level, with a reason that is shown."""

    step: Literal[-1, 1]
    reason: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Override | None":
        """Read it back from a rating's stored document."""
        step = next((one for one in document["trace"] if one["rule"] == OVERRIDE), None)
        if step is None:
            return None
        return cls(cast(Literal[-1, 1], step["effect"]), step["text"].removeprefix(BY_REVIEWERS))


OVERRIDE = "OVERRIDE"  # the rule of its step in a trace
BY_REVIEWERS = "Reviewers: "
