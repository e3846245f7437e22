"""Rows that arrive in any order, put aside by year on disk, so that memory holds one year and not the panel."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centre.hub.panels.faults import PanelRefused
from centre.hub.panels.places import Places
from centre.hub.panels.reading import Batch, Layout

_YEARS = 60  # files that are open at once


@dataclass
class Spool:
    """One file for each year: blocks of keys, each followed by its values."""

    folder: Path
    layout: Layout
    places: Places
    rows: int = 0
    _files: dict[int, Any] = field(default_factory=dict)
    _sizes: dict[int, list[int]] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Put a batch aside."""
        years = batch.months // 12
        keys = (batch.months % 12) * len(self.places) + batch.areas
        if batch.measures is not None:
            keys += batch.measures * 12 * len(self.places)
        first, last = (int(years.min()), int(years.max())) if len(years) else (0, -1)
        for year in range(first, last + 1):
            chosen = slice(None) if first == last else np.flatnonzero(years == year)
            self._write(year, keys[chosen].astype(np.int32), batch.values[:, chosen])
        self.rows += len(keys)

    def _write(self, year: int, keys: NDArray[np.int32], values: NDArray[Any]) -> None:
        if not len(keys):
            return
        if year not in self._files:
            if len(self._files) == _YEARS:
                raise PanelRefused([f"the panel has more than {_YEARS} years"])
            self._files[year] = (self.folder / f"{year}.spool").open("wb")
            self._sizes[year] = []
        keys.tofile(self._files[year])
        np.ascontiguousarray(values).tofile(self._files[year])
        self._sizes[year].append(len(keys))
        cells = 12 * len(self.places) * (len(self.layout.measures) if self.layout.is_long else 1)
        if (
            sum(self._sizes[year]) > cells
        ):  # some are there twice: what unpacks without end must not fill the disk
            self.close()
            path = self.folder / f"{year}.spool"
            raise PanelRefused([_twice(year, path, self._sizes[year], self.layout, self.places)])

    def close(self) -> None:
        """Write what is still in memory; nothing more is put aside."""
        for file in self._files.values():
            file.close()

    def years(self) -> Iterator["Year"]:
        """Give each year in order, whole."""
        self.close()
        for year in sorted(self._sizes):
            path = self.folder / f"{year}.spool"
            yield _gathered(year, path, self._sizes[year], self.layout, self.places)
            path.unlink()


@dataclass(frozen=True)
class Year:
    """One year as it stands: values and whether there is one, by measure, month of the year and area."""

    year: int
    values: NDArray[Any]  # measures × 12 × areas
    known: NDArray[np.bool_]  # the same; of a wide file the same for each measure


def _gathered(year: int, path: Path, sizes: list[int], layout: Layout, places: Places) -> Year:
    n, k = len(places), len(layout.measures)
    own = 1 if layout.is_long else k  # values of a row
    known = np.zeros((k if layout.is_long else 1) * 12 * n, np.bool_)
    values = np.zeros((own, len(known)), layout.dtype)
    found = 0
    with path.open("rb") as file:
        for size in sizes:
            keys = np.fromfile(file, np.int32, size)
            block = np.fromfile(file, layout.dtype, own * size).reshape(own, size)
            known[keys] = True
            now = int(np.count_nonzero(known))
            if now != found + size:
                raise PanelRefused([_twice(year, path, sizes, layout, places)])
            found = now
            for at in range(own):
                values[at][keys] = block[at]
    shape = (k, 12, n)
    return Year(
        year,
        values.reshape(shape),
        known.reshape(shape) if layout.is_long else np.broadcast_to(known.reshape(1, 12, n), shape),
    )


def _twice(year: int, path: Path, sizes: list[int], layout: Layout, places: Places) -> str:
    """Name the first area and month that stand there twice."""
    own, width, every = (1 if layout.is_long else len(layout.measures)), np.dtype(layout.dtype).itemsize, []
    with path.open("rb") as file:
        for size in sizes:
            every.append(np.fromfile(file, np.int32, size))
            file.seek(own * size * width, 1)
    keys, counts = np.unique(np.concatenate(every), return_counts=True)
    key, n = int(keys[counts > 1][0]), len(places)
    area, month = places.codes[key % n].as_py(), key // n % 12 + 1
    of = f" of {layout.measures[key // n // 12].key!r}" if layout.is_long else ""
    return f"area {area!r} has two rows{of} for {year}-{month:02d}: each area has one for a month"
