"""The panel file: its units with their treatment starts, and the columns that the plan names."""

import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from experiments import reader
from experiments.stats.labels import label
from experiments.stats.plan import Plan
from experiments.unit_list import UnitLine

_KINDS: dict[str, reader.Kind] = {"outcome": "number", "weight": "number", "exposure": "number"}


@dataclass(frozen=True, slots=True)
class PanelFile:
    """What was read."""

    table: pa.Table
    plan: Plan

    @property
    def n_rows(self) -> int:
        return int(self.table.num_rows)

    def units(self) -> list[UnitLine]:
        """Return every unit with the period in which its treatment starts."""
        unit, first = self.plan.columns.unit or "", self.plan.columns.first_treated or ""
        pairs = self.table.select([unit, first]).group_by([unit, first]).aggregate([])
        names, starts = pairs.column(unit).to_pylist(), pairs.column(first).to_pylist()
        return [UnitLine(label(name), start=label(start)) for name, start in zip(names, starts, strict=True)]

    def upload(self) -> bytes:
        """Return the columns of the plan as the CSV file that a force would send."""
        sink = io.BytesIO()
        options = pa.csv.WriteOptions(quoting_style="needed")
        pa.csv.write_csv(self.table, sink, options)
        return sink.getvalue()


def read(path: Path, plan: Plan) -> PanelFile:
    """Read the panel (CSV, gzip allowed, or Parquet); columns that the plan does not name are left out.

    Raises
    ------
    FileRefused : with every problem by line and column.
    """
    kinds = {name: _KINDS.get(part, "text") for name, part in plan.roles().items()}
    return PanelFile(reader.read_for_analysis(path, kinds).table, plan)
