"""A dataset as a researcher may have it: pseudonyms for names, and no column that could name anybody. Pure.

A column goes out only where the register knows what it is. The order of the rows that came says nothing: they are
sorted by what goes out.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from centre.spreadsheets import export_cell
from experiments.disclosure import check_text
from experiments.pseudonyms import key_id, pseudonym


class Use(StrEnum):
    """What a column is to the register; the value says what becomes of it."""

    IDENTIFIER = "pseudonym"  # names a unit, or what units are drawn together or within
    PLACE = "left out"  # says where a unit is
    LABEL = "as registered"  # an arm, by the name that the protocol gives it
    WORDS = "as sent, each word shared by enough units"
    VALUE = "as sent"  # a number, a date, a period


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that does not go out, and why; no value of it is told."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Restricted:
    """The file, and what became of each column."""

    content: bytes
    n_rows: int
    given: dict[str, Use]
    left_out: tuple[LeftOut, ...]
    key_id: str
    fewest: int


def restricted(
    table: pa.Table, uses: Mapping[str, Use], *, unit: str | None, key: bytes, fewest: int
) -> Restricted:
    """Return the dataset as CSV, fit for one trial's grants.

    Parameters
    ----------
    table : the rows as they were kept.
    uses : what each column is; one that is not named is left out.
    unit : the column of units, by which `fewest` counts; None counts rows.
    key : of the trial's pseudonyms.
    fewest : units that must share a word for its column to go out.
    """
    units = table.column(unit) if unit in table.column_names else None
    left_out, given, columns = list[LeftOut](), dict[str, Use](), dict[str, pa.ChunkedArray | pa.Array]()
    for name in table.column_names:
        use, column = uses.get(name), table.column(name)
        if why := _why_not(name, use, column, units, fewest):
            left_out.append(LeftOut(name, why))
            continue
        assert use is not None  # noqa: S101  what the register does not know was left out
        given[name] = use
        columns[name] = _as_pseudonyms(column, key) if use is Use.IDENTIFIER else _safe(column)
    made = pa.table(columns)
    # Names first, so that a reader finds the rows of a unit together.
    order = sorted(given, key=lambda name: given[name] is not Use.IDENTIFIER)
    made = made.select(order).sort_by([(name, "ascending") for name in order]) if order else made
    sink = io.BytesIO()
    pyarrow.csv.write_csv(made.rename_columns([export_cell(name) for name in order]), sink)
    return Restricted(
        sink.getvalue(),
        table.num_rows,
        {name: given[name] for name in order},
        tuple(left_out),
        key_id(key),
        fewest,
    )


def _why_not(
    name: str, use: Use | None, column: pa.ChunkedArray, units: pa.ChunkedArray | None, fewest: int
) -> str:
    """Return why a column does not go out; empty where it does."""
    if use is None:
        return "The register does not say what it holds."
    if use is Use.PLACE:
        return "It says where a unit is."
    if check_text(name, where=name):
        return "Its name looks like personal data."
    if use is Use.IDENTIFIER or not _is_text(column):
        return ""
    if any(check_text(value, where=name) for value in _words(column)):
        return "Something in it looks like personal data."
    if use is Use.WORDS and min(_shared(column, units), default=fewest) < fewest:
        return f"It has words that fewer than {fewest} units share."
    return ""


def _is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _words(column: pa.ChunkedArray) -> Iterator[str]:
    return (value for value in pc.unique(column).to_pylist() if value is not None)


def _shared(column: pa.ChunkedArray, units: pa.ChunkedArray | None) -> list[int]:
    """Return how many units have each word."""
    if units is None:
        counted = pc.value_counts(column.drop_null())
        return [int(one["counts"]) for one in counted.to_pylist()]
    pairs = pa.table({"word": column, "unit": units}).group_by(["word", "unit"]).aggregate([])
    found = pairs.group_by("word").aggregate([([], "count_all")])
    return [int(one["count_all"]) for one in found.to_pylist() if one["word"] is not None]


def _as_pseudonyms(column: pa.ChunkedArray, key: bytes) -> pa.ChunkedArray:
    return _each(column.cast(pa.string()), lambda value: pseudonym(key, value))


def _safe(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column with no cell of text that a spreadsheet would run."""
    return _each(column, export_cell) if _is_text(column) else column


def _each(column: pa.ChunkedArray, change: Callable[[str], str]) -> pa.ChunkedArray:
    """Change each distinct text once: a panel has many rows and few units."""
    distinct = pc.unique(column)
    changed = [None if value is None else change(value) for value in distinct.to_pylist()]
    return pa.array(changed, pa.string()).take(pc.index_in(column, value_set=distinct))
