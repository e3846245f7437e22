"""Read a file: bytes, structure, header, columns, keys; and either the whole table or every problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from experiments.reader import parquet
from experiments.reader.panel import MissingPeriods, check_panel
from experiments.reader.personal import header_problem, value_problem
from experiments.reader.problems import Problem, Problems
from experiments.reader.report import Reading, Report
from experiments.reader.schema import COMMAND_LINE, UPLOAD, ColumnSpec, Kind, Limits, Panel
from experiments.reader.source import Source, load
from experiments.reader.structure import structure
from experiments.reader.typed import Encoded, Places, encode, typed

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class _Text:
    """A file of sound structure: its header, a way to its columns of text, and the places of its rows."""

    source: Source
    header: list[str]
    n_rows: int
    places: Places
    columns: Callable[[list[str]], dict[str, pa.ChunkedArray]]


def read_upload(
    source: bytes | Path | BinaryIO,
    schema: Sequence[ColumnSpec],
    *,
    panel: Panel | None = None,
    limits: Limits = UPLOAD,
    gzipped_allowed: bool = False,
    progress: Progress | None = None,
) -> Reading:
    """Read a file that somebody hands in, against the columns that the protocol declares.

    Columns that are not declared are not kept, and named in the report; all columns are searched for personal
    data, because the file itself may be kept.

    Raises
    ------
    FileRefused : with the first hundred problems and their total number.
    """
    tell = progress or _silent
    text = _open(source, limits, gzipped_allowed, tell)
    problems = Problems()
    _check_header(text.header, schema, problems)
    for name in text.header:
        if found := header_problem(name):
            problems.add(found)
    problems.raise_if_any()
    tell(0.3, "Reading the columns")
    declared = {spec.name: spec for spec in schema}
    texts = text.columns(text.header)
    encoded: dict[str, Encoded] = {}
    arrays: dict[str, pa.Array] = {}
    for done, name in enumerate(text.header):
        tell(0.4 + 0.5 * done / len(text.header), f"Checking column '{name}'")
        column = _encode(name, texts.pop(name), limits, text.places, problems)
        spec = declared.get(name)
        if (spec is None or spec.kind == "text") and (found := value_problem(name, column.values)):
            problems.add(found)
        if spec is not None:
            encoded[name] = column
            arrays[name] = typed(column, spec, text.places, problems)
    tell(0.9, "Checking the keys")
    missing = check_panel(encoded, panel, text.places, problems) if panel else None
    problems.raise_if_any()
    tell(1.0, "Read")
    return _reading(text, arrays, declared, encoded, missing)


def read_for_analysis(
    source: bytes | Path | BinaryIO,
    columns: Mapping[str, Kind],
    *,
    limits: Limits = COMMAND_LINE,
    progress: Progress | None = None,
) -> Reading:
    """Read the columns that an analysis plan names, from CSV (gzip allowed) or Parquet.

    As strict about structure as an upload; of the columns only those named are looked at. Missing values are
    blank. CSV or Parquet is told from the first bytes.

    Parameters
    ----------
    columns : kind of each column the plan names: ``text``, ``number``, ``period``, ``first_treated``, ...

    Raises
    ------
    FileRefused : with the first hundred problems and their total number.
    """
    tell = progress or _silent
    text = _open(source, limits, True, tell)
    problems = Problems()
    declared = {name: ColumnSpec(name, kind, required=False) for name, kind in columns.items()}
    _check_header([name for name in text.header if name], list(declared.values()), problems)
    problems.raise_if_any()
    tell(0.4, "Reading the columns")
    names = [name for name in text.header if name in declared]
    texts = text.columns(names)
    encoded = {name: _encode(name, texts.pop(name), limits, text.places, problems) for name in names}
    arrays = {name: typed(encoded[name], declared[name], text.places, problems) for name in names}
    problems.raise_if_any()
    tell(1.0, "Read")
    return _reading(text, arrays, declared, encoded, None)


def _silent(_fraction: float, _message: str) -> None:
    return None


def _open(source: bytes | Path | BinaryIO, limits: Limits, gzipped_allowed: bool, tell: Progress) -> _Text:
    tell(0.0, "Reading the file")
    loaded = load(source, limits, gzipped_allowed=gzipped_allowed)
    tell(0.1, "Checking the lines")
    if loaded.format == "parquet":
        names, n_rows = parquet.header(loaded.content, limits)
        return _Text(
            loaded,
            names,
            n_rows,
            Places(None, 0),
            lambda want: parquet.read_text(loaded.content, want, limits),
        )
    found = structure(loaded.content, limits)
    body = pa.py_buffer(loaded.content).slice(found.body_start, found.body_end - found.body_start)

    def columns(names: list[str]) -> dict[str, pa.ChunkedArray]:
        return _csv_columns(body, found.header, names, found.n_rows, found.longest)

    return _Text(loaded, found.header, found.n_rows, Places(found.lines), columns)


def _csv_columns(
    body: pa.Buffer, header: list[str], names: list[str], n_rows: int, longest: int
) -> dict[str, pa.ChunkedArray]:
    """Parse the columns as text. The header was read already; positions stand for names here."""
    wanted = {str(header.index(name)): name for name in names}
    positions = [str(i) for i in range(len(header))]
    table = pa.csv.read_csv(
        pa.BufferReader(body),
        read_options=pa.csv.ReadOptions(column_names=positions, block_size=max(1 << 22, 2 * longest)),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(positions, pa.string()),
            strings_can_be_null=False,
            include_columns=list(wanted),
        ),
    )
    if table.num_rows != n_rows:
        raise AssertionError(f"the structural pass found {n_rows} rows, the parser {table.num_rows}")
    return {name: table.column(position) for position, name in wanted.items()}


def _check_header(header: Sequence[str], schema: Sequence[ColumnSpec], problems: Problems) -> None:
    for position, name in enumerate(header, start=1):
        if not name.strip():
            problems.add(Problem(1, None, f"Column {position} has no name"))
        elif header.index(name) != position - 1:
            problems.add(Problem(1, name, f"Column '{name}' appears twice"))
    missing = [spec.name for spec in schema if not spec.optional and spec.name not in header]
    found = ", ".join(header[:20]) + (", …" if len(header) > 20 else "")
    hint = ""
    if len(header) == 1 and (mark := next((m for m in ";\t|" if m in header[0]), None)):
        hint = f". Separate values with commas, not {({';': 'semicolons', '|': 'bars'}).get(mark, 'tabs')}"
    for name in missing:
        problems.add(Problem(1, name, f"Column '{name}' is missing; found {found}{hint}"))


def _encode(
    name: str, column: pa.ChunkedArray, limits: Limits, places: Places, problems: Problems
) -> Encoded:
    encoded = encode(column)
    lengths = pc.binary_length(encoded.values)
    if len(encoded.values) and pc.max(lengths).as_py() > limits.cell:
        row = int((encoded.codes == pc.index(lengths, pc.max(lengths)).as_py()).argmax())
        message = f"A value is longer than {limits.cell:,} characters ({places.where(row)})"
        problems.add(Problem(places.line(row), name, message))
    return encoded


def _reading(
    text: _Text,
    arrays: dict[str, pa.Array],
    declared: Mapping[str, ColumnSpec],
    encoded: Mapping[str, Encoded],
    missing: MissingPeriods | None,
) -> Reading:
    blank = {name: column.n_blank for name, column in encoded.items() if column.n_blank}
    report = Report(
        format=text.source.format,
        sha256=text.source.sha256,
        n_bytes=text.source.n_bytes,
        n_rows=text.n_rows,
        columns={name: declared[name].kind for name in arrays},
        ignored=tuple(name for name in text.header if name not in arrays),
        blank=blank,
        missing_periods=missing,
    )
    return Reading(pa.table(arrays), report)
