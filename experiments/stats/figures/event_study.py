"""Effects by time since the start of treatment."""

from collections.abc import Mapping, Sequence
from typing import Any

from centre.drawing import (
    Axis,
    line,
    padded,
    per_cent,
    slug,
    svg,
    value_axis,
    whole_ticks,
    words_at,
)


def event_study(estimate: Mapping[str, Any]) -> str:
    """The event study of one estimate: points, pointwise intervals as bars, the simultaneous band as an area.

    Parameters
    ----------
    estimate : one member of ``estimates`` whose terms are event times.
    """
    points = event_times(estimate)
    height, top, bottom, left, right = 260.0, 28.0, 218.0, 52.0, 312.0
    times = [time for time, _ in points]
    bounds = [term[key] for _, term in points for key in _BOUNDS if term[key] is not None]
    low, high = padded(min([0.0, *bounds]), max([0.0, *bounds]))
    across = Axis(min(times) - 0.5, max(times) + 0.5, left, right)
    up = Axis(low, high, bottom, top)
    parts = [words_at(left, 14, f"Effect on {estimate['outcome']}", anchor="start")]
    parts += value_axis(up, left, right, low, high)
    parts.append(_band(points, across, up))
    if min(times) < 0 <= max(times):
        edge = across.at(-0.5)
        parts.append(
            line(edge, f"{top:.1f}", edge, f"{bottom:.1f}", 'stroke-dasharray="4 3" stroke-opacity="0.6"')
        )
    for time, term in points:
        parts += _point(across.at(time), term, up)
    for tick in whole_ticks(times):
        parts.append(words_at(float(across.at(tick)), bottom + 16, str(tick).replace("-", "−")))
    parts.append(words_at((left + right) / 2, height - 8, "Periods since first treatment"))
    level = per_cent(estimate["conf_level"])
    title = f"Event study of {estimate['id']}: {estimate['outcome']}"
    has_bars = any(term["conf_low"] is not None for _, term in points)
    bars = (
        f"Bars are {level} intervals for each time, the shaded area is the {level} band for all times together."
        if has_bars
        else "Points are gaps, which have no interval of their own."
    )
    span = f"{len(points)} event times from {min(times):g} to {max(times):g}"
    described = f"{span}. {bars} The dashed line is first treatment."
    return svg(height, f"event-study-{slug(estimate['id'])}", title, described, parts)


_BOUNDS = ("estimate", "conf_low", "conf_high", "band_low", "band_high")


def event_times(estimate: Mapping[str, Any]) -> list[tuple[float, Mapping[str, Any]]]:
    """The terms of an estimate that are event times, in order."""
    found = []
    for term in estimate["terms"]:
        name, _, value = term["term"].partition("=")
        if name == "event_time" and term["estimate"] is not None:
            found.append((float(value), term))
    return sorted(found, key=lambda pair: pair[0])


def _band(points: Sequence[tuple[float, Mapping[str, Any]]], across: Axis, up: Axis) -> str:
    edges = [
        (time, term)
        for time, term in points
        if term["band_low"] is not None and term["band_high"] is not None
    ]
    if len(edges) < 2:
        return ""
    upper = [f"{across.at(time)},{up.at(term['band_high'])}" for time, term in edges]
    lower = [f"{across.at(time)},{up.at(term['band_low'])}" for time, term in reversed(edges)]
    return f'<polygon points="{" ".join(upper + lower)}" fill="currentColor" fill-opacity="0.15"/>'


def _point(x: str, term: Mapping[str, Any], up: Axis) -> list[str]:
    parts = [f'<circle cx="{x}" cy="{up.at(term["estimate"])}" r="2.5" fill="currentColor"/>']
    if term["conf_low"] is not None and term["conf_high"] is not None:
        parts.append(line(x, up.at(term["conf_low"]), x, up.at(term["conf_high"]), 'stroke-width="1.5"'))
    return parts
