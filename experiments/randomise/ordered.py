"""Draws by the order of tags alone: simple, complete, stratified, of clusters, factorial, stepped wedge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from experiments.randomise.drawn import Drawn, Schedule
from experiments.randomise.engine import complete_draw, tag
from experiments.randomise.options import Wedge
from experiments.randomise.scheme import CELL
from experiments.randomise.things import Things
from experiments.randomise.units import Problem

SMALLEST_SIMPLE = 100
SMALLEST_CELL = 5


def simple(things: Things, draw_key: bytes) -> Drawn:
    """Draw each unit on its own: the first 8 bytes of its tag as a share of 2^64 against the cumulative shares.

    A unit's probability differs from the registered share by less than 2^-64.
    """
    scheme = things.scheme
    tags = {each: tag(draw_key, "", each) for each in things.ids}
    reached, total = list(accumulate(scheme.ratios)), sum(scheme.ratios)
    labels = {
        each: next(
            label
            for label, below in zip(scheme.labels, reached, strict=True)
            if int(found[:16], 16) * total < below * 2**64
        )
        for each, found in tags.items()
    }
    return Drawn(labels, tags, dict.fromkeys(labels, scheme.probabilities))


def complete(things: Things, draw_key: bytes) -> Drawn:
    """Draw each stratum completely; without strata the whole list is one."""
    scheme = things.scheme
    return _within_strata(things, scheme.labels, scheme.ratios, draw_key)


def stepped_wedge(things: Things, draw_key: bytes) -> Drawn:
    """Draw each stratum's things to the sequences, as many to each: the lowest tags step first."""
    scheme, wedge = things.scheme, things.scheme.wedge
    assert wedge is not None
    drawn = _within_strata(things, scheme.labels, [1] * wedge.sequences, draw_key)
    before, after = (arm.label for arm in scheme.arms)
    matrix = schedule_matrix(wedge, before, after)
    arms = {each: matrix[int(label) - 1] for each, label in drawn.labels.items()}
    shares = tuple(
        {label: scheme.probabilities["1"] * column.count(label) for label in (before, after)}
        for column in zip(*matrix, strict=True)
    )
    details = {"schedule": [list(row) for row in matrix], "n_periods": wedge.n_periods}
    return Drawn(drawn.labels, drawn.tags, drawn.probabilities, details, schedule=Schedule(arms, shares))


def schedule_matrix(wedge: Wedge, before: str, after: str) -> list[tuple[str, ...]]:
    """Return the arm of each sequence (row) in each period (column)."""
    return [
        tuple(
            after if period >= wedge.first_treated(sequence) else before
            for period in range(1, wedge.n_periods + 1)
        )
        for sequence in range(1, wedge.sequences + 1)
    ]


def wedge_problems(things: Things) -> list[Problem]:
    """Every sequence is of the same size in every stratum."""
    wedge = things.scheme.wedge
    assert wedge is not None
    found = []
    for stratum, members in things.strata.items():
        if over := len(members) % wedge.sequences:
            where = f" of stratum {stratum}" if stratum else ""
            found.append(
                Problem(
                    None,
                    f"{len(members)} {things.noun}{where} cannot be cut into {wedge.sequences} sequences of the "
                    f"same size: leave out {over} or add {wedge.sequences - over}",
                )
            )
    return found


def simple_problems(things: Things) -> list[Problem]:
    """A simple draw balances only large lists."""
    n = len(things.ids)
    if n >= SMALLEST_SIMPLE:
        return []
    return [
        Problem(
            None, f"A simple draw needs at least {SMALLEST_SIMPLE} units, the list has {n}; draw completely"
        )
    ]


def factorial(things: Things, draw_key: bytes) -> Drawn:
    """Draw every factor by itself, completely within each stratum; a cell is where the levels meet."""
    scheme = things.scheme
    levels: dict[str, list[str]] = {each: [] for each in things.ids}
    margins = []
    for factor in scheme.factors:
        names, ratios = [level.label for level in factor.levels], [level.ratio for level in factor.levels]
        counted: Counter[str] = Counter()
        for stratum, members in things.strata.items():
            arms, _ = complete_draw(members, names, ratios, draw_key, stratum, "factor", factor.id)
            counted.update(arms.values())
            for each, level in arms.items():
                levels[each].append(level)
        margins.append({"factor": factor.id, "levels": {name: counted[name] for name in names}})
    labels = {each: CELL.join(found) for each, found in levels.items()}
    probabilities = dict.fromkeys(labels, scheme.probabilities)
    return Drawn(labels, dict.fromkeys(labels, ""), probabilities, {"margins": margins})


def factorial_problems(things: Things) -> list[Problem]:
    """A factor is balanced exactly and a cell by chance, so that small lists could leave a cell empty."""
    n = len(things.ids)
    found = []
    for cell, share in things.scheme.probabilities.items():
        if n * share < SMALLEST_CELL:
            message = f"Cell {cell} would hold {float(n * share):.1f} {things.noun} on average"
            found.append(Problem(None, f"{message}; each cell needs {SMALLEST_CELL}"))
    most = max(len(factor.levels) for factor in things.scheme.factors)
    small = [stratum for stratum, members in things.strata.items() if len(members) < most]
    if small:
        found.append(Problem(None, f"Merge or drop the small strata: {', '.join(small[:10])}"))
    return found


def _within_strata(things: Things, labels: Sequence[str], ratios: Sequence[int], draw_key: bytes) -> Drawn:
    arms: dict[str, str] = {}
    tags: dict[str, str] = {}
    for stratum, members in things.strata.items():
        some_arms, some_tags = complete_draw(members, labels, ratios, draw_key, stratum)
        arms |= some_arms
        tags |= some_tags
    return Drawn(arms, tags, dict.fromkeys(arms, things.scheme.probabilities))
