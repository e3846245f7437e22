"""Power over the size of the true effect, from a diagnosis."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from centre.drawing import (
    WIDTH,
    Axis,
    line,
    number,
    padded,
    slug,
    svg,
    value_axis,
    words_at,
)

TOP, BOTTOM, LEFT, RIGHT = 30.0, 230.0, 44.0, 304.0


def power_curve(estimate: Mapping[str, Any], title: str, *, wanted: float | None = None) -> str:
    """A point for each effect that was tried, with twice its Monte Carlo error either way.

    Parameters
    ----------
    estimate : a member of ``estimates`` of a diagnosis (`diagnosis.summary`).
    title : what is drawn, in words.
    wanted : the power that was planned, as a level line; None for none.

    Returns
    -------
    str : the SVG; empty where no power is known.
    """
    points = [(row["effect"], shown(row)) for row in estimate["curve"] if shown(row)["value"] is not None]
    if len({effect for effect, _ in points}) < 2:
        return ""
    points.sort(key=lambda point: point[0])
    across = Axis(*padded(points[0][0], points[-1][0]), LEFT, RIGHT)
    up = Axis(0, 1, BOTTOM, TOP)
    parts = [words_at(8, 16, "Power", anchor="start"), *value_axis(up, LEFT, RIGHT, 0, 1)]
    if wanted is not None:
        level = up.at(wanted)
        parts.append(line(f"{LEFT}", level, f"{RIGHT}", level, 'stroke-dasharray="4 3"'))
    parts += _path(points, across, up)
    for effect, power in points:
        parts += _point(float(across.at(effect)), power, up)
        parts.append(words_at(float(across.at(effect)), BOTTOM + 18, number(effect)))
    parts.append(words_at(WIDTH / 2, BOTTOM + 36, "True effect"))
    said = "; ".join(f"{number(effect)}: {number(100 * power['value'])} %" for effect, power in points)
    return svg(BOTTOM + 46, f"power-{slug(estimate['id'])}", title, f"Power by true effect. {said}.", parts)


def shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The power after the plan's adjustment for several outcomes, where it makes one."""
    adjusted: Mapping[str, Any] = row["power_adjusted"]
    plain: Mapping[str, Any] = row["power"]
    return plain if adjusted["value"] is None else adjusted


def _path(points: Sequence[tuple[float, Mapping[str, Any]]], across: Axis, up: Axis) -> list[str]:
    places = [(across.at(effect), up.at(power["value"])) for effect, power in points]
    return [line(*before, *after, 'stroke-width="1.5"') for before, after in pairwise(places)]


def _point(x: float, power: Mapping[str, Any], up: Axis) -> list[str]:
    low, high = (min(max(power["value"] + sign * 2 * power["mcse"], 0.0), 1.0) for sign in (-1, 1))
    return [
        line(f"{x:.1f}", up.at(low), f"{x:.1f}", up.at(high), 'stroke-width="3" stroke-opacity="0.4"'),
        f'<circle cx="{x:.1f}" cy="{up.at(power["value"])}" r="3.5" fill="currentColor"/>',
    ]
