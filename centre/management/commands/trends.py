"""Say what is rising in series of counts: one JSON document on standard output, and nothing else there.

Needs no database. Exit 0: every point that was asked for was judged; 3: at least one could not be, with the reason in
its row; 2: the data or the options are refused, with the problems on standard error, one a line.
"""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

# The same bytes everywhere need the same number of BLAS threads; only works before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from django.core.management.base import BaseCommand

from centre.api.strict_json import BadJSON, loads
from centre.hub.trends import options_file, series_file
from centre.hub.trends.answer import Answer, answer
from centre.hub.trends.errors import TrendsRefused

REFUSED = 2
NOT_ESTIMABLE = 3


class Command(BaseCommand):
    """``manage.py trends --data series.csv --method farrington_flexible [--options options.json]``."""

    help = "Print which counts of a CSV (columns date and count) are beyond what was to be expected."
    requires_system_checks: list[str] = []  # starts fast, needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options of the contract."""
        parser.add_argument(
            "--data", type=Path, required=True, help="CSV: date, count; population, series, x, y"
        )
        parser.add_argument("--method", choices=options_file.METHODS, required=True)
        parser.add_argument("--options", type=Path, help="the method's options, as JSON")

    def handle(self, **options: Any) -> None:
        """Read, evaluate, print."""
        made = self._answer(options)
        self.stdout.write(json.dumps(made.rows, allow_nan=False, ensure_ascii=False))
        if not made.is_whole:
            sys.exit(NOT_ESTIMABLE)

    def _answer(self, options: dict[str, Any]) -> Answer:
        try:
            given = loads(options["options"].read_bytes()) if options["options"] else {}
            if not isinstance(given, dict):
                raise TrendsRefused(['--options: must be an object, such as {"b": 3}'])
            series, places = series_file.read(options["data"].read_bytes())
            return answer(options["method"], series, places, given, self._tell)
        except OSError as error:
            self.stderr.write(f"cannot read '{error.filename}': {error.strerror}")
        except BadJSON as error:
            self.stderr.write(f"--options: {error.message}")
        except TrendsRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(problem)
        sys.exit(REFUSED)

    def _tell(self, fraction: float, words: str) -> None:
        self.stderr.write(f"{100 * fraction:3.0f} % {words}")
