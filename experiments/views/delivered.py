"""A result beside what was delivered: the effect of being assigned, the effect of receiving it, and the floor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.health.verdict import percent
from experiments.models import Analysis
from experiments.views.results import Estimate

AS_ASSIGNED, AS_DELIVERED = "ITT", "CACE"
LEADING = ("primary", "secondary", "harm")


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One outcome: as assigned, and as delivered where the plan estimates it."""

    outcome: str
    assigned: Estimate
    delivered: Estimate | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the ledger said as the analysis ran."""

    said: str
    is_below_floor: bool
    pairs: tuple[SideBySide, ...]


def delivered(analysis: Analysis, estimates: Iterable[Estimate]) -> Delivered | None:
    """Return the estimates beside what was delivered; None where nothing was reported and nothing is to compare."""
    pairs = tuple(_pairs(list(estimates)))
    said = analysis.delivery
    if said is None and not any(pair.delivered for pair in pairs):
        return None
    return Delivered(_words(said), bool(said and said["is_below_floor"]), pairs)


def _pairs(estimates: list[Estimate]) -> Iterable[SideBySide]:
    received: dict[str, Estimate] = {}
    for one in estimates:
        if one.row["estimand"] == AS_DELIVERED:
            received.setdefault(one.row["outcome"], one)
    seen: set[str] = set()
    for one in estimates:
        name = one.row["outcome"]
        if one.row["estimand"] == AS_ASSIGNED and one.row["role"] in LEADING and name not in seen:
            seen.add(name)
            yield SideBySide(one.outcome, one, received.get(name))


def _words(said: Mapping[str, Any] | None) -> str:
    if said is None:
        return "No delivery was reported to the registry."
    if said["integrity"] is None:
        return "What was delivered to the treated was not reported."
    floor = f" The registered floor is {percent(said['floor'])}." if said["floor"] is not None else ""
    spilt = said["contamination"]
    other = f" The comparison got {percent(spilt)} of what the treated got." if spilt else ""
    return f"{percent(said['integrity'])} of the planned dose was delivered.{other}{floor}"
