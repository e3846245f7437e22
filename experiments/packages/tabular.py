"""The estimates as a table, a row for each and for each of its terms: in CSV and in Parquet, the same numbers."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from centre.spreadsheets import export_cell
from experiments.packages.columns import ESTIMATES, Column, arrow_schema
from experiments.reader import write_parquet
from experiments.stats import tables

Row = Mapping[str, Any]


def estimate_rows(document: Mapping[str, Any], origin: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows with the columns of `ESTIMATES`: which promise each answers to, and what the document says."""
    for row in tables.estimate_rows(document):
        yield {**origin, **row}


def estimates_csv(rows: Sequence[Row]) -> bytes:
    """Return the estimates as CSV."""
    return as_csv(ESTIMATES, rows)


def estimates_parquet(rows: Sequence[Row]) -> bytes:
    """Return the estimates as Parquet; the term of an estimate itself is an empty text, as in the CSV file."""
    return as_parquet(ESTIMATES, [{**row, "term": row["term"] or ""} for row in rows])


def as_parquet(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """Return rows as Parquet, each column with its type."""
    values = {column.name: [_typed(column, row[column.name]) for row in rows] for column in columns}
    sink = io.BytesIO()
    write_parquet(pa.table(values, schema=arrow_schema(columns)), sink)
    return sink.getvalue()


def as_csv(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """Return rows as CSV: numbers in their shortest exact form, blanks where there is nothing, no formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [column.name for column in columns]
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return text.getvalue().encode()


def _typed(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type == "number":
        return float(value)
    return str(value) if column.type == "string" else value


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return export_cell(value) if isinstance(value, str) else value
