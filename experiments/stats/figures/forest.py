"""Estimates on one scale, a line each."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from centre.drawing import Axis, cut, line, number, padded, per_cent, svg, ticks, words_at

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
LETTERS = 42  # that a line holds
SCALE_WORDS = {
    "difference": "difference, in the outcome's units",
    "log_rate_ratio": "rate ratio",
    "log_odds_ratio": "odds ratio",
    "standardised": "standardised difference",
}


def forest(rows: Sequence[Mapping[str, Any]]) -> str:
    """A forest of estimates on one scale: a point and its interval, with the numbers in words above.

    Parameters
    ----------
    rows : members of ``estimates`` that share a scale; one that could not be made is named with its reason.
    """
    scale = rows[0]["scale"]
    # Name and numbers share a line where there is room on it for every row's.
    is_wide = any(len(_name(row)) + len(_words(row, scale)) > LETTERS for row in rows)
    step, top = (62.0, 30.0) if is_wide else (46.0, 30.0)
    bottom = top + step * len(rows)
    shown = ("estimate", "conf_low", "conf_high")
    bounds = [row[key] for row in rows for key in shown if row[key] is not None]
    low, high = padded(min([0.0, *bounds]), max([0.0, *bounds]))
    across = Axis(low, high, 16, 304)
    parts = [words_at(8, 16, SCALE_WORDS[scale].capitalize(), anchor="start")]
    for place, row in enumerate(rows):
        parts += _forest_row(row, top + step * place, across, scale, is_wide)
    parts.append(line("16", f"{bottom:.1f}", "304", f"{bottom:.1f}"))
    for tick in _ratio_ticks(low, high) if scale in RATIO_SCALES else ticks(low, high, 4):
        parts.append(words_at(float(across.at(tick)), bottom + 16, _shown(tick, scale)))
    title = f"Estimates: {SCALE_WORDS[scale]}"
    made = sum(row["estimate"] is not None for row in rows)
    level = per_cent(rows[0]["conf_level"])
    described = f"{made} of {len(rows)} estimates with {level} intervals. The upright line is no effect."
    return svg(bottom + 26, f"estimates-{scale}", title, described, parts)


def _forest_row(row: Mapping[str, Any], y: float, across: Axis, scale: str, is_wide: bool) -> list[str]:
    parts = [words_at(8, y + 12, cut(_name(row), LETTERS), anchor="start")]
    if row["estimate"] is None:
        reason = cut(f"not estimable: {row['reason']}", LETTERS)
        return [*parts, words_at(8, y + 30, reason, anchor="start")]
    low = y + 16 if is_wide else y
    parts.append(words_at(312, low + 12, _words(row, scale), anchor="end"))
    middle = f"{low + 28:.1f}"
    # No effect, drawn beside the intervals only: across the words it would strike them out.
    upright = f"{low + 19:.1f}", f"{low + 37:.1f}"
    parts.append(line(across.at(0), upright[0], across.at(0), upright[1], 'stroke-opacity="0.6"'))
    if row["conf_low"] is not None and row["conf_high"] is not None:
        ends = across.at(row["conf_low"]), across.at(row["conf_high"])
        parts.append(line(ends[0], middle, ends[1], middle, 'stroke-width="1.5"'))
    parts.append(f'<circle cx="{across.at(row["estimate"])}" cy="{middle}" r="4" fill="currentColor"/>')
    return parts


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['id']}: {row['outcome']}"


def _words(row: Mapping[str, Any], scale: str) -> str:
    """The estimate and its interval in numbers; nothing where it was not made."""
    if row["estimate"] is None:
        return ""
    shown = [
        "none" if row[key] is None else _shown(row[key], scale)
        for key in ("estimate", "conf_low", "conf_high")
    ]
    return (
        shown[0] if row["conf_low"] is row["conf_high"] is None else f"{shown[0]} ({shown[1]} to {shown[2]})"
    )


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Logs of at most six ratios that are easy to read; 1 is always one."""
    inside = [ratio for ratio in RATIOS if low <= math.log(ratio) <= high]
    every = math.ceil(len(inside) / 6)
    middle = inside.index(1.0)
    return [math.log(ratio) for place, ratio in enumerate(inside) if (place - middle) % every == 0]


def _shown(value: float, scale: str) -> str:
    return number(math.exp(value) if scale in RATIO_SCALES else value)
