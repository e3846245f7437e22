"""One street file as a table of columns: read strictly, every fault with its line."""

import io
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from centre.hub.street.labels import COLUMNS

SHOWN = 20
_MARK = b"\xef\xbb\xbf"


class FileRefused(ValueError):
    """The file is not what its name says; each problem is one line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems[:SHOWN]


@dataclass(frozen=True, slots=True)
class Street:
    """A file's columns as text, but for coordinates, which are numbers or missing. Row 0 is line 2 of the file."""

    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a column by the name that the file gives it."""
        return self.table.column(name)


def read(content: bytes, *, month: str, names: frozenset[str] = frozenset()) -> Street:
    """Read a street file of one month.

    Parameters
    ----------
    content : the bytes of the file.
    month : YYYY-MM, that every row must have.
    names : what the force is called; every row must be reported by one of them. Empty: any one name.

    Raises
    ------
    FileRefused : no such file, cut off, with columns shifted, of another month or of another force.
    """
    lines = _text(content)
    table = _table(lines)
    if not table.num_rows:
        raise FileRefused(["the file has a header and no rows: leave it out where nothing was published"])
    _one_month(table, month)
    _one_force(table, names)
    return Street(_with_numbers(table))


def _text(content: bytes) -> bytes:
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
    if tuple(name.strip('"') for name in header) != COLUMNS:
        raise FileRefused([_about_header([name.strip('"') for name in header])])
    if not content.endswith(b"\n"):
        last = content.rsplit(b"\n", 1)[-1]
        if last.count(b",") < len(COLUMNS) - 1:
            raise FileRefused(
                [f"line {content.count(bytes([10])) + 1}: the file is cut off here: send it again"]
            )
    return content


def _about_header(found: list[str]) -> str:
    missing = [name for name in COLUMNS if name not in found]
    unknown = [name for name in found if name not in COLUMNS]
    if missing or unknown:
        said = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"unknown: {', '.join(unknown)}"] * bool(
            unknown
        )
        return f"line 1: these are not the columns of a street file ({'; '.join(said)})"
    return f"line 1: the columns must stand in the order {', '.join(COLUMNS)}"


def _table(content: bytes) -> pa.Table:
    wrong: list[str] = []

    def skip(row: Any) -> str:
        if len(wrong) < SHOWN:
            wrong.append(f"line {row.number}: {row.actual_columns} fields; a street file has {len(COLUMNS)}")
        return "skip"

    try:
        table = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(use_threads=False, block_size=8 << 20),
            parse_options=csv.ParseOptions(invalid_row_handler=skip),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as fault:
        raise FileRefused([f"cannot be read as CSV: {fault}"]) from fault
    if wrong:
        raise FileRefused(wrong)
    return table


def _one_month(table: pa.Table, month: str) -> None:
    other = pc.not_equal(table.column("Month"), month)
    problems = [
        f"line {at + 2}: Month is {table.column('Month')[at].as_py()!r}; the file is of {month}"
        for at in places(other)
    ]
    if problems:
        raise FileRefused(problems)


def _one_force(table: pa.Table, names: frozenset[str]) -> None:
    found = sorted(name.as_py() for name in pc.unique(table.column("Reported by")))
    if names and not set(found) <= names:
        other = sorted(set(found) - names)[0]
        at = places(pc.equal(table.column("Reported by"), other))[0]
        raise FileRefused([f"line {at + 2}: reported by {other!r}; the file is of {sorted(names)[0]}"])
    if len(found) > 1:
        raise FileRefused([f"reported by more than one force: {', '.join(found[:3])}"])


def _with_numbers(table: pa.Table) -> pa.Table:
    problems: list[str] = []
    for name in ("Longitude", "Latitude"):
        text = table.column(name)
        filled = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
        plain = pc.fill_null(pc.match_substring_regex(filled, r"^-?\d{1,3}(\.\d{1,12})?$"), True)
        problems += [
            f"line {at + 2}, column {name}: expected degrees such as 51.240000, not {text[at].as_py()[:40]!r}"
            for at in places(pc.invert(plain))
        ]
        if problems:
            raise FileRefused(problems)
        table = table.set_column(table.schema.get_field_index(name), name, pc.cast(filled, pa.float64()))
    return table


def places(mask: pa.ChunkedArray, most: int = SHOWN) -> list[int]:
    """Return the first rows for which something holds."""
    found: list[int] = pc.indices_nonzero(mask).slice(0, most).to_pylist()
    return found
