"""PURE: counts of areas and months from street files: counted, chosen from, and written in one canonical form."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from centre.hub.street import counting

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """`values[i, t]` is the count of unit i in month t; units in order of code, months as YYYY-MM in order."""

    measure: str
    units: tuple[str, ...]
    months: tuple[str, ...]
    values: IntArray

    def of(self, units: Sequence[str]) -> "Counts":
        """Return the rows of these units.

        Raises
        ------
        KeyError : a unit is not there; the argument is its code.
        """
        place = {code: at for at, code in enumerate(self.units)}
        kept = sorted(units)
        return replace(self, units=tuple(kept), values=self.values[[place[code] for code in kept]])

    def content(self) -> bytes:
        """Return the one way to write it: CSV with a row for each unit and month. Its SHA-256 is its identity."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("unit", "month", "count"))
        for unit, row in zip(self.units, self.values.tolist(), strict=True):
            writer.writerows((unit, month, count) for month, count in zip(self.months, row, strict=True))
        return text.getvalue().encode()

    @property
    def sha256(self) -> str:
        """Return the hash of the canonical form."""
        return hashlib.sha256(self.content()).hexdigest()


def count(tables: Iterable[tuple[str, pa.Table]], measure: str) -> Counts:
    """Count rows by area and month. An area that occurs in any month, for any crime, has a 0 where it has no row.

    Parameters
    ----------
    tables : the month and the table of each file, with the columns `LSOA code` and `Crime type`; several of a month
        are added.
    measure : the key of a measure that street files hold (`centre.hub.street.counting`).

    Raises
    ------
    ValueError : the measure is unknown.
    """
    if not counting.is_counted(measure):
        raise ValueError(f"{measure!r} is not counted in street files")
    wanted = pa.array(sorted(counting.labels()[measure]))
    found: dict[str, dict[str, int]] = {}
    seen: set[str] = set()
    for month, table in tables:
        of_month = found.setdefault(month, {})
        seen.update(code for code in pc.unique(table.column("LSOA code")).to_pylist() if code)
        counted = table.filter(pc.is_in(table.column("Crime type"), value_set=wanted))
        for pair in pc.value_counts(counted.column("LSOA code")).to_pylist():
            if pair["values"]:
                of_month[pair["values"]] = of_month.get(pair["values"], 0) + pair["counts"]
    units, months = tuple(sorted(seen)), tuple(sorted(found))
    values = np.array([[found[month].get(unit, 0) for month in months] for unit in units], dtype=np.int64)
    return Counts(measure, units, months, values.reshape(len(units), len(months)))


def chosen(counts: Counts, *, at_least: float = 0.0, most: int | None = None) -> Counts:
    """Return the units with this many counts a month or more, on average; of more than `most`, those with most.

    Of units with as many counts the first by code is taken: the rule alone decides, and another may repeat it.
    """
    totals = counts.values.sum(axis=1)
    enough = [at for at, total in enumerate(totals) if total >= at_least * len(counts.months)]
    if most is not None:
        enough = sorted(enough, key=lambda at: (-totals[at], counts.units[at]))[:most]
    return counts.of([counts.units[at] for at in enough])
