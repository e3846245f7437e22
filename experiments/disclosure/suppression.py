"""Which cells of a table with totals to hide, so that no small cell is shown and none can be worked out.

A table is a list of counts and a list of lines. In a line the last cell is the sum of the others: a row with its
total, a column with its total. Totals are cells like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from experiments.disclosure.policy import Policy

Counts = NDArray[np.int64]
Hidden = NDArray[np.bool_]
Line = Sequence[int]


def hidden_cells(counts: Counts, lines: Sequence[Line], policy: Policy) -> Hidden:
    """Hide every count below the threshold (0 too), and others until none of those can be worked out.

    Parameters
    ----------
    counts : (m,) counts, totals included.
    lines : cells of each line, its total last.

    Returns
    -------
    (m,) True where the cell is not to be shown.

    Notes
    -----
    A line with one hidden cell gives it away, so a second is hidden. Then each small cell's
    feasible interval, given everything shown, is found by linear programming; while one is narrower than the
    threshold, one more cell of its lines is hidden. The interval is that of an attacker who sees
    exact counts; what is released is rounded on top.

    References
    ----------
    Fischetti and Salazar (2000), Models and algorithms for the 2-dimensional cell suppression problem.
    """
    small = counts < policy.threshold
    hidden = small.copy()
    while not hidden.all():
        exposed = _single(hidden, lines) or _narrow(counts, small, hidden, lines, policy.threshold)
        if exposed is None:
            break
        hidden[_next_to_hide(exposed, counts, hidden, lines)] = True
    return hidden


def _single(hidden: Hidden, lines: Sequence[Line]) -> list[Line] | None:
    """A line with one hidden cell, if there is one."""
    return next(([line] for line in lines if sum(bool(hidden[cell]) for cell in line) == 1), None)


def _narrow(
    counts: Counts, small: Hidden, hidden: Hidden, lines: Sequence[Line], width: int
) -> list[Line] | None:
    """Lines of a small cell that what is shown pins down to less than ``width``, if there is one."""
    for cell in np.flatnonzero(small):
        low, high = feasible_interval(int(cell), counts, hidden, lines)
        # The solver's tolerance must not make a wide interval narrow.
        if high - low < width - 1e-6:
            return [line for line in lines if cell in line]
    return None


def feasible_interval(
    cell: int, counts: Counts, hidden: Hidden, lines: Sequence[Line]
) -> tuple[float, float]:
    """Smallest and largest value a hidden cell can have, given the shown cells, the lines, and counts of 0 or more."""
    unknown = np.flatnonzero(hidden)
    place = {int(index): i for i, index in enumerate(unknown)}
    equations = np.zeros((len(lines), len(unknown)))
    known = np.zeros(len(lines))
    for row, line in enumerate(lines):
        for index in line:
            sign = -1 if index == line[-1] else 1
            if hidden[index]:
                equations[row, place[index]] = sign
            else:
                known[row] -= sign * counts[index]
    target = np.zeros(len(unknown))
    target[place[cell]] = 1
    low, high = (_extreme(direction * target, equations, known) for direction in (1, -1))
    return low, -high


def _extreme(
    target: NDArray[np.float64], equations: NDArray[np.float64], known: NDArray[np.float64]
) -> float:
    """Smallest value of ``target @ x`` for x >= 0 with ``equations @ x == known``."""
    solved = linprog(target, A_eq=equations, b_eq=known, bounds=(0, None), method="highs")
    # No solution found: without bound, which is as well hidden as can be.
    return float(solved.fun) if solved.fun is not None else -np.inf


def _next_to_hide(exposed: Sequence[Line], counts: Counts, hidden: Hidden, lines: Sequence[Line]) -> int:
    """Choose a shown cell of the exposed lines, or any shown cell where those have none left.

    First one whose other lines have a hidden cell already, lest it be alone in one; then the smallest.
    """
    inside = {cell for line in exposed for cell in line if not hidden[cell]}

    def cost(cell: int) -> tuple[int, int, int]:
        alone = sum(cell in line and not any(hidden[other] for other in line) for line in lines)
        return alone, int(counts[cell]), cell

    return min(inside or [int(cell) for cell in np.flatnonzero(~hidden)], key=cost)
