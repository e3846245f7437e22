"""The data as columns: text factorised, numbers as float64, each column read once, if asked for.

Takes a pandas DataFrame or a pyarrow Table, typed or all text. Row numbers in messages count from 1
without a header, so a caller that knows lines adds its own offset through ``first_line`` (2 for a CSV
file with one header line).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from experiments.stats.errors import BadData, Problem
from experiments.stats.labels import label

# What a number looks like in text: no thousands, no per cent, no words. Never "nan" or "inf".
NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"

MOST_PERIODS = 10_000  # a column is looked at for repeating in rounds no longer than this
SPARSE = 4  # whole numbers spread no wider than this many times the rows are coded by table

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of labels: ``codes`` (n,) index into ``names``, sorted in code-point order; -1 is missing."""

    codes: IntArray
    names: tuple[str, ...]


class Frame:
    """Columns of one table, converted on first use and kept for the next estimate."""

    def __init__(self, data: "pd.DataFrame | pa.Table", *, first_line: int = 1) -> None:
        self._data = data
        self._first_line = first_line
        self._names = [
            str(name) for name in (data.column_names if isinstance(data, pa.Table) else data.columns)
        ]
        self.n_rows: int = data.num_rows if isinstance(data, pa.Table) else len(data)
        self._arrow: dict[str, pa.Array] = {}
        self._coded: dict[str, Coded] = {}
        self._numbers: dict[str, FloatArray] = {}
        self._complete: set[str] = set()

    def require(self, names: Iterable[str]) -> None:
        """Refuse the data unless each named column is there exactly once.

        Raises
        ------
        BadData : naming every column that is missing or doubled, and those found.
        """
        problems = []
        for name in names:
            if name not in self._names:
                found = ", ".join(self._names[:20]) + (", …" if len(self._names) > 20 else "")
                problems.append(Problem(f"column '{name}'", f"Column '{name}' is missing; found {found}"))
            elif self._names.count(name) > 1:
                problems.append(Problem(f"column '{name}'", f"Column '{name}' appears twice"))
        if problems:
            raise BadData(problems)
        if self.n_rows == 0:
            raise BadData([Problem("data", "No data rows")])

    def place(self, row: int, name: str) -> str:
        """Where a value stands, in words: its line and column."""
        return f"line {row + self._first_line}, column '{name}'"

    def refuse(self, rows: IntArray, name: str, message: str) -> BadData:
        """The refusal of some rows of a column: the first is named, the rest counted."""
        first = int(rows.min())
        more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
        return BadData([Problem(self.place(first, name), message + more)])

    def coded(self, name: str) -> Coded:
        """A column as labels; empty text and nulls are missing."""
        if name not in self._coded:
            plain = self._plain(name)
            whole = None if plain is None else _factorise_whole(plain)
            self._coded[name] = whole or _factorise(self._column(name))
        return self._coded[name]

    def numbers(self, name: str) -> FloatArray:
        """A column as float64, NaN where it is missing.

        Raises
        ------
        BadData : a value that is not a finite number, at its line and column.
        """
        if name not in self._numbers:
            self._numbers[name] = self._finite(self._read_numbers(name), name)
        return self._numbers[name]

    def missing(self, name: str) -> NDArray[np.bool_] | None:
        """The rows in which a column of numbers is missing; None where there are none."""
        values = self.numbers(name)
        return None if name in self._complete else np.isnan(values)

    def _finite(self, values: FloatArray, name: str) -> FloatArray:
        """The numbers, none of them infinite."""
        if np.isfinite(values).all():
            self._complete.add(name)
        elif np.isinf(values).any():
            raise self.refuse(np.flatnonzero(np.isinf(values)), name, "Not a finite number")
        return values

    def _plain(self, name: str) -> NDArray[Any] | None:
        """A column that NumPy holds as numbers already, without a copy; None for every other."""
        if isinstance(self._data, pa.Table):
            return None
        series = self._data[name]
        if not isinstance(series.dtype, np.dtype) or series.dtype.kind not in "fiub":
            return None
        return np.asarray(series.to_numpy())

    def is_text(self, name: str) -> bool:
        """Whether a column holds text that is not all numbers."""
        if self._plain(name) is not None:
            return False
        column = self._column(name)
        if not _is_texts(column.type):
            return not _is_numeric(column.type)
        return not _all_numbers(pc.unique(column))

    def _column(self, name: str) -> pa.Array:
        if name not in self._arrow:
            column = (
                self._data.column(name)
                if isinstance(self._data, pa.Table)
                else _from_pandas(self._data[name])
            )
            if isinstance(column, pa.ChunkedArray):
                column = column.combine_chunks()
            if pa.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            self._arrow[name] = column
        return self._arrow[name]

    def _read_numbers(self, name: str) -> FloatArray:
        plain = self._plain(name)
        if plain is not None:
            return plain.astype(np.float64, copy=False)
        column = self._column(name)
        if _is_texts(column.type):
            column = self._parse(column, name)
        elif not _is_numeric(column.type):
            rows = np.flatnonzero(np.asarray(pc.is_valid(column)))
            if len(rows):
                raise self.refuse(rows, name, "Not a number")
        column = column.cast(pa.float64(), safe=False)
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)

    def _parse(self, column: pa.Array, name: str) -> pa.Array:
        """Text as numbers, refusing everything that only looks like one to a lenient reader."""
        trimmed = pc.utf8_trim_whitespace(column)
        empty = pc.equal(trimmed, "")
        good = pc.fill_null(pc.or_(pc.match_substring_regex(trimmed, NUMBER), empty), True)
        if not pc.all(good, min_count=0).as_py():
            raise self.refuse(np.flatnonzero(~np.asarray(good)), name, "Not a number")
        return pc.if_else(empty, pa.scalar(None, trimmed.type), trimmed)


