"""Draw an allocation, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from experiments.randomise import constrained, crossover, external, matching, ordered
from experiments.randomise.drawn import Drawn
from experiments.randomise.engine import ALGORITHM_ID, ALGORITHM_VERSION, key
from experiments.randomise.fit import fit_problems
from experiments.randomise.scheme import Scheme, scheme_problems
from experiments.randomise.seeds import commitment
from experiments.randomise.things import Things
from experiments.randomise.units import DrawRefused, Problem, Unit, list_problems, list_sha256

RECORD_VERSION = 2


@dataclass(frozen=True, slots=True)
class Draw:
    """One finished draw.

    Attributes
    ----------
    assignments : arm of each unit; in a stepped wedge its sequence, in a factorial trial its cell, and "" where
        the arm changes by the day.
    tags : the tag that placed each unit (for a cluster draw, its cluster's); "" where no single tag did.
    probabilities : each unit's exact probability of each arm (sequence, cell).
    record : what an auditor needs to replay the draw, as plain JSON data: the commitment, not the seed.
    blocks : the tuple or block of each unit, where there are any.
    periods : the arm of each unit in each period, where it changes.
    period_probabilities : in each period, the exact probability of each arm.
    """

    assignments: Mapping[str, str]
    tags: Mapping[str, str]
    probabilities: Mapping[str, Mapping[str, Fraction]]
    record: dict[str, Any]
    blocks: Mapping[str, str] = field(default_factory=dict)
    periods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period_probabilities: tuple[Mapping[str, Fraction], ...] = ()


def problems(units: Sequence[Unit], scheme: Scheme) -> list[Problem]:
    """Everything that stops this list from being drawn by this scheme; empty if nothing does."""
    return [*scheme_problems(scheme), *list_problems(units)] or fit_problems(units, scheme)


def draw(units: Sequence[Unit], scheme: Scheme, seed: str) -> Draw:
    """Allocate every unit to an arm.

    Parameters
    ----------
    units : the list, in any order: the order has no influence.
    scheme : method, arms and ratio, and what the method must be told. A stratified draw is a complete draw within
        each stratum; where clusters are drawn, their members inherit the arm.
    seed : see `experiments.randomise.seeds.seed_text`; "" for a list whose arms were drawn elsewhere.

    Raises
    ------
    DrawRefused : with every problem found. There is no partial allocation.
    """
    if not seed and scheme.method != "external":
        raise ValueError("a draw needs a seed")
    if found := problems(units, scheme):
        raise DrawRefused(found)
    things = Things(units, scheme)
    drawn = _drawn(things, seed)
    thing_of = {unit.id: things.of(unit) for unit in units}
    assignments = {unit: drawn.labels[thing] for unit, thing in thing_of.items()}
    schedule = drawn.schedule
    return Draw(
        assignments=assignments,
        tags={unit: drawn.tags[thing] for unit, thing in thing_of.items()},
        probabilities={unit: drawn.probabilities[thing] for unit, thing in thing_of.items()},
        record=_record(things, seed, assignments, drawn),
        blocks={unit: drawn.blocks[thing] for unit, thing in thing_of.items()} if drawn.blocks else {},
        periods={unit: schedule.arms[thing] for unit, thing in thing_of.items()} if schedule else {},
        period_probabilities=schedule.shares if schedule else (),
    )


def _drawn(things: Things, seed: str) -> Drawn:
    draw_key = key(seed)
    match things.scheme.method:
        case "simple":
            return ordered.simple(things, draw_key)
        case "matched":
            return matching.matched(things, draw_key)
        case "constrained":
            return constrained.constrained(things, draw_key)
        case "stepped_wedge":
            return ordered.stepped_wedge(things, draw_key)
        case "crossover":
            return crossover.crossover(things, draw_key)
        case "factorial":
            return ordered.factorial(things, draw_key)
        case "external":
            return external.external(things)
    return ordered.complete(things, draw_key)


def allocation_sha256(assignments: Mapping[str, Any]) -> str:
    """SHA-256 of the allocation as compact JSON with sorted keys, UTF-8."""
    return _sha256(dict(assignments))


def parameters_sha256(scheme: Scheme) -> str:
    """SHA-256 of the scheme's parameters, written the same way: what the draw may not depart from."""
    return _sha256(scheme.parameters)


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _record(things: Things, seed: str, assignments: Mapping[str, str], drawn: Drawn) -> dict[str, Any]:
    """Make the audit record. Who asked, when and from where is added by the caller, who knows."""
    scheme, is_daily = things.scheme, things.scheme.method == "crossover"
    assert drawn.schedule is not None or not is_daily
    allocated: Mapping[str, Any] = (
        {unit.id: drawn.schedule.arms[things.of(unit)] for unit in things.units}
        if is_daily and drawn.schedule
        else assignments
    )
    return {
        "record_version": RECORD_VERSION,
        "algorithm": {"id": ALGORITHM_ID, "version": ALGORITHM_VERSION},
        "parameters": scheme.parameters,
        "parameters_sha256": parameters_sha256(scheme),
        "unit_list_sha256": list_sha256(things.units),
        "n_units": len(things.units),
        "n_drawn": len(things.ids),
        "seed_commitment": commitment(seed) if seed else "",
        "seed": None,
        "strata": [] if is_daily else _strata(things, drawn),
        "probabilities": {label: str(share) for label, share in scheme.probabilities.items()},
        "details": dict(drawn.details),
        "allocation_sha256": allocation_sha256(allocated),
    }


def _strata(things: Things, drawn: Drawn) -> list[dict[str, Any]]:
    found = []
    for stratum, members in things.strata.items():
        counted = Counter(drawn.labels[each] for each in members)
        arms = {label: counted[label] for label in things.scheme.labels}
        found.append({"stratum": stratum, "n_drawn": len(members), "arms": arms})
    return found
