"""Around an answer: power at other sizes, and the answer if what was guessed is otherwise."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from experiments.stats.errors import NotEstimable
from experiments.stats.power.answer import in_whole_units
from experiments.stats.power.design import DESIGNS, RANGES, Design
from experiments.stats.power.solving import reached, smallest, solve

MOST_POINTS = 13
# What is guessed before a trial and decides most, for each design.
GUESSED: Mapping[str, tuple[str, ...]] = {
    "individual": ("sd",),
    "cluster": ("icc",),
    "matched_pair": ("icc",),
    "stepped_wedge": ("icc", "cac"),
    "crossover": ("sd",),
    "did": ("autocorrelation",),
    "poisson_cluster": ("icc", "dispersion"),
    "two_proportions": ("baseline_rate",),
}
TIMES = (0.5, 1.0, 1.5, 2.0)
EFFECTS = (0.75, 1.0, 1.25)
POWERS = (0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Point:
    """Power at one size."""

    size: int
    power: float


@dataclass(frozen=True, slots=True)
class Grid:
    """The answer for other values of what was guessed, down, and other effects (or powers), across.

    A cell is the size in whole units, the power, or the effect, as the design asks; None where there is none.
    """

    key: str
    across: str
    columns: tuple[float, ...]
    rows: tuple[tuple[float, tuple[float | None, ...]], ...]


def size_key(design: Design) -> str:
    """The size that a curve runs over: units or clusters in an arm."""
    return DESIGNS[design.design].sizes[0]


def curve(design: Design) -> tuple[Point, ...]:
    """Power at sizes from the least to twice that of a solved design, its own among them.

    Parameters
    ----------
    design : solved, in whole units.
    """
    key = size_key(design)
    here = int(getattr(design, key))
    low = math.ceil(smallest(design.having(solve_for=key)))
    high = max(2 * here, low + MOST_POINTS - 1)
    step = (high - low) / (MOST_POINTS - 1)
    sizes = {low + round(step * number) for number in range(MOST_POINTS)} | {here}
    return tuple(Point(size, reached(design.having(**{key: size}))) for size in sorted(sizes))


def grids(design: Design) -> tuple[Grid, ...]:
    """What the answer would be if what was guessed is otherwise.

    Parameters
    ----------
    design : solved, in whole units; `solve_for` says what the cells hold.
    """
    return tuple(_grid(design, key) for key in GUESSED[design.design])


def _grid(design: Design, key: str) -> Grid:
    asks_effect = design.solve_for == "effect"
    across = "power" if asks_effect else "effect"
    if asks_effect:
        columns = tuple(sorted({*POWERS, design.power or POWERS[0]}))
    else:
        assert design.effect is not None
        columns = tuple(_times(design, times) for times in EFFECTS)
    rows = tuple(
        (value, tuple(_cell(design, {key: value, across: column}) for column in columns))
        for value in _others(design, key)
    )
    return Grid(key, across, columns, rows)


def _times(design: Design, times: float) -> float:
    """A smaller or larger effect; of a ratio, a smaller or larger change."""
    assert design.effect is not None
    if design.design != "poisson_cluster":
        return design.effect * times
    return math.log1p(max(math.expm1(design.effect) * times, -0.99))


def _others(design: Design, key: str) -> tuple[float, ...]:
    """Other values of a guess: nothing, half, once and a half and twice it, as far as they make sense."""
    here = float(getattr(design, key))
    if key == "cac":
        found = {0.5, 0.7, 0.9, 1.0, here}
    elif key == "autocorrelation":
        found = {0.0, 0.3, 0.5, 0.7, here}
    elif key == "dispersion":
        found = {1.0, here, *(float(f"{here * times:.3g}") for times in (1.5, 2.0))}
    elif here == 0:
        found = {0.0, 0.01, 0.05, 0.1}
    else:
        found = {float(f"{here * times:.3g}") for times in TIMES} | {here}
    return tuple(sorted(value for value in found if RANGES[key].holds(value)))


def _cell(design: Design, changes: dict[str, float]) -> float | None:
    if design.design == "two_proportions":
        after = changes.get("baseline_rate", 0.0) + changes.get("effect", 0.0)
        if not 0 <= after <= 1 or changes.get("baseline_rate", 0.0) >= 1:
            return None
    if design.design == "stepped_wedge":
        cac = changes.get("cac", design.cac)
        changes["autocorrelation"] = (
            cac if design.autocorrelation == design.cac else max(cac, design.autocorrelation)
        )
    try:
        solved = solve(design.having(**{design.solve_for: None, **changes}))
    except NotEstimable:
        return None
    whole = solved if design.solve_for == "effect" else in_whole_units(solved)
    found: float = getattr(whole, design.solve_for)
    return found
