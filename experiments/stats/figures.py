"""Figures as SVG, drawn from the result document alone.

Presentation attributes only: no style attribute, no class, no script, so that a strict
Content-Security-Policy lets them be part of a page. Lines and text take ``currentColor``. The drawing is
320 units wide, so that its 12-unit text is 12 pixels on the narrowest screen; every figure has its table
elsewhere, and says what it shows in title and desc.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH = 320
TEXT = 12
RATIO_SCALES = frozenset({"log_rate_ratio", "log_odds_ratio"})
RATIOS = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.33,
    0.5,
    0.67,
    0.8,
    0.9,
    1.0,
    1.1,
    1.25,
    1.5,
    2.0,
    3.0,
    5.0,
    10.0,
    20.0,
    50.0,
    100.0,
)
SCALE_WORDS = {
    "difference": "difference, in the outcome's units",
    "log_rate_ratio": "rate ratio",
    "log_odds_ratio": "odds ratio",
    "standardised": "standardised difference",
}


def figures(document: Mapping[str, Any]) -> dict[str, str]:
    """Every figure of a result document, by file name.

    Parameters
    ----------
    document : the result document (``Result.document()``, or the JSON that was stored).

    Returns
    -------
    dict of SVG texts: ``event-study-ID.svg`` for each estimate with event times, ``estimates-SCALE.svg``
    for each scale.
    """
    found: dict[str, str] = {}
    for estimate in document["estimates"]:
        if len(_event_times(estimate)) > 1:
            found[f"event-study-{_slug(estimate['id'])}.svg"] = event_study(estimate)
    for scale in dict.fromkeys(row["scale"] for row in document["estimates"]):
        rows = [row for row in document["estimates"] if row["scale"] == scale]
        if any(row["conf_low"] is not None for row in rows):
            found[f"estimates-{scale.replace('_', '-')}.svg"] = forest(rows)
    return found


@dataclass(frozen=True, slots=True)
class _Axis:
    """A linear axis from data to drawing units."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> str:
        """The place of a value, as a short number."""
        share = (value - self.low) / (self.high - self.low)
        return f"{self.start + share * (self.end - self.start):.1f}"


def event_study(estimate: Mapping[str, Any]) -> str:
    """The event study of one estimate: points, pointwise intervals as bars, the simultaneous band as an area.

    Parameters
    ----------
    estimate : one member of ``estimates`` whose terms are event times.
    """
    points = _event_times(estimate)
    height, top, bottom, left, right = 260.0, 28.0, 218.0, 52.0, 312.0
    times = [time for time, _ in points]
    bounds = [term[key] for _, term in points for key in _BOUNDS if term[key] is not None]
    low, high = _padded(min([0.0, *bounds]), max([0.0, *bounds]))
    across = _Axis(min(times) - 0.5, max(times) + 0.5, left, right)
    up = _Axis(low, high, bottom, top)
    parts = [_text(left, 14, f"Effect on {estimate['outcome']}", anchor="start")]
    parts += _value_axis(up, left, right, low, high)
    parts.append(_band(points, across, up))
    if min(times) < 0 <= max(times):
        edge = across.at(-0.5)
        parts.append(
            _line(edge, f"{top:.1f}", edge, f"{bottom:.1f}", 'stroke-dasharray="4 3" stroke-opacity="0.6"')
        )
    for time, term in points:
        parts += _point(across.at(time), term, up)
    for tick in _whole_ticks(times):
        parts.append(_text(float(across.at(tick)), bottom + 16, str(tick).replace("-", "−")))
    parts.append(_text((left + right) / 2, height - 8, "Periods since first treatment"))
    level = _per_cent(estimate["conf_level"])
    title = f"Event study of {estimate['id']}: {estimate['outcome']}"
    described = (
        f"{len(points)} event times from {min(times):g} to {max(times):g}. Bars are {level} intervals for each "
        f"time, the shaded area is the {level} band for all times together. The dashed line is first treatment."
    )
    return _svg(height, f"event-study-{_slug(estimate['id'])}", title, described, parts)


def forest(rows: Sequence[Mapping[str, Any]]) -> str:
    """A forest of estimates on one scale: a point and its interval, with the numbers in words above.

    Parameters
    ----------
    rows : members of ``estimates`` that share a scale; one that could not be made is named with its reason.
    """
    scale = rows[0]["scale"]
    step, top = 46.0, 30.0
    bottom = top + step * len(rows)
    bounds = [row[key] for row in rows for key in ("conf_low", "conf_high") if row[key] is not None]
    low, high = _padded(min([0.0, *bounds]), max([0.0, *bounds]))
    across = _Axis(low, high, 16, 304)
    parts = [_text(8, 16, SCALE_WORDS[scale].capitalize(), anchor="start")]
    for number, row in enumerate(rows):
        parts += _forest_row(row, top + step * number, across, scale)
    parts.append(_line("16", f"{bottom:.1f}", "304", f"{bottom:.1f}"))
    for tick in _ratio_ticks(low, high) if scale in RATIO_SCALES else _ticks(low, high, 4):
        parts.append(_text(float(across.at(tick)), bottom + 16, _shown(tick, scale)))
    title = f"Estimates: {SCALE_WORDS[scale]}"
    made = sum(row["estimate"] is not None for row in rows)
    level = _per_cent(rows[0]["conf_level"])
    described = f"{made} of {len(rows)} estimates with {level} intervals. The upright line is no effect."
    return _svg(bottom + 26, f"estimates-{scale}", title, described, parts)


