"""PURE: a funnel plot as a drawing. The numbers stand in a table beside it, and no meaning is in colour alone."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from centre.drawing import Axis, cut, line, number, padded, svg, value_axis, words_at
from centre.hub.standards.families import Floats
from centre.hub.standards.funnel import FAR, USUAL, Funnel, Placed, Standing

_WIDTH = 640.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, _WIDTH - 12.0, 22.0, 290.0
_STEPS = 60  # of each limit
_NAMED = 8  # of the forces that lie outside, the furthest


def draw(
    name: str,
    title: str,
    drawn: Funnel,
    names: Mapping[str, str],
    *,
    scale: float,
    across_words: str,
    marked: frozenset[str] = frozenset(),
) -> str:
    """Draw forces at what they are counted of, between the limits of all of them together.

    Parameters
    ----------
    name : of the drawing, for its parts' ids.
    names : of the forces, by key.
    scale : what a share is multiplied by: 100 for per cent, 1,000 for each thousand.
    across_words : what is counted of, below the drawing.
    marked : forces that are named whatever their place.
    """
    counted = [one.denominator for one in drawn.figures]
    first, last = math.log10(min(counted)), math.log10(max(counted))
    across = Axis(first - 0.05, last + 0.05, _LEFT, _RIGHT)
    steps = np.logspace(across.low, across.high, _STEPS)
    if float(drawn.figures[0].denominator).is_integer():
        steps = np.unique(np.round(steps).clip(1))
    bounds = [(level, drawn.limits(steps, level)) for level in (USUAL, FAR)]
    heights = [scale * one.share for one in drawn.placed]
    heights += [scale * float(one) for _, pair in bounds for side in pair for one in side]
    low, high = padded(min(heights), max(heights))
    up = Axis(max(0.0, low), high, _BOTTOM, _TOP)
    parts = [
        *value_axis(up, _LEFT, _RIGHT, up.low, up.high),
        *_across(across, across_words),
        line(f"{_LEFT:.1f}", up.at(scale * drawn.centre), f"{_RIGHT:.1f}", up.at(scale * drawn.centre)),
        words_at(_RIGHT, float(up.at(scale * drawn.centre)) - 3, "all together", anchor="end"),
    ]
    for level, pair in bounds:
        parts += [_limit(steps, scale * side, across, up, is_far=level is FAR) for side in pair]
    parts += _points(drawn.placed, names, across, up, scale, marked)
    described = (
        "Each point is a force; a diamond lies outside the 95 % limits, a square is the force asked for. Dashed lines "
        "are the 95 % limits, dotted ones the 99.8 % limits."
    )
    return svg(_BOTTOM + 48, name, title, described, parts, width=_WIDTH)


def _across(across: Axis, words: str) -> list[str]:
    """Return ticks at 1, 2 and 5 of each power of ten, and what they count."""
    powers = range(math.floor(across.low), math.ceil(across.high) + 1)
    ticks = [10.0**power * step for power in powers for step in (1, 2, 5)]
    shown = [tick for tick in ticks if across.low <= math.log10(tick) <= across.high]
    return [
        *(words_at(float(across.at(math.log10(tick))), _BOTTOM + 18, number(tick)) for tick in shown),
        words_at((_LEFT + _RIGHT) / 2, _BOTTOM + 38, words),
    ]


def _limit(steps: Floats, values: Floats, across: Axis, up: Axis, *, is_far: bool) -> str:
    places = " ".join(
        f"{across.at(math.log10(step))},{up.at(float(value))}"
        for step, value in zip(steps, values, strict=True)
    )
    dashes = "1 3" if is_far else "5 3"
    return f'<polyline points="{places}" fill="none" stroke="currentColor" stroke-dasharray="{dashes}"/>'


def _points(
    placed: Sequence[Placed],
    names: Mapping[str, str],
    across: Axis,
    up: Axis,
    scale: float,
    marked: frozenset[str],
) -> list[str]:
    outside = [one for one in placed if one.standing is not Standing.WITHIN]
    named = marked | {one.key for one in sorted(outside, key=lambda one: -abs(one.score))[:_NAMED]}
    parts = []
    for one in placed:
        x, y = float(across.at(math.log10(one.denominator))), float(up.at(scale * one.share))
        parts.append(_shape(x, y, is_marked=one.key in marked, is_outside=one in outside))
        if one.key in named:
            anchor, step = ("end", -8) if x > (_LEFT + _RIGHT) / 2 else ("start", 8)
            parts.append(words_at(x + step, y + 4, cut(names[one.key], 26), anchor=anchor))
    return parts


def _shape(x: float, y: float, *, is_marked: bool, is_outside: bool) -> str:
    if is_marked:
        return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="currentColor"/>'
    if is_outside:
        corners = f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y:.1f} {x:.1f},{y + 5:.1f} {x - 5:.1f},{y:.1f}"
        return f'<polygon points="{corners}" fill="currentColor"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="none" stroke="currentColor"/>'
