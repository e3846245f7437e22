"""PURE: monthly figures as a drawing. The numbers stand in a table beside it, and no meaning is in colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from centre.drawing import TEXT, Axis, line, padded, svg, value_axis, words_at

_WIDTH = 640.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, _WIDTH - 8.0, 22.0, 230.0
_LABELS = 8  # months that are written below, at most
_HALF_LABEL = 28.0  # of the width of a month, so that the last is not cut off


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the whole drawing: a mean, a limit, a target."""

    value: float
    words: str
    is_dashed: bool = True


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened in a month, and may be why a figure changed."""

    month: str
    words: str


def over_time(
    name: str,
    title: str,
    months: Sequence[str],
    values: Sequence[float | None],
    *,
    described: str,
    flagged: frozenset[str] = frozenset(),
    levels: Sequence[Level] = (),
    bounds: Sequence[float | None] = (),
    markers: Sequence[Marker] = (),
    beside: Sequence[float | None] = (),
) -> str:
    """Draw one figure for each month.

    Parameters
    ----------
    name : of the drawing, for its parts' ids.
    months : YYYY-MM, without a gap.
    values : as many; None is missing: it breaks the line, and a cross stands below. Missing is never 0.
    flagged : months that are drawn as diamonds.
    levels : lines across, each with its words.
    bounds : an upper bound for each month, where there is one.
    markers : upright lines with a number; what they mean stands in the words beside.
    beside : a second figure for each month, drawn as a dashed line without points.

    Raises
    ------
    ValueError : no month, as many values as months are not given, or every one is missing.
    """
    known = [one for one in values if one is not None]
    if not months or len(values) != len(months) or not known:
        raise ValueError("a drawing needs a value or a gap for each month, and one value at least")
    heights = [
        *known,
        *(one.value for one in levels),
        *(one for one in (*bounds, *beside) if one is not None),
    ]
    low, high = padded(min(0.0, *heights) if min(heights) > 0 else min(heights), max(heights))
    up = Axis(max(low, 0.0) if min(heights) >= 0 else low, high, _BOTTOM, _TOP)
    across = Axis(-0.5, len(months) - 0.5, _LEFT, _RIGHT)
    parts = [
        *value_axis(up, _LEFT, _RIGHT, up.low, up.high),
        *_months(months, across),
        *_markers(months, markers, across),
        *(_level(one, up) for one in levels),
        *_bounds(bounds, across, up),
        *_line(beside, across, up, 'stroke-dasharray="6 3"'),
        *_line(values, across, up),
        *_points(months, values, flagged, across, up),
    ]
    return svg(_BOTTOM + 34, name, title, described, parts, width=_WIDTH)


def _months(months: Sequence[str], across: Axis) -> list[str]:
    step = max(1, -(-len(months) // _LABELS))
    return [
        words_at(min(float(across.at(at)), _RIGHT - _HALF_LABEL), _BOTTOM + 16 + TEXT * 0.3, months[at])
        for at in range(step // 2, len(months), step)
    ]


def _markers(months: Sequence[str], markers: Sequence[Marker], across: Axis) -> list[str]:
    parts = []
    for number, one in enumerate(markers, start=1):
        if one.month in months:
            x = across.at(months.index(one.month) - 0.5)
            parts += [
                line(x, f"{_TOP - 6:.1f}", x, f"{_BOTTOM:.1f}", 'stroke-dasharray="1 3"'),
                words_at(float(x), _TOP - 8, str(number)),
            ]
    return parts


def _level(one: Level, up: Axis) -> str:
    y = up.at(one.value)
    dashes = 'stroke-dasharray="5 3"' if one.is_dashed else ""
    return line(f"{_LEFT:.1f}", y, f"{_RIGHT:.1f}", y, dashes) + words_at(
        _RIGHT, float(y) - 3, one.words, anchor="end"
    )


def _bounds(bounds: Sequence[float | None], across: Axis, up: Axis) -> list[str]:
    return [
        line(across.at(at - 0.45), up.at(one), across.at(at + 0.45), up.at(one), 'stroke-width="2"')
        for at, one in enumerate(bounds)
        if one is not None
    ]


def _line(values: Sequence[float | None], across: Axis, up: Axis, more: str = "") -> list[str]:
    """Return a line for each stretch of months that have a figure."""
    parts = []
    for is_known, grouped in groupby(enumerate(values), key=lambda pair: pair[1] is not None):
        if is_known:
            places = " ".join(f"{across.at(at)},{up.at(value)}" for at, value in grouped if value is not None)
            parts.append(f'<polyline points="{places}" fill="none" stroke="currentColor" {more}/>')
    return parts


def _points(
    months: Sequence[str], values: Sequence[float | None], flagged: frozenset[str], across: Axis, up: Axis
) -> list[str]:
    parts = []
    for at, (month, value) in enumerate(zip(months, values, strict=True)):
        x = float(across.at(at))
        if value is None:
            parts.append(_cross(x, _BOTTOM - 5))
        elif month in flagged:
            parts.append(_diamond(x, float(up.at(value))))
        else:
            parts.append(f'<circle cx="{x:.1f}" cy="{up.at(value)}" r="2" fill="currentColor"/>')
    return parts


def _cross(x: float, y: float) -> str:
    return "".join(
        line(f"{x - 3:.1f}", f"{y - turn:.1f}", f"{x + 3:.1f}", f"{y + turn:.1f}") for turn in (3, -3)
    )


def _diamond(x: float, y: float) -> str:
    places = f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y:.1f} {x:.1f},{y + 5:.1f} {x - 5:.1f},{y:.1f}"
    return f'<polygon points="{places}" fill="currentColor"/>'
