"""Whether a list can be drawn by a scheme, and what is known of the draw before there is a seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.randomise import constrained, crossover, external, matching, ordered
from experiments.randomise.scheme import Scheme
from experiments.randomise.things import Things, membership_problems
from experiments.randomise.units import Problem, Unit


def fit_problems(units: Sequence[Unit], scheme: Scheme) -> list[Problem]:
    """Everything that keeps this list from being drawn by this scheme."""
    things = Things(units, scheme)
    return membership_problems(things) or _size_problems(things) or _method_problems(things)


def prepared(units: Sequence[Unit], scheme: Scheme) -> dict[str, Any]:
    """Return what the list alone decides: pairs and distances, the set of a constrained draw, an import's counts."""
    things = Things(units, scheme)
    match scheme.method:
        case "matched":
            return matching.prepared(things)
        case "constrained":
            return constrained.prepared(things)
        case "external":
            return external.prepared(things)
    return {}


def _method_problems(things: Things) -> list[Problem]:
    match things.scheme.method:
        case "simple":
            return ordered.simple_problems(things)
        case "matched":
            return matching.matched_problems(things)
        case "constrained":
            return constrained.constrained_problems(things)
        case "stepped_wedge":
            return ordered.wedge_problems(things)
        case "crossover":
            return crossover.crossover_problems(things)
        case "factorial":
            return ordered.factorial_problems(things)
        case "external":
            return external.external_problems(things)
    return []


def _size_problems(things: Things) -> list[Problem]:
    """Every stratum needs at least as many things to draw as there are arms."""
    if things.scheme.method in ("crossover", "factorial", "external"):
        return []
    arms, drawn = len(things.scheme.labels), things.noun
    if not things.by_stratum:
        if len(things.ids) >= arms:
            return []
        noun = "sequences" if things.scheme.wedge else "arms"
        return [Problem(None, f"{arms} {noun} need at least {arms} {drawn}; the list has {len(things.ids)}")]
    small = [stratum for stratum, members in things.strata.items() if len(members) < arms]
    if not small:
        return []
    n_strata = len(things.strata)
    strata = "1 stratum leaves" if n_strata == 1 else f"{n_strata} strata leave"
    few = "1 stratum" if len(small) == 1 else f"{len(small)} strata"
    named = ", ".join(small[:10]) + (", …" if len(small) > 10 else "")
    return [
        Problem(None, f"{strata} fewer than {arms} {drawn} in {few}"),
        Problem(None, f"Merge or drop the small strata: {named}"),
    ]


def constrained_set(units: Sequence[Unit], scheme: Scheme) -> str:
    """Return the set of a constrained draw as it is stored: one line for each allocation that may be drawn."""
    return constrained.kept_allocations(Things(units, scheme)).text
