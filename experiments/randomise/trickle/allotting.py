"""One step: the arm of the next case, with its exact probabilities and what decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from experiments.randomise.engine import tag
from experiments.randomise.trickle import blocks, minimisation
from experiments.randomise.trickle.history import Past
from experiments.randomise.trickle.scheme import TrickleScheme, level_problems
from experiments.randomise.units import DrawRefused, Problem


@dataclass(frozen=True, slots=True)
class Allotted:
    """The arm of one case.

    Attributes
    ----------
    arm : label of the arm.
    tag : the tag that decided it.
    stratum : the levels of the case where blocks run within strata, else "".
    probabilities : the exact probability of each arm, given the cases before it (and, in a block, its size).
    record : all this as plain JSON data, with what the method went by.
    """

    arm: str
    tag: str
    stratum: str
    probabilities: Mapping[str, Fraction]
    record: dict[str, Any]


def allot(scheme: TrickleScheme, draw_key: bytes, levels: Mapping[str, str], past: Past) -> Allotted:
    """Allot the next case.

    Parameters
    ----------
    scheme : method, arms and factors, without problems.
    draw_key : `experiments.randomise.engine.key` of the seed.
    levels : the case's level of each factor.
    past : the counts of the cases before it.

    Raises
    ------
    DrawRefused : a level is missing or unknown.

    Notes
    -----
    Simple: ``u`` is the first 8 bytes of ``tag("simple", position)`` over 2^64, and the arm is the first whose
    cumulative share is above ``u``. Permuted blocks: `blocks`. Minimisation: `minimisation`. The case's own name
    enters nowhere, so nobody can look for a name that falls well.
    """
    if found := level_problems(scheme, levels):
        raise DrawRefused([Problem(None, problem.message) for problem in found])
    position = past.n + 1
    base = {"position": position, "levels": {factor.name: levels[factor.name] for factor in scheme.factors}}
    if scheme.method == "permuted_blocks":
        in_order = tuple(levels[factor.name] for factor in scheme.factors)
        slot = blocks.slot(scheme, draw_key, in_order, past.n_in_stratum, past.block)
        went_by = {"block": slot.block, "block_size": slot.size, "slot": slot.place}
        return _allotted(base, slot.arm, slot.tag, " / ".join(in_order), slot.probabilities, went_by)
    if scheme.method == "minimisation":
        totals = minimisation.totals(scheme, past.counts)
        shares = minimisation.probabilities(scheme, totals, is_first=past.n == 0)
        decided = tag(draw_key, "minimise", str(position))
        counts = {name: {arm: at[arm] for arm in scheme.shares} for name, at in past.counts.items()}
        went_by_counts = {"counts": counts, "totals": {arm: str(total) for arm, total in totals.items()}}
        return _allotted(base, picked(decided, shares), decided, "", shares, went_by_counts)
    decided = tag(draw_key, "simple", str(position))
    return _allotted(base, picked(decided, scheme.shares), decided, "", scheme.shares, {})


def picked(decided: str, probabilities: Mapping[str, Fraction]) -> str:
    """Return the first arm whose cumulative probability is above the tag's first 8 bytes over 2^64."""
    u, reached = Fraction(int(decided[:16], 16), 2**64), Fraction(0)
    for arm, probability in probabilities.items():
        reached += probability
        if u < reached:
            return arm
    raise ValueError("the probabilities do not sum to 1")


def _allotted(
    base: dict[str, Any],
    arm: str,
    decided: str,
    stratum: str,
    probabilities: Mapping[str, Fraction],
    went_by: Mapping[str, Any],
) -> Allotted:
    record = {
        **base,
        "arm": arm,
        "tag": decided,
        "probabilities": {label: str(share) for label, share in probabilities.items()},
        **went_by,
    }
    return Allotted(arm, decided, stratum, probabilities, record)
