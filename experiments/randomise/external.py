"""A list whose arms were drawn elsewhere: taken as it is, hashed, counted, and labelled as not generated here."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

from experiments.randomise.drawn import Drawn
from experiments.randomise.things import Things
from experiments.randomise.units import Problem

LABEL = "not generated here"
SHOWN = 20


def external_problems(things: Things) -> list[Problem]:
    """Everything that keeps the list from being taken over: a blank or unknown arm, an arm that nobody has."""
    labels, seen = things.scheme.labels, set()
    found = []
    for place, unit in enumerate(things.units, start=1):
        row, arm = unit.row or place, unit.value("arm")
        seen.add(arm)
        if not arm:
            found.append(Problem(row, f"Unit {unit.id} has no arm (row {row})"))
        elif arm not in labels:
            found.append(Problem(row, f"There is no arm with the code {arm} (row {row})"))
        if things.scheme.blocks and not unit.value("block"):
            found.append(Problem(row, f"Unit {unit.id} has no block (row {row})"))
    if not found:
        found += [
            Problem(None, f"No unit has the arm {label}")
            for label in things.scheme.labels
            if label not in seen
        ]
    return found


def external(things: Things) -> Drawn:
    """Take over the arms of the list. Nothing is drawn, so no probability is known but the registered share."""
    labels = {unit.id: unit.value("arm") for unit in things.units}
    blocks = {unit.id: unit.value("block") for unit in things.units} if things.scheme.blocks else {}
    probabilities = dict.fromkeys(labels, things.scheme.probabilities)
    return Drawn(labels, dict.fromkeys(labels, ""), probabilities, prepared(things), blocks)


def prepared(things: Things) -> dict[str, Any]:
    """Return what counting the list says of its ratio and its blocks."""
    shares = things.scheme.probabilities
    found: dict[str, Any] = {"generated": LABEL, "keeps_ratio": _keeps_ratio(things, shares)}
    if things.scheme.blocks:
        uneven = _uneven_blocks(things, shares)
        found["uneven_blocks"] = len(uneven)
        found["uneven_blocks_named"] = uneven[:SHOWN]
    return found


def _keeps_ratio(things: Things, shares: dict[str, Fraction]) -> bool:
    """Return whether in every stratum each arm has its share of the units, rounded down or up."""
    for units in _grouped(things, "stratum").values():
        counted = Counter(unit.value("arm") for unit in units)
        if any(abs(counted[label] - len(units) * share) >= 1 for label, share in shares.items()):
            return False
    return True


def _uneven_blocks(things: Things, shares: dict[str, Fraction]) -> list[str]:
    """Return the blocks that do not hold every arm by its share; the stratum stands before the block's name."""
    found = []
    for (stratum, block), units in _grouped(things, "stratum", "block").items():
        counted = Counter(unit.value("arm") for unit in units)
        if any(counted[label] != len(units) * share for label, share in shares.items()):
            found.append(f"{stratum} {block}".strip())
    return sorted(found)


def _grouped(things: Things, *columns: str) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for unit in things.units:
        found[tuple(unit.stratum if name == "stratum" else unit.value(name) for name in columns)].append(unit)
    return found
