"""PURE: one monthly file as a table of columns: read strictly, every fault with its line."""

import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

SHOWN = 20
_MARK = b"\xef\xbb\xbf"


class FileRefused(ValueError):
    """The file is not what its name says; each problem is one line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems[:SHOWN]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind of file, in their order, and what such a file is called."""

    called: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A file's columns as text, but for coordinates, which are numbers or missing. Row 0 is line 2 of the file."""

    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a column by the name that the file gives it."""
        return self.table.column(name)


def table_of(content: bytes, layout: Layout) -> pa.Table:
    """Return a file's columns as text.

    Raises
    ------
    FileRefused : empty, no text, cut off, or with other columns than the layout's.
    """
    table = _table(_text(content, layout), layout)
    if not table.num_rows:
        raise FileRefused(["the file has a header and no rows: leave it out where nothing was published"])
    return table


def of_one_month(table: pa.Table, month: str) -> None:
    """Refuse a file with a row of another month."""
    other = pc.not_equal(table.column("Month"), month)
    problems = [
        f"line {at + 2}: Month is {table.column('Month')[at].as_py()!r}; the file is of {month}"
        for at in places(other)
    ]
    if problems:
        raise FileRefused(problems)


def of_one_force(table: pa.Table, names: frozenset[str]) -> None:
    """Refuse a file with a row of another force; without names, of more than one."""
    found = sorted(name.as_py() for name in pc.unique(table.column("Reported by")))
    if names and not set(found) <= names:
        other = sorted(set(found) - names)[0]
        at = places(pc.equal(table.column("Reported by"), other))[0]
        raise FileRefused([f"line {at + 2}: reported by {other!r}; the file is of {sorted(names)[0]}"])
    if len(found) > 1:
        raise FileRefused([f"reported by more than one force: {', '.join(found[:3])}"])


def with_coordinates(table: pa.Table) -> pa.Table:
    """Return the table with its coordinates as numbers, missing where the file has none; refuse any other text."""
    for name in ("Longitude", "Latitude"):
        text = table.column(name)
        filled = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
        other = pc.fill_null(unlike(filled, r"-?\d{1,3}(\.\d{1,12})?"), False)
        refuse(other, text, name, "degrees such as 51.240000")
        table = table.set_column(table.schema.get_field_index(name), name, pc.cast(filled, pa.float64()))
    return table


def of_values(table: pa.Table, name: str, values: Collection[str]) -> None:
    """Refuse a file with a row whose column holds none of these values."""
    text = table.column(name)
    known = pc.is_in(text, value_set=pa.array(list(values), pa.string()))
    refuse(pc.invert(known), text, name, " or ".join(value or "nothing" for value in values))


def refuse(mask: pa.ChunkedArray, text: pa.ChunkedArray, name: str, expected: str) -> None:
    """Refuse a file for the rows that a mask marks, with what was expected there."""
    problems = [
        f"line {at + 2}, column {name}: expected {expected}, not {text[at].as_py()[:40]!r}"
        for at in places(mask)
    ]
    if problems:
        raise FileRefused(problems)


def unlike(text: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    """Return what marks the rows whose text has another form."""
    return pc.invert(pc.match_substring_regex(text, f"^{pattern}$"))


def places(mask: pa.ChunkedArray, most: int = SHOWN) -> list[int]:
    """Return the first rows for which something holds."""
    found: list[int] = pc.indices_nonzero(mask).slice(0, most).to_pylist()
    return found


def total(mask: pa.ChunkedArray) -> int:
    """Return how many rows something holds for."""
    return int(pc.sum(mask).as_py() or 0)


def counts(column: pa.ChunkedArray) -> dict[str, int]:
    """Return how often each value occurs, in the order of the values."""
    pairs = ((row["values"], row["counts"]) for row in pc.value_counts(column).to_pylist())
    return dict(sorted(pairs))


def _text(content: bytes, layout: Layout) -> bytes:
    content = content.removeprefix(_MARK)
    if not content.strip():
        raise FileRefused(["the file is empty"])
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise FileRefused([f"line {line}: not UTF-8 text"]) from fault
    if (at := content.find(b"\x00")) >= 0:
        raise FileRefused([f"line {content.count(bytes([10]), 0, at) + 1}: holds a NUL character"])
    header = content.split(b"\n", 1)[0].decode("utf-8").rstrip("\r").split(",")
    if tuple(name.strip('"') for name in header) != layout.columns:
        raise FileRefused([_about_header([name.strip('"') for name in header], layout)])
    if not content.endswith(b"\n"):
        last = content.rsplit(b"\n", 1)[-1]
        if last.count(b",") < len(layout.columns) - 1:
            raise FileRefused(
                [f"line {content.count(bytes([10])) + 1}: the file is cut off here: send it again"]
            )
    return content


def _about_header(found: list[str], layout: Layout) -> str:
    missing = [name for name in layout.columns if name not in found]
    unknown = [name for name in found if name not in layout.columns]
    if missing or unknown:
        said = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"unknown: {', '.join(unknown)}"] * bool(
            unknown
        )
        return f"line 1: these are not the columns of {layout.called} ({'; '.join(said)})"
    return f"line 1: the columns must stand in the order {', '.join(layout.columns)}"


def _table(content: bytes, layout: Layout) -> pa.Table:
    wrong: list[str] = []

    def skip(row: Any) -> str:
        if len(wrong) < SHOWN:
            wrong.append(
                f"line {row.number}: {row.actual_columns} fields; {layout.called} has {len(layout.columns)}"
            )
        return "skip"

    try:
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(use_threads=False, block_size=8 << 20),
            parse_options=csv.ParseOptions(invalid_row_handler=skip),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(layout.columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as fault:
        raise FileRefused([f"cannot be read as CSV: {fault}"]) from fault
    if wrong:
        raise FileRefused(wrong)
    return table
