"""Two-way fixed effects of an unbalanced panel: alternating means until nothing moves."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

TOLERANCE = 1e-10  # of the column's standard deviation
MAX_PASSES = 1_000


def informative_rows(unit: IntArray, period: IntArray) -> BoolArray:
    """Rows that can bear on a two-way model: those whose unit and period both appear more than once.

    Parameters
    ----------
    unit, period : (N,) codes.

    Notes
    -----
    A row that is alone in its unit or period is fitted exactly. Dropping it can make
    another row single, so the search repeats until none is left.
    """
    kept = np.ones(len(unit), dtype=bool)
    while True:
        alone = np.zeros(len(unit), dtype=bool)
        for codes in (unit, period):
            counts = np.bincount(codes[kept], minlength=int(codes.max()) + 1)
            alone |= kept & (counts[codes] == 1)
        if not alone.any():
            return kept
        kept &= ~alone


def connected_parts(
    unit: IntArray, period: IntArray, n_units: int, n_periods: int
) -> tuple[int, IntArray, IntArray]:
    """Parts of a panel that share neither unit nor period: how many, and the part of each unit and each period."""
    n_nodes = n_units + n_periods
    edges = (np.ones(len(unit), dtype=np.int8), (unit, period + n_units))
    n_parts, labels = csgraph.connected_components(
        sparse.coo_array(edges, shape=(n_nodes, n_nodes)), directed=False
    )
    part: IntArray = labels.astype(np.intp)
    return int(n_parts), part[:n_units], part[n_units:]


def refuse_disconnected(unit: IntArray, period: IntArray) -> None:
    """Refuse a panel that falls into parts sharing neither unit nor period.

    Raises
    ------
    NotEstimable : period effects of separate parts cannot be compared.
    """
    n_parts, by_unit, _ = connected_parts(unit, period, int(unit.max()) + 1, int(period.max()) + 1)
    parts = len(np.unique(by_unit[unit])) if n_parts > 1 else 1
    if parts > 1:
        raise NotEstimable(
            f"the panel falls into {parts} parts that share no unit and no period, so their period effects "
            "cannot be compared; estimate each part alone"
        )


def demean_two_way(
    columns: FloatArray, unit: IntArray, period: IntArray, weight: FloatArray
) -> tuple[FloatArray, int]:
    """Residuals of columns on unit and period effects, by alternating weighted means.

    Parameters
    ----------
    columns : (N, k).
    unit, period : (N,) codes without gaps.
    weight : (N,) positive weights.

    Returns
    -------
    residuals : (N, k).
    passes : number of alternations used.

    Raises
    ------
    NotEstimable : the largest change is still above 1e-10 standard deviations after 1,000 passes.
    """
    # One column after another lies together in memory, which the sums by group run along.
    rows = np.ascontiguousarray(columns.T, dtype=np.float64)
    rows = rows - (rows @ weight / weight.sum())[:, None]
    spread = np.sqrt(rows**2 @ weight / weight.sum())
    spread[spread == 0] = 1.0
    totals = [(codes, np.bincount(codes, weights=weight)) for codes in (unit, period)]
    for passes in range(1, MAX_PASSES + 1):
        change = 0.0
        for codes, total in totals:
            change = 0.0
            for row, size in zip(rows, spread, strict=True):
                means = np.bincount(codes, weights=row * weight) / total
                row -= means[codes]
                change = max(change, float(np.abs(means).max()) / float(size))
        if change < TOLERANCE:
            return rows.T, passes
    raise NotEstimable(
        f"taking out unit and period effects did not settle: the last of {MAX_PASSES} passes still moved a "
        f"column by {change:.1e} standard deviations, and {TOLERANCE:.0e} is wanted"
    )


def group_means(columns: FloatArray, codes: IntArray, weight: FloatArray) -> FloatArray:
    """Weighted means of (N, k) columns by group, (n_groups, k)."""
    total = np.bincount(codes, weights=weight)
    sums = [np.bincount(codes, weights=column * weight) / total for column in columns.T]
    return np.column_stack(sums)
