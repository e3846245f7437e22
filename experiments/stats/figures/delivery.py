"""Treatment as delivered by week, with the registered floor."""

import datetime as dt
from collections.abc import Sequence

from centre.drawing import Axis, line, per_cent, svg, value_axis, words_at
from experiments.stats.delivery import Spell

TOP, BOTTOM, LEFT, RIGHT = 28.0, 170.0, 44.0, 308.0


def delivery_by_week(spells: Sequence[Spell], floor: float | None) -> str:
    """Integrity of each week as a point, in per cent of the plan; the floor as a broken line.

    Parameters
    ----------
    spells : the weeks, as :func:`experiments.stats.delivery.weeks` gives them.
    floor : the registered share of the plan, 0 to 1; None for none.

    Returns
    -------
    str : the SVG; empty with fewer than two weeks in which something was planned.
    """
    known = [(spell.start, 100 * spell.integrity) for spell in spells if spell.integrity is not None]
    if len(known) < 2:
        return ""
    across = Axis(known[0][0], known[-1][0], LEFT + 6, RIGHT - 6)
    up = Axis(0, 100, BOTTOM, TOP)
    parts = [
        words_at(8, 14, "Delivered, % of the plan", anchor="start"),
        *value_axis(up, LEFT, RIGHT, 0, 100),
    ]
    if floor is not None:
        level = up.at(100 * floor)
        parts.append(line(f"{LEFT}", level, f"{RIGHT}", level, 'stroke-dasharray="4 3"'))
        parts.append(words_at(RIGHT, float(level) - 4, "floor", anchor="end"))
    points = " ".join(f"{across.at(start)},{up.at(value)}" for start, value in known)
    parts.append(f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/>')
    if len(known) <= 60:
        parts += [
            f'<circle cx="{across.at(start)}" cy="{up.at(value)}" r="2.5" fill="currentColor"/>'
            for start, value in known
        ]
    for start, anchor in ((known[0][0], "start"), (known[-1][0], "end")):
        day = dt.date.fromordinal(start)
        parts.append(words_at(float(across.at(start)), BOTTOM + 18, f"{day:%-d %b %Y}", anchor=anchor))
    said = f"{len(known)} weeks, from {per_cent(known[0][1] / 100)} to {per_cent(known[-1][1] / 100)} of the plan."
    return svg(BOTTOM + 30, "delivery-by-week", "Treatment delivered by week", said, parts)
