"""Count tables as they may be released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.disclosure.feasible import Counts, Hidden
from experiments.disclosure.policy import DEFAULT, Policy
from experiments.disclosure.rounding import round_count
from experiments.disclosure.suppression import hidden_cells

Shown = int | None


@dataclass(frozen=True, slots=True)
class ReleasedList:
    """Counts by category with their total; None is a hidden count."""

    counts: tuple[Shown, ...]
    total: Shown


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """Counts by row and column with their totals; None is a hidden count."""

    counts: tuple[tuple[Shown, ...], ...]
    row_totals: tuple[Shown, ...]
    column_totals: tuple[Shown, ...]
    total: Shown


def release_list(counts: Sequence[int], policy: Policy = DEFAULT) -> ReleasedList:
    """Protect counts by category.

    Parameters
    ----------
    counts : people in each category, 0 or more.
    """
    values = _validated(counts, 1)
    cells = np.append(values, values.sum())
    hidden = hidden_cells(cells, [range(len(cells))], policy)
    shown = _shown(cells, hidden, policy)
    if not hidden.any():
        shown[-1] = sum(count for count in shown[:-1] if count is not None)
    return ReleasedList(tuple(shown[:-1]), shown[-1])


def release_table(counts: Sequence[Sequence[int]], policy: Policy = DEFAULT) -> ReleasedTable:
    """Protect counts by row and column.

    Parameters
    ----------
    counts : people in each cell, row by row, 0 or more.

    Notes
    -----
    Where nothing is hidden the totals are sums of the rounded counts, so that the released table adds up;
    otherwise they are the rounded true totals. Both depend on nothing but cells that are shown.
    """
    values = _validated(counts, 2)
    with_totals = np.vstack([values, values.sum(axis=0)])
    with_totals = np.column_stack([with_totals, with_totals.sum(axis=1)])
    places = np.arange(with_totals.size).reshape(with_totals.shape)
    lines = [[int(cell) for cell in line] for line in (*places, *places.T)]
    hidden = hidden_cells(with_totals.ravel(), lines, policy)
    shown = _shown(with_totals.ravel(), hidden, policy)
    grid = np.array(shown, dtype=object).reshape(with_totals.shape)
    if not hidden.any():
        grid[-1, :-1] = grid[:-1, :-1].sum(axis=0)
        grid[:, -1] = grid[:, :-1].sum(axis=1)
    return ReleasedTable(
        counts=tuple(tuple(row) for row in grid[:-1, :-1]),
        row_totals=tuple(grid[:-1, -1]),
        column_totals=tuple(grid[-1, :-1]),
        total=grid[-1, -1],
    )


def _validated(counts: Any, dimensions: int) -> Counts:
    values = np.array(counts, dtype=np.int64)
    if values.ndim != dimensions or values.size == 0 or (values < 0).any():
        raise ValueError("a table holds counts of 0 or more, and every row has as many")
    return values


def _shown(cells: Counts, hidden: Hidden, policy: Policy) -> list[Shown]:
    return [
        None if hide else round_count(int(count), policy) for count, hide in zip(cells, hidden, strict=True)
    ]