def _from_pandas(series: "pd.Series[Any]") -> pa.Array | pa.ChunkedArray:
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A column of mixed types, such as numbers and "never": read as the text of each value.
        return pa.array([label(value) for value in series.tolist()], pa.string())


def _is_texts(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_numeric(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_null(kind)
    ) or bool(types.is_decimal(kind))


def _all_numbers(values: pa.Array) -> bool:
    trimmed = pc.utf8_trim_whitespace(values)
    good = pc.or_(pc.match_substring_regex(trimmed, NUMBER), pc.equal(trimmed, ""))
    return bool(pc.all(pc.fill_null(good, True), min_count=0).as_py())


def _factorise(column: pa.Array) -> Coded:
    """Codes into the sorted labels; equal labels of different values (1 and 1.0) share a code."""
    if pa.types.is_integer(column.type) and not column.null_count:
        whole = _factorise_whole(np.asarray(column.to_numpy(zero_copy_only=False)))
        if whole is not None:
            return whole
    encoded = column.dictionary_encode()
    texts = np.array([label(value).strip() for value in encoded.dictionary.to_pylist()], dtype=object)
    names = sorted(set(texts) - {""})
    rank = {name: position for position, name in enumerate(names)}
    recode = np.array([rank.get(text, -1) for text in texts] + [-1], dtype=np.int64)
    raw = np.asarray(encoded.indices.fill_null(len(texts)), dtype=np.int64)
    return Coded(recode[raw], tuple(names))


def _factorise_whole(values: NDArray[Any]) -> Coded | None:
    """Codes of whole numbers that lie close together; None for other numbers.

    Where they come in runs, as the units of a sorted panel do, only the first of each run is looked at; where they
    come again and again in one order, as its periods do, only the first time.
    """
    if values.dtype.kind not in "iu" or not len(values):
        return None
    rounds = _rounds(values)
    if rounds > 1:
        once = _factorise_whole(values[: len(values) // rounds])
        return once and Coded(np.tile(once.codes, rounds), once.names)
    starts = np.flatnonzero(values[1:] != values[:-1]) + 1
    is_in_runs = 2 * len(starts) < len(values)
    heads = values[np.r_[0, starts]] if is_in_runs else values
    low, high = int(heads.min()), int(heads.max())
    if high - low > SPARSE * len(values) + 1_000:
        return None
    coded = _factorise_integers(heads, low, high)
    if not is_in_runs:
        return coded
    return Coded(np.repeat(coded.codes, np.diff(np.r_[0, starts, len(values)])), coded.names)


def _rounds(values: NDArray[Any]) -> int:
    """How often the numbers up to the second coming of the first are repeated; 1 where anything else is between."""
    again = np.flatnonzero(values[1 : MOST_PERIODS + 1] == values[0])
    length = int(again[0]) + 1 if len(again) else len(values)
    if length == 1 or len(values) % length:
        return 1
    rounds = values.reshape(-1, length)
    # The cheap look at the second round spares most others the whole.
    if len(rounds) == 1 or (rounds[1] != rounds[0]).any() or (rounds != rounds[0]).any():
        return 1
    return len(rounds)


def _factorise_integers(values: NDArray[np.integer[Any]], low: int, high: int) -> Coded:
    """Codes of whole numbers that lie close together, by their place in a table of all that could be."""
    seen = np.zeros(high - low + 1, dtype=bool)
    place = np.subtract(values, low, dtype=np.int64) if low else values.astype(np.int64, copy=False)
    seen[place] = True
    found = np.flatnonzero(seen)
    texts = [str(value + low) for value in found.tolist()]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    table = np.empty(len(seen), dtype=np.int64)
    table[found[order]] = np.arange(len(order))
    return Coded(table[place], tuple(texts[number] for number in order))
