"""What came of reading a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from experiments.reader.panel import MissingPeriods
from experiments.reader.schema import Kind
from experiments.reader.source import Format


@dataclass(frozen=True, slots=True)
class Report:
    """What was read.

    Attributes
    ----------
    format, sha256, n_bytes : of the file as received.
    n_rows : data rows.
    columns : kind of each column kept, in the order of the file.
    ignored : columns of the file that were not declared, and so not kept.
    blank : blank values in each column kept that has any.
    missing_periods : pairs of unit and period without a row, where the file is a panel.
    """

    format: Format
    sha256: str
    n_bytes: int
    n_rows: int
    columns: dict[str, Kind]
    ignored: tuple[str, ...]
    blank: dict[str, int]
    missing_periods: MissingPeriods | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        missing = self.missing_periods
        return {
            "format": self.format,
            "sha256": self.sha256,
            "n_bytes": self.n_bytes,
            "n_rows": self.n_rows,
            "columns": [{"name": name, "kind": kind} for name, kind in self.columns.items()],
            "ignored": list(self.ignored),
            "blank": self.blank,
            "missing_periods": missing
            and {
                "count": missing.count,
                "expected": missing.expected,
                "message": missing.message,
                "examples": [list(pair) for pair in missing.examples],
            },
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """A table of typed columns, in the order of the file, and the report on it."""

    table: pa.Table
    report: Report
