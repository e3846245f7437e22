"""What is known about one trial and one outcome: the input of the security rating."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from math import inf, isinf
from typing import Any, Literal, get_args

from tactics.rating.attrition import BOUNDARY_NAMES, Boundary

Metric = Literal["log_rate_ratio", "log_odds_ratio", "smd", "difference"]
METRICS: tuple[Metric, ...] = get_args(Metric)
RATIO_METRICS: frozenset[str] = frozenset({"log_rate_ratio", "log_odds_ratio"})


class Design(StrEnum):
    """How the comparison was made."""

    RANDOMISED = "randomised"  # individual, cluster, place-day crossover, stepped wedge
    DISCONTINUITY = "discontinuity"  # regression discontinuity
    DIFFERENCE = "difference"  # difference-in-differences, event study, controlled interrupted time series
    SYNTHETIC = "synthetic"  # synthetic control
    ADJUSTED = "adjusted"  # matching or regression on all agreed confounders and the pre-period outcome
    PARTLY_ADJUSTED = "partly_adjusted"  # some confounders only
    COMPARISON = "comparison"  # a comparison group, nothing adjusted
    NO_COMPARISON = "no_comparison"  # before-after, post only


class Level(StrEnum):
    """How serious a threat is."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Direction(StrEnum):
    """Which way a threat would push the estimate."""

    FAVOURS = "favours"
    AGAINST = "against"
    UNKNOWN = "unknown"


THREATS: dict[str, str] = {
    "T1": "confounding",
    "T2": "concurrent interventions",
    "T3": "experimental effects, contamination and spillover",
    "T4": "fidelity",
    "T5": "missing data",
    "T6": "measurement",
    "T7": "selective reporting",
}


class BadEvidence(ValueError):
    """The evidence is incomplete or contradicts itself; the message names the field."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer}: {message}")
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Threat:
    """One of the seven threats, judged Low, Moderate or High, with the reason."""

    id: str
    level: Level
    direction: Direction = Direction.UNKNOWN
    reason: str = ""

    def __post_init__(self) -> None:
        if self.id not in THREATS:
            raise BadEvidence("/threats", f"unknown threat {self.id}; use {', '.join(THREATS)}")


@dataclass(frozen=True, slots=True)
class TrialEvidence:
    """Facts about one trial and one outcome. Shares are 0 to 1; None means not known or not applicable.

    `attrition_differential` is the difference of two shares and may have a sign.

    `std_error` is on the metric's own scale (log ratio, SMD). For `difference` give `outcome_sd`, or
    power cannot be judged. `baseline_smd` is the absolute standardised difference of the primary outcome
    before the trial; `baseline_beyond_spread` says that something differed which is constant within each arm, so
    that the largest difference has no number.
    """

    design: Design
    metric: Metric
    std_error: float
    outcome_sd: float | None = None
    planned_mdes: float | None = None
    concealed: bool | None = None
    overrides: float = 0.0
    attrition_units: float = 0.0
    attrition_clusters: float = 0.0
    attrition_differential: float = 0.0
    attrition_boundary: Boundary = "cautious"
    baseline_smd: float | None = None
    baseline_adjusted: bool = False
    baseline_beyond_spread: bool = False
    treated_clusters: int | None = None
    control_clusters: int | None = None
    placebo_p: bool = False
    pre_trend_p: float | None = None
    pre_coefficient_share: float | None = None
    pre_periods: int | None = None
    plain_two_way_on_staggered: bool = False
    clustering_ignored: bool = False
    in_this_registry: bool = True
    allocation_verified: bool = False
    threats: tuple[Threat, ...] = field(default=())

    def __post_init__(self) -> None:
        _check_choices(self)
        _check_numbers(self)
        ids = [threat.id for threat in self.threats]
        if len(set(ids)) != len(ids):
            raise BadEvidence("/threats", "each threat may be judged once")

    @property
    def largest_smd(self) -> float | None:
        """Return the largest difference before the trial, infinite where it has no number; None if not known."""
        return inf if self.baseline_beyond_spread else self.baseline_smd

    @property
    def is_randomised(self) -> bool:
        """Return whether units were drawn at random (however the draw was then kept)."""
        return self.design == Design.RANDOMISED

    def as_json(self) -> dict[str, Any]:
        """Return the evidence as plain JSON values."""
        values = asdict(self)
        values["threats"] = [asdict(threat) for threat in self.threats]
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TrialEvidence":
        """Build evidence from JSON values; unknown keys are refused by name."""
        known = {item.name for item in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise BadEvidence(f"/{unknown[0]}", "unknown field")
        if missing := sorted({"design", "metric", "std_error"} - set(values)):
            raise BadEvidence(f"/{missing[0]}", "needed")
        given = dict(values)
        try:
            given["design"] = Design(given["design"])
            given["threats"] = tuple(
                Threat(
                    one["id"],
                    Level(one["level"]),
                    Direction(one.get("direction", "unknown")),
                    one.get("reason", ""),
                )
                for one in given.get("threats", ())
            )
        except (KeyError, TypeError) as fault:
            raise BadEvidence("/threats", "each threat needs an id and a level") from fault
        except ValueError as fault:
            raise (
                fault if isinstance(fault, BadEvidence) else BadEvidence("/design or /threats", str(fault))
            ) from fault
        return cls(**given)


def size_of(smd: float) -> str:
    """Return the size of a standardised difference in words."""
    return "beyond any spread" if isinf(smd) else f"by {abs(smd):.2f} SD"


_SHARES = ("overrides", "attrition_units", "attrition_clusters")


def _check_choices(evidence: TrialEvidence) -> None:
    if evidence.metric not in METRICS:
        raise BadEvidence("/metric", f"unknown metric; use {', '.join(METRICS)}")
    if evidence.attrition_boundary not in BOUNDARY_NAMES:
        raise BadEvidence("/attrition_boundary", f"use {' or '.join(BOUNDARY_NAMES)}")


def _check_numbers(evidence: TrialEvidence) -> None:
    if not 0 < evidence.std_error < float("inf"):
        raise BadEvidence("/std_error", "must be a finite number above 0")
    if evidence.outcome_sd is not None and not 0 < evidence.outcome_sd < float("inf"):
        raise BadEvidence("/outcome_sd", "must be a finite number above 0")
    for name in _SHARES:
        if not 0 <= getattr(evidence, name) <= 1:
            raise BadEvidence(f"/{name}", "must be a share from 0 to 1")
    if not -1 <= evidence.attrition_differential <= 1:
        raise BadEvidence("/attrition_differential", "must be a difference of shares, from -1 to 1")
    for name in ("treated_clusters", "control_clusters", "pre_periods"):
        count = getattr(evidence, name)
        if count is not None and count < 0:
            raise BadEvidence(f"/{name}", "must be 0 or more")
