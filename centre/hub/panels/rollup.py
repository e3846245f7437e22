"""The sums of a panel by force, month and measure: small enough for a page, and for a look at every series at once.

A sum stands beside the number of areas that it is of. With fewer than the force has, the rest is not known to be 0.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from centre.hub.panels.places import Places
from centre.hub.panels.reading import Layout
from centre.hub.panels.spool import Year
from centre.hub.trends.series import Series, Step

ROLLUP = "rollup.parquet"


@dataclass(frozen=True)
class Sums:
    """A year's sums, and of how many areas each is: measures × months × forces."""

    months: tuple[dt.date, ...]
    values: NDArray[Any]
    areas: NDArray[np.int64]

    def table(self, at: int, measure: str, places: Places, *, is_whole: bool) -> pa.Table:
        """Return one measure's sums as rows, without months and forces of which there is no area."""
        n_months, n_forces = self.areas.shape[1:]
        forces = pa.DictionaryArray.from_arrays(
            pa.array(np.tile(np.arange(n_forces, dtype=np.int32), n_months)), pa.array(places.forces)
        )
        measures = pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(n_months * n_forces, np.int32)), pa.array([measure])
        )
        table = pa.table(
            {
                "force": forces,
                "month": pa.array(np.repeat(np.array(self.months, "datetime64[D]"), n_forces), pa.date32()),
                "measure": measures.cast(pa.string()),
                "value": pa.array(self.values[at].ravel(), pa.int64() if is_whole else pa.float64()),
                "areas": pa.array(self.areas[at].ravel(), pa.int32()),
                "of_areas": pa.array(np.tile(places.sizes, n_months), pa.int32()),
            }
        )
        return table.filter(pc.greater(table["areas"], 0))


def summed(year: Year, wanted: Layout, places: Places) -> Sums:
    """Add up a year by force."""
    there = np.flatnonzero(year.known.any(axis=(0, 2)))
    total = np.int64 if wanted.dtype is np.int32 else np.float64
    k = len(wanted.measures)
    values = np.empty((k, len(there), len(places.forces)), total)
    areas = np.empty(values.shape, np.int64)
    for measure in range(k):
        for at, month in enumerate(there):
            # Beside each other and none empty, so that sums of stretches are sums of forces; what is missing holds 0.
            values[measure, at] = np.add.reduceat(year.values[measure, month], places.starts, dtype=total)
            areas[measure, at] = (
                np.add.reduceat(year.known[measure, month], places.starts, dtype=np.int64)
                if wanted.is_long or measure == 0
                else areas[0, at]
            )
    return Sums(tuple(dt.date(year.year, int(at) + 1, 1) for at in there), values, areas)


@dataclass(frozen=True)
class Rollup:
    """A panel's sums: measures × months × forces; NaN where the areas are not all there and absent is not 0."""

    forces: tuple[str, ...]
    measures: tuple[str, ...]
    months: tuple[dt.date, ...]
    values: NDArray[np.float64]
    areas: NDArray[np.int64]
    of_areas: NDArray[np.int64]  # by force

    def national(self, measure: str) -> NDArray[np.float64]:
        """Return each month's sum over all forces; NaN where one of them is not known."""
        found: NDArray[np.float64] = self.values[self.measures.index(measure)].sum(axis=1)
        return found

    def series(self) -> dict[tuple[str, str], Series]:
        """Return the months of each force and measure that has one."""
        return {
            (force, measure): Series(
                f"{force}, {measure}", Step.MONTH, self.months, np.ascontiguousarray(self.values[m, :, f])
            )
            for m, measure in enumerate(self.measures)
            for f, force in enumerate(self.forces)
            if not np.isnan(self.values[m, :, f]).all()
        }


def read(path: Path, *, absent_is_zero: bool) -> Rollup:
    """Read a panel's sums.

    Parameters
    ----------
    path : of the roll-up.
    absent_is_zero : whoever sent the panel left out rows without a count, so that an area that is not there had none
        in a month of which its force has any row.
    """
    table = pq.read_table(path)
    forces, force = _coded(table["force"])
    measures, measure = _coded(table["measure"])
    when = table["month"].to_numpy().astype("datetime64[M]").astype(np.int64)
    first, last = int(when.min()), int(when.max())
    shape = (len(measures), last - first + 1, len(forces))
    values, areas = np.full(shape, np.nan), np.zeros(shape, np.int64)
    of_areas = np.zeros(len(forces), np.int64)
    of_areas[force] = table["of_areas"].to_numpy()
    at = (measure, when - first, force)
    values[at], areas[at] = table["value"].to_numpy(), table["areas"].to_numpy()
    if absent_is_zero:
        values[np.isnan(values) & (areas.max(axis=0) > 0)] = 0.0
    else:
        values[areas < of_areas] = np.nan
    return Rollup(
        forces, measures, tuple(_month(one) for one in range(first, last + 1)), values, areas, of_areas
    )


def _coded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the different words in order of the alphabet, and which of them each row has."""
    words, rows = np.unique(column.cast(pa.string()).to_numpy(), return_inverse=True)
    return tuple(str(one) for one in words), rows


def _month(since_1970: int) -> dt.date:
    return dt.date(1970 + since_1970 // 12, since_1970 % 12 + 1, 1)
