"""The order in which rows are computed with: by unit and period, whatever order they came in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The places (N,) of the rows kept, in order."""

    places: IntArray

    def of(self, column: NDArray[Any]) -> NDArray[Any]:
        """A column of the data in this order."""
        return np.take(column, self.places)

    def place(self, position: int) -> int:
        """The row of the data that stands at a position of the order."""
        return int(self.places[position])


@dataclass(frozen=True, slots=True)
class Blocks:
    """A panel without gaps whose units lie in blocks already, each in the order of its periods: all rows are kept.

    ``units`` (n,) are the blocks in order, None where they lie in order; ``n_periods`` the rows of each. A national
    panel is then moved by blocks instead of by rows, or not at all.
    """

    units: IntArray | None
    n_units: int
    n_periods: int

    def of(self, column: NDArray[Any]) -> NDArray[Any]:
        """A column of the data in this order; the column itself where nothing moves."""
        if self.units is None:
            return column
        return np.take(column.reshape(self.n_units, self.n_periods), self.units, axis=0).reshape(-1)

    def place(self, position: int) -> int:
        """The row of the data that stands at a position of the order."""
        block, period = divmod(position, self.n_periods)
        return (block if self.units is None else int(self.units[block])) * self.n_periods + period


Order = Rows | Blocks


def in_blocks(unit: IntArray, period: IntArray, n_periods: int) -> Blocks | None:
    """The order of a panel that is in blocks, None where it is not.

    Parameters
    ----------
    unit, period : (N,) codes of all rows.
    n_periods : distinct periods.
    """
    if not n_periods or len(unit) % n_periods:
        return None
    shape = (len(unit) // n_periods, n_periods)
    units, periods = unit.reshape(shape), period.reshape(shape)
    heads = units[:, 0]
    # The cheap look at the first block spares most others the whole one.
    if not np.array_equal(periods[0], np.arange(n_periods)) or (units[0] != heads[0]).any():
        return None
    if (periods != periods[0]).any() or (units != heads[:, None]).any():
        return None
    if (heads[1:] > heads[:-1]).all():
        return Blocks(None, *shape)
    order = np.argsort(heads, kind="stable")
    if (np.diff(heads[order]) == 0).any():
        return None
    return Blocks(order, *shape)
