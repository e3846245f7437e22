"""Sensitivity to trends that were not parallel: an interval for each size of departure."""

from collections.abc import Mapping, Sequence
from typing import Any

from centre.drawing import Axis, line, number, padded, slug, svg, value_axis, words_at

BELOW = {
    "relative_magnitude": "Departure, times the largest one before",
    "smoothness": "Bend of the trend a period",
}


def sensitivity(rows: Sequence[Mapping[str, Any]]) -> str:
    """The usual interval first, then one for each m; an end beyond what was tried has an arrow.

    Parameters
    ----------
    rows : rows of the check ``honest_did`` of one method and target, that of parallel trends (no ``m``) first.
    """
    height, top, bottom, left, right = 264.0, 28.0, 206.0, 52.0, 312.0
    ends = [row[key] for row in rows for key in ("conf_low", "conf_high") if row[key] is not None]
    low, high = padded(min(0.0, *ends), max(0.0, *ends))
    up = Axis(low, high, bottom, top)
    across = Axis(-0.5, len(rows) - 0.5, left, right)
    parts = [words_at(left, 14, f"Effect on {rows[0]['outcome']}", anchor="start")]
    parts += value_axis(up, left, right, low, high)
    for place, row in enumerate(rows):
        x = across.at(place)
        lower = bottom if row["conf_low"] is None else float(up.at(row["conf_low"]))
        upper = top if row["conf_high"] is None else float(up.at(row["conf_high"]))
        width = 'stroke-width="3"' if row["m"] is None else 'stroke-width="1.5"'
        parts.append(line(x, f"{lower:.1f}", x, f"{upper:.1f}", width))
        for end, y, way in ((row["conf_low"], lower, 1), (row["conf_high"], upper, -1)):
            parts.append(_arrow(float(x), y, way) if end is None else _cap(float(x), y))
        parts.append(words_at(float(x), bottom + 16, "usual" if row["m"] is None else number(row["m"])))
    parts.append(words_at((left + right) / 2, bottom + 34, BELOW[rows[0]["method"]]))
    edge = across.at(0.5)
    parts.append(
        line(edge, f"{top:.1f}", edge, f"{bottom:.1f}", 'stroke-dasharray="4 3" stroke-opacity="0.6"')
    )
    parts.append(words_at((left + right) / 2, bottom + 52, _verdict(rows[0])))
    described = (
        "The thick bar on the left is the usual interval, which takes trends as parallel. Each other bar is the "
        f"interval when they may differ by so much. {_verdict(rows[0])}."
    )
    method = rows[0]["method"].replace("_", "-")
    title = f"How the interval for {rows[0]['outcome']} grows when trends were not parallel"
    return svg(height, f"honest-{method}-{slug(rows[0]['id'])}", title, described, parts)


def _verdict(row: Mapping[str, Any]) -> str:
    if row["breakdown"] is None:
        return f"Zero stays outside up to {number(row['breakdown_beyond'])}"
    if row["breakdown"] == 0:
        return "Zero is inside from the start"
    return f"Zero is inside from {number(row['breakdown'])}"


def _cap(x: float, y: float) -> str:
    return line(f"{x - 4:.1f}", f"{y:.1f}", f"{x + 4:.1f}", f"{y:.1f}")


def _arrow(x: float, y: float, way: int) -> str:
    """An open end: `way` is 1 downwards."""
    tip = f"M{x - 4:.1f} {y - 5 * way:.1f}L{x:.1f} {y:.1f}L{x + 4:.1f} {y - 5 * way:.1f}"
    return f'<path d="{tip}" fill="none" stroke="currentColor"/>'
