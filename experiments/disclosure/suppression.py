"""Which cells of a table with totals to hide, so that no small cell is shown and none can be worked out.

A table is a list of counts and a list of lines. In a line the last cell is the sum of the others: a row with its
total, a column with its total, a group with what it is made of. Totals are cells like any other. Several tables about
the same people are one such list, with lines that say how they go together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.disclosure.feasible import Counts, Hidden, Line, Room
from experiments.disclosure.policy import Policy


def hidden_cells(
    counts: Counts,
    lines: Sequence[Line],
    policy: Policy,
    *,
    unseen: Hidden | None = None,
    released: Hidden | None = None,
) -> Hidden:
    """Hide every count below the threshold (0 too), and others until none of those can be worked out.

    Parameters
    ----------
    counts : (m,) counts, totals included.
    lines : cells of each line, its total last.
    unseen : (m,) True for a group that no table shows, such as those by whom two tables differ. It is protected like
        any other cell.
    released : (m,) True for a cell that an earlier release shows: it cannot be hidden any more.

    Returns
    -------
    (m,) True where the cell is not to be shown. Where earlier releases alone give a small cell away, everything that
    is not released is hidden.

    Notes
    -----
    A line with one hidden cell gives it away, so a second is hidden. Then each small cell's feasible interval, given
    everything shown, is found by linear programming; while one is narrower than the threshold, one more cell of its
    lines is hidden. The interval is that of an attacker who sees exact
    counts; what is released is rounded on top, which can only widen it.

    References
    ----------
    Fischetti and Salazar (2000), Models and algorithms for the 2-dimensional cell suppression problem.
    """
    nothing = np.zeros(len(counts), dtype=bool)
    kept, never = (nothing if given is None else given for given in (released, unseen))
    small = counts < policy.threshold
    hidden = (small | never) & ~kept
    room = Room(counts, lines)
    protected = np.flatnonzero(small & hidden)
    while not (hidden | kept).all():
        if (lone := _alone(hidden, ~hidden & ~kept, never, lines)) is not None:
            around = [lone]
        elif (exposed := room.narrow(protected, hidden, policy.threshold)) is not None:
            around = [line for line in lines if exposed in line]
        else:
            break
        hidden[_next_to_hide(around, counts, hidden, kept, lines)] = True
    return hidden


def _alone(hidden: Hidden, free: Hidden, unseen: Hidden, lines: Sequence[Line]) -> Line | None:
    """A line that gives its one hidden cell away, if there is one that more can be hidden of.

    A group that is never shown and large needs no company.
    """
    for line in lines:
        lone = [cell for cell in line if hidden[cell]]
        if len(lone) == 1 and not unseen[lone[0]] and any(free[cell] for cell in line):
            return line
    return None


def _next_to_hide(
    exposed: Sequence[Line], counts: Counts, hidden: Hidden, released: Hidden, lines: Sequence[Line]
) -> int:
    """Choose a shown cell of the exposed lines, or any shown cell where those have none left.

    First one whose other lines have a hidden cell already, lest it be alone in one; then the smallest.
    """
    free = ~hidden & ~released
    inside = {cell for line in exposed for cell in line if free[cell]}

    def cost(cell: int) -> tuple[int, int, int]:
        alone = sum(cell in line and not any(hidden[other] for other in line) for line in lines)
        return alone, int(counts[cell]), cell

    return min(inside or [int(cell) for cell in np.flatnonzero(free)], key=cost)
