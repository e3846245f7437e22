"""Estimates on one scale, a line each."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.stats.figures.drawing import Axis, cut, line, number, padded, per_cent, svg, ticks, words_at

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
LETTERS = 46
LEAST_NAME = 8
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
    step, top = 46.0, 30.0
    bottom = top + step * len(rows)
    bounds = [row[key] for row in rows for key in ("conf_low", "conf_high") if row[key] is not None]
    low, high = padded(min([0.0, *bounds]), max([0.0, *bounds]))
    across = Axis(low, high, 16, 304)
    parts = [words_at(8, 16, SCALE_WORDS[scale].capitalize(), anchor="start")]
    for place, row in enumerate(rows):
        parts += _forest_row(row, top + step * place, across, scale)
    parts.append(line("16", f"{bottom:.1f}", "304", f"{bottom:.1f}"))
    for tick in _ratio_ticks(low, high) if scale in RATIO_SCALES else ticks(low, high, 4):
        parts.append(words_at(float(across.at(tick)), bottom + 16, _shown(tick, scale)))
    title = f"Estimates: {SCALE_WORDS[scale]}"
    made = sum(row["estimate"] is not None for row in rows)
    level = per_cent(rows[0]["conf_level"])
    described = f"{made} of {len(rows)} estimates with {level} intervals. The upright line is no effect."
    return svg(bottom + 26, f"estimates-{scale}", title, described, parts)


def _forest_row(row: Mapping[str, Any], y: float, across: Axis, scale: str) -> list[str]:
    shown = [_shown(row[key], scale) for key in ("estimate", "conf_low", "conf_high") if row[key] is not None]
    words = f"{shown[0]} ({shown[1]} to {shown[2]})" if len(shown) == 3 else "".join(shown)
    # Name and numbers share a line, which holds about this many letters.
    name = cut(f"{row['id']}: {row['outcome']}", max(LEAST_NAME, LETTERS - len(words)))
    if row["estimate"] is None:
        reason = cut(f"not estimable: {row['reason']}", 50)
        return [words_at(8, y + 12, name, anchor="start"), words_at(8, y + 30, reason, anchor="start")]
    parts = [words_at(8, y + 12, name, anchor="start"), words_at(312, y + 12, words, anchor="end")]
    middle = f"{y + 28:.1f}"
    # No effect, drawn beside the intervals only: across the words it would strike them out.
    parts.append(line(across.at(0), f"{y + 19:.1f}", across.at(0), f"{y + 37:.1f}", 'stroke-opacity="0.6"'))
    if row["conf_low"] is not None:
        parts.append(
            line(
                across.at(row["conf_low"]), middle, across.at(row["conf_high"]), middle, 'stroke-width="1.5"'
            )
        )
    parts.append(f'<circle cx="{across.at(row["estimate"])}" cy="{middle}" r="4" fill="currentColor"/>')
    return parts


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Logs of at most six ratios that are easy to read; 1 is always one."""
    inside = [ratio for ratio in RATIOS if low <= math.log(ratio) <= high]
    every = math.ceil(len(inside) / 6)
    middle = inside.index(1.0)
    return [math.log(ratio) for place, ratio in enumerate(inside) if (place - middle) % every == 0]


def _shown(value: float, scale: str) -> str:
    return number(math.exp(value) if scale in RATIO_SCALES else value)
