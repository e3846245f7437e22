"""Run an analysis plan on a file: one JSON document on standard output, and nothing else there.

Needs no database. Exit 0: every estimate was made; 3: at least one is not estimable; 2: plan or data
refused, with the problems on standard error, one a line.
"""

import csv
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

# The same bytes everywhere need the same number of BLAS threads; only works before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from django.core.management.base import BaseCommand

from centre.spreadsheets import export_cell
from experiments.reader import FileRefused, Reading, read_for_analysis
from experiments.reader.schema import Kind
from experiments.stats import engine, plan, strict_json, tables
from experiments.stats.errors import BadData, BadPlan
from experiments.stats.figures import figures
from experiments.stats.plan import Plan
from experiments.stats.results import Result

REFUSED = 2
NOT_ESTIMABLE = 3
KINDS: dict[str, Kind] = {
    "outcome": "number",
    "weight": "number",
    "exposure": "number",
    "treatment": "number",
    "dose": "number",
    "period": "period",
    "first_treated": "first_treated",
}


class Refused(Exception):
    """Plan or data cannot be used; each problem is one line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Command(BaseCommand):
    """``manage.py analyse --plan plan.json --data data.csv``."""

    help = "Run an analysis plan on a CSV (gzip allowed) or Parquet file and print the result document."
    requires_system_checks: list[str] = []  # starts fast, needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", type=Path, required=True, help="the plan, as JSON")
        parser.add_argument(
            "--data", type=Path, required=True, help="the rows, as CSV (gzip allowed) or Parquet"
        )
        parser.add_argument(
            "--data-kind", choices=["csv", "parquet"], help="refuse the data if they are not this"
        )
        parser.add_argument(
            "--out", type=Path, help="also write result.json, estimates.csv and the figures here"
        )
        parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="make only these estimates")

    def handle(self, **options: Any) -> None:
        try:
            parsed = _plan(options["plan"])
            result = self._run(parsed, options)
            self.stdout.write(result.to_json().decode(), ending="")
            if options["out"] is not None:
                _write(result, options["out"])
        except Refused as refusal:
            for line in refusal.lines:
                self.stderr.write(line)
            sys.exit(REFUSED)
        if not result.is_complete:
            sys.exit(NOT_ESTIMABLE)

    def _run(self, parsed: Plan, options: dict[str, Any]) -> Result:
        try:
            columns = parsed.roles(options["only"])
            reading = _read(options["data"], columns, options["data_kind"])
            return engine.run(
                parsed,
                reading.table,
                self._tell,
                data_sha256=reading.report.sha256,
                only=options["only"],
                first_line=2 if reading.report.format == "csv" else 1,
            )
        except (BadPlan, BadData) as refusal:
            raise Refused([str(problem) for problem in refusal.problems]) from refusal

    def _tell(self, fraction: float, words: str) -> None:
        self.stderr.write(f"{100 * fraction:3.0f} % {words}")


def _plan(path: Path) -> Plan:
    try:
        return plan.parse(strict_json.loads(path.read_bytes()))
    except OSError as error:
        raise Refused([f"--plan: cannot read '{path}': {error.strerror}"]) from error
    except BadPlan as refusal:
        raise Refused([str(problem) for problem in refusal.problems]) from refusal


def _read(path: Path, columns: dict[str, str], wanted: str | None) -> Reading:
    kinds = {name: KINDS.get(part, "text") for name, part in columns.items()}
    try:
        reading = read_for_analysis(path, kinds)
    except OSError as error:
        raise Refused([f"--data: cannot read '{path}': {error.strerror}"]) from error
    except FileRefused as refusal:
        lines = [str(problem) for problem in refusal.problems]
        more = refusal.total - len(lines)
        raise Refused([*lines, f"data: and {more} more problems"] if more else lines) from refusal
    if wanted is not None and reading.report.format != wanted:
        raise Refused([f"--data-kind: the file is {reading.report.format}, not {wanted}"])
    return reading


def _write(result: Result, folder: Path) -> None:
    document = result.document()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").write_bytes(result.to_json())
        with (folder / "estimates.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, tables.COLUMNS, lineterminator="\n")
            writer.writeheader()
            for row in tables.estimate_rows(document):
                writer.writerow({name: _cell(value) for name, value in row.items()})
        for name, svg in figures(document).items():
            (folder / name).write_text(svg, encoding="utf-8")
    except OSError as error:
        raise Refused([f"--out: cannot write to '{folder}': {error.strerror}"]) from error


def _cell(value: Any) -> Any:
    """Texts that came with the plan or data are made inert for spreadsheets; numbers stay as they are."""
    return export_cell(value) if isinstance(value, str) else value
