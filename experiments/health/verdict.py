"""What a check says: a status, a sentence for those who must act, and the figures behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How urgent it is."""

    GREEN = "green"  # as planned
    AMBER = "amber"  # somebody should look
    RED = "red"  # somebody must act
    UNKNOWN = "unknown"  # it cannot be judged yet, and the sentence says why


CHECKS = {
    "integrity": "Dose integrity",
    "contamination": "Contamination",
    "sample_ratio": "Sizes of the arms",
    "balance": "Balance at baseline",
    "pre_trends": "Trends before the start",
    "recruitment": "Recruitment and power so far",
    "feed": "Data feed",
    "guardrail": "Guardrails",
    "drift": "Protocol drift",
    "collisions": "Other trials",
    "overdue": "Overdue",
}
_ORDER = (Status.GREEN, Status.UNKNOWN, Status.AMBER, Status.RED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check of one trial."""

    check: str
    status: Status
    said: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def urgency(status: Status) -> int:
    """Return how urgent a status is: the higher, the more."""
    return _ORDER.index(status)


def worst(statuses: list[Status]) -> Status:
    """Return the most urgent of them."""
    return max(statuses, key=urgency, default=Status.UNKNOWN)


def not_judged(check: str, reason: object) -> Verdict:
    """Return a verdict that says why there is none."""
    return Verdict(check, Status.UNKNOWN, f"It cannot be judged: {reason}.")


def percent(share: float) -> str:
    """Return a share as people read it: whole per cent, and a tenth where it is small."""
    value = 100 * share
    return f"{value:.1f}%" if 0 < value < 9.95 else f"{value:.0f}%"
