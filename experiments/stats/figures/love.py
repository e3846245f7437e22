"""How far the arms are apart before the trial: a love plot, a point for each covariate."""

from collections.abc import Mapping, Sequence
from typing import Any

from centre.drawing import Axis, cut, line, number, svg, ticks, words_at
from experiments.stats.checks.balance import ADJUST, RED

LETTERS = 34  # of a covariate's name
STEP, TOP = 40.0, 30.0
LEAST = 1.2 * RED  # the axis always shows both limits


def love(rows: Sequence[Mapping[str, Any]]) -> str:
    """A point for each covariate's standardised difference, the largest first, with the limits of the check.

    Parameters
    ----------
    rows : the rows of the check ``balance``; a difference is None where it is without bound.
    """
    ordered = sorted(rows, key=lambda row: (-_size(row), row["covariate"]))
    reach = max([LEAST, *(1.1 * abs(row["standardised_difference"] or 0.0) for row in rows)])
    across = Axis(-reach, reach, 16, 304)
    bottom = TOP + STEP * len(ordered)
    parts = [words_at(8, 16, "Standardised difference, treatment less control", anchor="start")]
    for limit in (-RED, -ADJUST, 0.0, ADJUST, RED):
        dash = "" if limit == 0 else 'stroke-dasharray="2 3" stroke-opacity="0.6"'
        parts.append(line(across.at(limit), f"{TOP:.1f}", across.at(limit), f"{bottom:.1f}", dash))
    for place, row in enumerate(ordered):
        parts += _row(row, TOP + STEP * place, across)
    parts.append(line("16", f"{bottom:.1f}", "304", f"{bottom:.1f}"))
    parts += [words_at(float(across.at(tick)), bottom + 16, number(tick)) for tick in ticks(-reach, reach, 4)]
    described = (
        f"Standardised differences of {len(rows)} covariates. The broken lines are {number(ADJUST)} and {number(RED)} "
        "to either side."
    )
    return svg(bottom + 26, "balance", "Balance before the trial", described, parts)


def _size(row: Mapping[str, Any]) -> float:
    value = row["standardised_difference"]
    return float("inf") if value is None else abs(value)


def _row(row: Mapping[str, Any], y: float, across: Axis) -> list[str]:
    value = row["standardised_difference"]
    parts = [words_at(8, y + 14, cut(str(row["covariate"]), LETTERS), anchor="start")]
    if value is None:
        return [*parts, words_at(312, y + 14, "no bound", anchor="end")]
    parts.append(words_at(312, y + 14, number(value), anchor="end"))
    parts.append(f'<circle cx="{across.at(value)}" cy="{y + 27:.1f}" r="4" fill="currentColor"/>')
    return parts
