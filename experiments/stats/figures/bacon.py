"""The two-by-two comparisons inside a two-way estimate: weight across, estimate up."""

from collections.abc import Mapping, Sequence
from typing import Any

from centre.drawing import Axis, padded, slug, svg, ticks, value_axis, words_at

MARKS = {
    "treated_v_never": "treated with never treated",
    "earlier_v_later": "earlier with later adopters",
    "later_v_earlier": "later with earlier adopters",
}
SIZE = 3.0


def bacon(rows: Sequence[Mapping[str, Any]]) -> str:
    """A point for each comparison; its shape says of what kind it is.

    Parameters
    ----------
    rows : the rows of the check ``bacon``, each with ``type``, ``weight`` and ``estimate``.
    """
    height, top, bottom, left, right = 300.0, 28.0, 206.0, 52.0, 308.0
    low, high = padded(
        min(0.0, *(row["estimate"] for row in rows)), max(0.0, *(row["estimate"] for row in rows))
    )
    across = Axis(0.0, 1.06 * max(row["weight"] for row in rows), left, right)
    up = Axis(low, high, bottom, top)
    parts = [words_at(left, 14, f"Effect on {rows[0]['outcome']}", anchor="start")]
    parts += value_axis(up, left, right, low, high)
    mean = sum(row["weight"] * row["estimate"] for row in rows)
    parts.append(
        f'<line x1="{left}" y1="{up.at(mean)}" x2="{right}" y2="{up.at(mean)}" stroke="currentColor" '
        'stroke-dasharray="4 3"/>'
    )
    # The commonest kind first, so that the others are not hidden under it.
    for row in sorted(rows, key=lambda one: (list(MARKS).index(one["type"]), -one["weight"])):
        parts.append(_mark(row["type"], float(across.at(row["weight"])), float(up.at(row["estimate"]))))
    for tick in ticks(0.0, across.high, 4):
        parts.append(words_at(float(across.at(tick)), bottom + 16, f"{tick:.2g}"))
    parts.append(words_at((left + right) / 2, bottom + 34, "Weight in the two-way estimate"))
    kinds = [kind for kind in MARKS if any(row["type"] == kind for row in rows)]
    for number, kind in enumerate(kinds):
        y = bottom + 52 + 16 * number
        parts += [_mark(kind, left + 4, y - 4), words_at(left + 14, y, MARKS[kind], anchor="start")]
    described = (
        f"{len(rows)} comparisons of two groups and two times. Filled points use units treated already as controls. "
        "The dashed line is their weighted mean, the two-way estimate."
    )
    name = f"bacon-{slug(rows[0]['id'])}"
    return svg(
        height, name, f"Comparisons inside the two-way estimate for {rows[0]['outcome']}", described, parts
    )


def _mark(kind: str, x: float, y: float) -> str:
    """A ring, a cross, or a filled point for the comparison that should weigh little."""
    if kind == "treated_v_never":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SIZE}" fill="none" stroke="currentColor"/>'
    if kind == "later_v_earlier":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SIZE}" fill="currentColor"/>'
    arms = f"M{x - SIZE:.1f} {y - SIZE:.1f}L{x + SIZE:.1f} {y + SIZE:.1f}"
    arms += f"M{x - SIZE:.1f} {y + SIZE:.1f}L{x + SIZE:.1f} {y - SIZE:.1f}"
    return f'<path d="{arms}" fill="none" stroke="currentColor"/>'
