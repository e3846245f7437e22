"""Lists as CSV: RFC 4180, UTF-8, the header on the first page only, and no cell that a spreadsheet runs."""

import csv
import datetime as dt
import io
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rest_framework.renderers import BaseRenderer

from centre.spreadsheets import export_cell


def moment(value: dt.datetime) -> str:
    """Return a time as the API writes it: UTC, to the microsecond, so that all are of one length."""
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def cell(value: object) -> str | int | float:
    """Return one value as a cell. Only text is quoted, so negative numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date | uuid.UUID):
        return str(value)
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    )
    return export_cell(text)


def line(values: Iterable[object]) -> bytes:
    """Return one line of a file, its end a line feed, as PostgreSQL writes it."""
    out = io.StringIO()
    # With this end of line the writer quotes a lone carriage return too, as PostgreSQL does.
    csv.writer(out, lineterminator="\r\n").writerow([cell(value) for value in values])
    return out.getvalue().removesuffix("\r\n").encode() + b"\n"


def write(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, header: bool) -> bytes:
    """Return rows as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    return out.getvalue().encode()


class CsvRenderer(BaseRenderer):
    """A page of a list as CSV. The columns come from the view, so that an empty page has its header too."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the page."""
        view = (renderer_context or {})["view"]
        return write(view.columns(), data["results"], header=view.page.is_first)
