"""Where each bar of the distribution stands. Pure; the template draws the SVG and the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tactics.money.words import pounds

HEIGHT, FLOOR, TOP, SIDE = 240, 180, 8, 12
TICKS = {720: 6, 360: 2}  # at most, for the width


@dataclass(frozen=True, slots=True)
class Column:
    """One bar, in drawing units."""

    x: float
    y: float
    width: float
    height: float
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing. `zero_x` is None where no net benefit of 0 lies in it."""

    width: int
    height: int
    floor: int
    columns: tuple[Column, ...]
    zero_x: float | None
    ticks: tuple[tuple[float, str], ...]


def draw(bars: Sequence[Mapping[str, Any]], *, width: int) -> Drawing:
    """Return the drawing of an appraisal's bars."""
    low, high = bars[0]["low"], bars[-1]["high"]
    most = max(bar["futures"] for bar in bars) or 1
    scale = (width - 2 * SIDE) / (high - low)

    def place(value: float) -> float:
        return round(SIDE + (value - float(low)) * float(scale), 2)

    columns = tuple(
        Column(
            x=place(bar["low"]),
            y=round(FLOOR - (FLOOR - TOP) * bar["futures"] / most, 2),
            width=round((bar["high"] - bar["low"]) * scale, 2),
            height=round((FLOOR - TOP) * bar["futures"] / most, 2),
            is_ahead=bar["low"] >= 0,
        )
        for bar in bars
    )
    edges = [bar["low"] for bar in bars] + [high]
    step = -(-len(edges) // TICKS.get(width, 4))
    # Ticks are counted from 0 where it is in the picture, so that it has one.
    start = next((at for at, edge in enumerate(edges) if edge == 0), 0) % step
    ticks = [(place(edge), pounds(edge)) for edge in edges[start::step]]
    room = 46  # a label is centred on its tick: the outermost must not run out of the picture
    return Drawing(
        width=width,
        height=HEIGHT,
        floor=FLOOR,
        columns=columns,
        zero_x=place(0.0) if low <= 0 <= high else None,
        ticks=tuple((min(max(x, room), width - room), label) for x, label in ticks),
    )
