"""Draw an allocation, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from experiments.randomise.engine import ALGORITHM_ID, ALGORITHM_VERSION, complete_draw, key
from experiments.randomise.scheme import Scheme, fit_problems, scheme_problems
from experiments.randomise.seeds import commitment
from experiments.randomise.units import DrawRefused, Problem, Unit, list_problems, list_sha256

RECORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class Draw:
    """One finished draw.

    Attributes
    ----------
    assignments : arm of each unit.
    tags : the tag that placed each unit (for a cluster draw, its cluster's).
    probabilities : each unit's exact probability of each arm.
    record : what an auditor needs to replay the draw, as plain JSON data: the commitment, not the seed.
    """

    assignments: Mapping[str, str]
    tags: Mapping[str, str]
    probabilities: Mapping[str, Mapping[str, Fraction]]
    record: dict[str, Any]


def problems(units: Sequence[Unit], scheme: Scheme) -> list[Problem]:
    """Everything that stops this list from being drawn by this scheme; empty if nothing does."""
    return [*scheme_problems(scheme), *list_problems(units)] or fit_problems(units, scheme)


def draw(units: Sequence[Unit], scheme: Scheme, seed: str) -> Draw:
    """Allocate every unit to an arm.

    Parameters
    ----------
    units : the list, in any order: the order has no influence.
    scheme : method, arms and ratio. A stratified draw is a complete draw within each stratum; a cluster draw
        draws the clusters, and their members inherit the arm.
    seed : see `experiments.randomise.seeds.seed_text`.

    Raises
    ------
    DrawRefused : with every problem found. There is no partial allocation.
    """
    if not seed:
        raise ValueError("a draw needs a seed")
    if found := problems(units, scheme):
        raise DrawRefused(found)
    drawn_id = {unit.id: unit.cluster if scheme.by_cluster else unit.id for unit in units}
    strata: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        strata[unit.stratum].add(drawn_id[unit.id])
    labels, ratios = [arm.label for arm in scheme.arms], [arm.ratio for arm in scheme.arms]
    draw_key = key(seed)
    arms: dict[str, str] = {}
    tags: dict[str, str] = {}
    for stratum in sorted(strata):
        stratum_arms, stratum_tags = complete_draw(strata[stratum], labels, ratios, draw_key, stratum)
        arms |= stratum_arms
        tags |= stratum_tags
    assignments = {unit.id: arms[drawn_id[unit.id]] for unit in units}
    return Draw(
        assignments=assignments,
        tags={unit.id: tags[drawn_id[unit.id]] for unit in units},
        probabilities=dict.fromkeys(assignments, scheme.probabilities),
        record=_record(units, scheme, seed, assignments, arms, strata),
    )


def allocation_sha256(assignments: Mapping[str, str]) -> str:
    """SHA-256 of the allocation as compact JSON with sorted keys, UTF-8."""
    text = json.dumps(dict(assignments), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _record(
    units: Sequence[Unit],
    scheme: Scheme,
    seed: str,
    assignments: Mapping[str, str],
    arms: Mapping[str, str],
    strata: Mapping[str, set[str]],
) -> dict[str, Any]:
    """Make the audit record. Who asked, when and from where is added by the caller, who knows."""
    counted = {stratum: Counter(arms[drawn] for drawn in members) for stratum, members in strata.items()}
    return {
        "record_version": RECORD_VERSION,
        "algorithm": {"id": ALGORITHM_ID, "version": ALGORITHM_VERSION},
        "parameters": {
            "method": scheme.method,
            "arms": [{"label": arm.label, "ratio": arm.ratio} for arm in scheme.arms],
        },
        "unit_list_sha256": list_sha256(units),
        "n_units": len(units),
        "n_drawn": len(arms),
        "seed_commitment": commitment(seed),
        "seed": None,
        "strata": [
            {
                "stratum": stratum,
                "n_drawn": len(strata[stratum]),
                "arms": {arm.label: counted[stratum][arm.label] for arm in scheme.arms},
            }
            for stratum in sorted(strata)
        ],
        "probabilities": {label: str(share) for label, share in scheme.probabilities.items()},
        "allocation_sha256": allocation_sha256(assignments),
    }
