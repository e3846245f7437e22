"""Solve a design for its power, size or effect: one JSON document on standard output, and nothing else there.

Needs no database. Exit 0: solved; 3: nothing solves it, with the reason in the document; 2: the design is refused, with
the problems on standard error, one a line.
"""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

# The same bytes everywhere need the same number of BLAS threads; only works before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from django.core.management.base import BaseCommand

from experiments.stats import strict_json
from experiments.stats.errors import BadPlan
from experiments.stats.power.answer import Answer, answer

REFUSED = 2
NOT_ESTIMABLE = 3


class Command(BaseCommand):
    """``manage.py power --design design.json``."""

    help = "Print the power, sample size or least detectable effect of a design."
    requires_system_checks: list[str] = []  # starts fast, needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--design", type=Path, required=True, help="the design, as JSON")

    def handle(self, **options: Any) -> None:
        made = self._answer(options["design"])
        self.stdout.write(made.to_json().decode(), ending="")
        if not made.is_solved:
            sys.exit(NOT_ESTIMABLE)

    def _answer(self, path: Path) -> Answer:
        try:
            return answer(strict_json.loads(path.read_bytes()), self._tell)
        except OSError as error:
            self.stderr.write(f"--design: cannot read '{path}': {error.strerror}")
        except BadPlan as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
        sys.exit(REFUSED)

    def _tell(self, fraction: float, words: str) -> None:
        self.stderr.write(f"{100 * fraction:3.0f} % {words}")
