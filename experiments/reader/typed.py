"""Columns of text become columns of their declared kind, value by distinct value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from experiments.reader.dates import dates, periods
from experiments.reader.numbers import Faults, Typed, binary, integer, number
from experiments.reader.problems import SHOWN, Problem, Problems
from experiments.reader.schema import ColumnSpec, Kind


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text column as its distinct values, in order of first appearance, and a code for every row."""

    values: pa.Array
    codes: NDArray[np.int32]

    @property
    def blank(self) -> NDArray[np.bool_]:
        """Which rows are blank."""
        return np.asarray(self._is_blank()[self.codes], dtype=bool)

    def _is_blank(self) -> NDArray[np.bool_]:
        return np.asarray(pc.equal(self.values, "").to_numpy(zero_copy_only=False), dtype=bool)

    @property
    def n_blank(self) -> int:
        return int(np.count_nonzero(self.blank)) if self._is_blank().any() else 0


@dataclass(frozen=True, slots=True)
class Places:
    """Where the rows of a table stood in the file: lines of a CSV, rows of a Parquet file."""

    lines: NDArray[np.int64] | None
    header_lines: int = 1

    @property
    def word(self) -> str:
        return "line" if self.header_lines else "row"

    def line(self, row: int) -> int:
        return row + 1 + self.header_lines if self.lines is None else int(self.lines[row])

    def where(self, row: int) -> str:
        """Name the place as it stands in a sentence: "line 8"."""
        return f"{self.word} {self.line(row)}"


def encode(column: pa.ChunkedArray) -> Encoded:
    """Distinct values and codes of a column of text. Missing values (Parquet has them) are blank."""
    if column.null_count:
        column = pc.fill_null(column, "")
    if column.length() == 0:
        return Encoded(pa.array([], pa.string()), np.array([], np.int32))
    encoded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks)
    return Encoded(encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False))


def text(values: pa.Array, spec: ColumnSpec) -> tuple[pa.Array, Faults]:
    """Distinct values of a ``text`` column: kept as written, blank is missing."""
    faults: Faults = {}
    if spec.choices is not None:
        allowed = pc.is_in(values, pa.array([*spec.choices, ""], pa.string()))
        message = f"Must be one of {', '.join(sorted(spec.choices))}"
        faults = {int(i): message for i in np.flatnonzero(~allowed.to_numpy(zero_copy_only=False))}
    return pc.if_else(pc.not_equal(values, ""), values, None), faults


KINDS: dict[Kind, Typed] = {
    "text": text,
    "integer": integer,
    "count": integer,
    "number": number,
    "binary": binary,
    "date": dates,
    "period": periods,
    "first_treated": periods,
}


def typed(column: Encoded, spec: ColumnSpec, places: Places, problems: Problems) -> pa.Array:
    """Put a column into its declared kind; what is at fault is a problem, and missing in the result."""
    values, faults = KINDS[spec.kind](column.values, spec)
    if faults:
        at_fault = np.zeros(len(column.values), bool)
        at_fault[list(faults)] = True
        _report(
            at_fault[column.codes], spec.name, places, problems, lambda row: faults[int(column.codes[row])]
        )
    if spec.required and column.n_blank:
        _report(column.blank, spec.name, places, problems, lambda _: "A value is missing")
    return values.take(pa.array(column.codes))


def _report(
    rows: NDArray[np.bool_],
    name: str,
    places: Places,
    problems: Problems,
    message: Callable[[int], str],
) -> None:
    wrong = np.flatnonzero(rows)
    shown = [
        Problem(places.line(row), name, message(row).replace("{where}", places.where(row)))
        for row in map(int, wrong[:SHOWN])
    ]
    problems.extend(shown, len(wrong))