_BOUNDS = ("estimate", "conf_low", "conf_high", "band_low", "band_high")


def _event_times(estimate: Mapping[str, Any]) -> list[tuple[float, Mapping[str, Any]]]:
    found = []
    for term in estimate["terms"]:
        name, _, value = term["term"].partition("=")
        if name == "event_time" and term["estimate"] is not None:
            found.append((float(value), term))
    return sorted(found, key=lambda pair: pair[0])


def _band(points: Sequence[tuple[float, Mapping[str, Any]]], across: _Axis, up: _Axis) -> str:
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


def _point(x: str, term: Mapping[str, Any], up: _Axis) -> list[str]:
    parts = [f'<circle cx="{x}" cy="{up.at(term["estimate"])}" r="2.5" fill="currentColor"/>']
    if term["conf_low"] is not None and term["conf_high"] is not None:
        parts.append(_line(x, up.at(term["conf_low"]), x, up.at(term["conf_high"]), 'stroke-width="1.5"'))
    return parts


def _forest_row(row: Mapping[str, Any], y: float, across: _Axis, scale: str) -> list[str]:
    name = _cut(f"{row['id']}: {row['outcome']}", 24)
    if row["estimate"] is None:
        reason = _cut(f"not estimable: {row['reason']}", 50)
        return [_text(8, y + 12, name, anchor="start"), _text(8, y + 30, reason, anchor="start")]
    parts = [_text(8, y + 12, name, anchor="start")]
    middle = f"{y + 28:.1f}"
    # No effect, drawn beside the intervals only: across the words it would strike them out.
    parts.append(_line(across.at(0), f"{y + 19:.1f}", across.at(0), f"{y + 37:.1f}", 'stroke-opacity="0.6"'))
    if row["conf_low"] is not None:
        shown = [_shown(row[key], scale) for key in ("estimate", "conf_low", "conf_high")]
        words = f"{shown[0]} ({shown[1]} to {shown[2]})"
        parts.append(_text(312, y + 12, words, anchor="end"))
        parts.append(
            _line(
                across.at(row["conf_low"]), middle, across.at(row["conf_high"]), middle, 'stroke-width="1.5"'
            )
        )
    parts.append(f'<circle cx="{across.at(row["estimate"])}" cy="{middle}" r="4" fill="currentColor"/>')
    return parts


def _value_axis(up: _Axis, left: float, right: float, low: float, high: float) -> list[str]:
    parts = []
    for tick in _ticks(low, high, 5):
        y = up.at(tick)
        strength = "0.6" if tick == 0 else "0.2"
        parts.append(_line(f"{left:.1f}", y, f"{right:.1f}", y, f'stroke-opacity="{strength}"'))
        parts.append(_text(left - 6, float(y) + 4, _number(tick), anchor="end"))
    return parts


def _svg(height: float, name: str, title: str, described: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="sans-serif" font-size="{TEXT}" '
        'color="#0b0c0c">'
    )
    words = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(described)}</desc>'
    )
    return "\n".join([head, words, *(part for part in parts if part), "</svg>"]) + "\n"


def _line(x1: str, y1: str, x2: str, y2: str, more: str = "") -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor" {more}'.rstrip() + "/>"


def _text(x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">{escape(words)}</text>'


def _padded(low: float, high: float) -> tuple[float, float]:
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` + 1 round numbers inside the range."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Logs of at most six ratios that are easy to read; 1 is always one."""
    inside = [ratio for ratio in RATIOS if low <= math.log(ratio) <= high]
    every = math.ceil(len(inside) / 6)
    middle = inside.index(1.0)
    return [math.log(ratio) for place, ratio in enumerate(inside) if (place - middle) % every == 0]


def _whole_ticks(times: Sequence[float]) -> list[int]:
    """Whole event times, at most eleven of them; 0 is always one."""
    span = max(times) - min(times)
    step = next(
        (size for size in (1, 2, 5, 6, 10, 12, 20, 24, 50, 100) if span / size <= 10), math.ceil(span / 10)
    )
    return [tick for tick in range(math.ceil(min(times)), math.floor(max(times)) + 1) if tick % step == 0]


def _shown(value: float, scale: str) -> str:
    return _number(math.exp(value) if scale in RATIO_SCALES else value)


def _number(value: float) -> str:
    """Three significant figures, with a true minus."""
    return f"{value:.3g}".replace("-", "−") if value else "0"


def _per_cent(level: float) -> str:
    return f"{100 * level:.3g} %"


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "estimate"
