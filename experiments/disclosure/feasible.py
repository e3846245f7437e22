"""How far an attacker who knows everything shown can pin a hidden count down.

The hidden counts are 0 or more and keep to the lines; the truth is one way to fill them in. What is looked for is
how far each can move from the truth, so the equations have no right-hand side: ``moves @ y = 0, y >= -counts``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Counts = NDArray[np.int64]
Hidden = NDArray[np.bool_]
Line = Sequence[int]
Floats = NDArray[np.float64]

# The solver's tolerance must not make a wide interval narrow.
TOLERANCE = 1e-6
# Far beyond any width that is asked for, so that no programme is without bound.
FAR = 1e7


class Room:
    """The widths of the intervals of hidden counts, as far as they are known.

    Every solution found for one pattern of hidden cells stays one when more are hidden, so ``low`` and ``high`` only
    ever grow: a cell that once had room enough is never asked about again.

    Attributes
    ----------
    low, high : (m,) smallest and largest move of each cell among the solutions found so far.
    """

    def __init__(self, counts: Counts, lines: Sequence[Line]) -> None:
        self.counts = counts
        self.signs = _signs(len(counts), lines)
        self.low = np.zeros(len(counts))
        self.high = np.zeros(len(counts))

    def narrow(self, cells: NDArray[np.int64], hidden: Hidden, width: float) -> int | None:
        """Return a cell whose interval is narrower than ``width``, or None.

        Parameters
        ----------
        cells : the hidden cells that are to be protected.
        hidden : (m,) True where a cell is not shown.
        """
        unknown = np.flatnonzero(hidden)
        equations = self.signs[:, unknown]
        asked = self._unproven(cells, width)
        if (exposed := self._bounded(asked, equations, unknown, width)) is not None:
            return exposed
        moves = _independent(equations)
        if (exposed := self._bounded(asked, moves, unknown, width)) is not None:
            return exposed
        self._settle(moves, unknown)
        self._try_simple(moves, unknown, width)
        asked = self._unproven(cells, width)
        if len(asked):
            # One programme for all of them often shows room for most, if none may take more than it needs.
            for sign in (-1.0, 1.0):
                self._extreme(asked, sign, moves, unknown, most=width)
        for cell in self._unproven(cells, width):
            if self._is_narrow(int(cell), moves, unknown, width):
                return int(cell)
        return None

    def width(self, cell: int) -> float:
        return float(self.high[cell] - self.low[cell])

    def _unproven(self, cells: NDArray[np.int64], width: float) -> NDArray[np.int64]:
        """Cells that may be narrow, the narrowest first."""
        known = self.high[cells] - self.low[cells]
        order = np.argsort(known, kind="stable")
        return cells[order][known[order] < width - TOLERANCE]

    def _bounded(
        self, cells: NDArray[np.int64], equations: Floats, unknown: NDArray[np.int64], width: float
    ) -> int | None:
        """Return a cell that one equation alone keeps narrow: where all in it add up to what is shown."""
        adding = (equations >= 0).all(axis=1) | (equations <= 0).all(axis=1)
        sizes = np.abs(equations[adding])
        amounts = sizes @ self.counts[unknown]
        at_most = np.where(sizes > 0, amounts[:, None] / np.where(sizes > 0, sizes, 1), np.inf)
        tight = unknown[at_most.min(axis=0, initial=np.inf) < width - TOLERANCE]
        exposed = cells[np.isin(cells, tight)]
        return int(exposed[0]) if len(exposed) else None

    def _is_narrow(self, cell: int, moves: Floats, unknown: NDArray[np.int64], width: float) -> bool:
        for sign in (-1.0, 1.0):
            if self.width(cell) >= width - TOLERANCE:
                return False
            self._extreme(np.array([cell]), sign, moves, unknown)
        return self.width(cell) < width - TOLERANCE

    def _extreme(
        self,
        cells: NDArray[np.int64],
        sign: float,
        moves: Floats,
        unknown: NDArray[np.int64],
        most: float = FAR,
    ) -> None:
        """Smallest value of the sum of the cells (largest, for -1); the solution widens what is known."""
        chosen = np.isin(unknown, cells)
        target = sign * chosen
        least, greatest = (-self.counts[unknown]).tolist(), np.where(chosen, most, FAR).tolist()
        bounds = list(zip(least, greatest, strict=True))
        solved = linprog(target, A_eq=moves, b_eq=np.zeros(len(moves)), bounds=bounds, method="highs")
        if solved.x is not None:
            self._widen(solved.x, unknown)

    def _settle(self, moves: Floats, unknown: NDArray[np.int64]) -> None:
        """Where cells only add up to one known sum, each is between 0 and that sum."""
        uses = np.count_nonzero(moves, axis=0)
        for row in moves:
            places = np.flatnonzero(row)
            if (uses[places] == 1).all() and (row[places] == row[places[0]]).all():
                cells = unknown[places]
                counts = self.counts[cells]
                self.low[cells], self.high[cells] = -counts, counts.sum() - counts

    def _try_simple(self, moves: Floats, unknown: NDArray[np.int64], width: float) -> None:
        """Go along the directions that change few cells, each as far as it goes."""
        counts = self.counts[unknown].astype(float)
        for direction in _directions(moves):
            for way in (direction, -direction):
                falling = way < -TOLERANCE
                reach = (counts[falling] / -way[falling]).min() if falling.any() else width
                self._widen(min(reach, width) * way, unknown)

    def _widen(self, found: Floats, unknown: NDArray[np.int64]) -> None:
        self.low[unknown] = np.minimum(self.low[unknown], found)
        self.high[unknown] = np.maximum(self.high[unknown], found)


def _signs(n_cells: int, lines: Sequence[Line]) -> Floats:
    """One row for each line: 1 for its parts, -1 for its total."""
    signs = np.zeros((len(lines), n_cells))
    for row, line in enumerate(lines):
        signs[row, list(line[:-1])] = 1
        signs[row, line[-1]] = -1
    return signs


def _independent(equations: Floats) -> Floats:
    """Bring equations to reduced echelon form: the same solutions, each pivot in one equation only."""
    rows = equations[equations.any(axis=1)].copy()
    done = 0
    for column in range(rows.shape[1]):
        if done == len(rows):
            break
        pivot = done + int(np.argmax(np.abs(rows[done:, column])))
        if abs(rows[pivot, column]) < TOLERANCE:
            continue
        rows[[done, pivot]] = rows[[pivot, done]]
        rows[done] /= rows[done, column]
        others = np.abs(rows[:, column]) > TOLERANCE
        others[done] = False
        rows[others] -= np.outer(rows[others, column], rows[done])
        done += 1
    rows = rows[:done]
    rows[np.abs(rows) < TOLERANCE] = 0
    return rows


def _directions(reduced: Floats) -> Floats:
    """Return a direction for each free cell: it moves by 1, the pivots follow, other free cells stay."""
    n_cells = reduced.shape[1]
    pivots = [int(np.flatnonzero(row)[0]) for row in reduced]
    free = np.setdiff1d(np.arange(n_cells), pivots)
    directions = np.zeros((len(free), n_cells))
    directions[np.arange(len(free)), free] = 1
    if pivots:
        directions[:, pivots] = -reduced[:, free].T
    return directions
