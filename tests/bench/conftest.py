"""Runs each measurement in a process of its own, and writes what was measured to docs/benchmarks.md."""

import datetime as dt
import importlib.metadata
import json
import math
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import shared_data
from tests.conftest import ROOT

REPEATS = 5
PATIENCE = 1_200.0
PAGE = ROOT / "docs" / "benchmarks.md"
PEERS = ("csdid", "diff-diff", "differences", "pyfixest", "linearmodels", "wildboottest")
LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one package did with one panel."""

    package: str
    rows: int
    units: int
    seconds: list[float]
    beyond_mb: float
    answer: dict[str, list[float]]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def row(self, ours: "Measured", remark: str) -> list[str]:
        """Return the row of the table."""
        spread = f"{min(self.seconds):.2f}–{max(self.seconds):.2f}"
        ratio = "" if self is ours else f"{self.median / ours.median:.1f}"
        return [self.package, f"{self.median:.2f}", spread, ratio, f"{self.beyond_mb:,.0f}", remark]


def measure(question: str, package: str, units: int = 0, repeats: int = REPEATS) -> Measured:
    """Measure in a child, on one thread, so that no package gains from the others' settings."""
    command = [sys.executable, "-m", "tests.bench.child", question, package, str(units), str(repeats)]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return Measured(package, **json.loads(done.stdout.splitlines()[-1]))


def digits(ours: Measured, theirs: Measured, part: int) -> int:
    """Return to how many significant digits the worst term agrees: part 0 is the estimate, 1 its error."""
    worst = 15.0
    shared = theirs.answer.keys() & ours.answer.keys()
    assert shared, "no term in common"
    for term in shared:
        one, other = ours.answer[term][part], theirs.answer[term][part]
        if one != other:
            worst = min(worst, -math.log10(abs(one - other) / abs(other)))
    return math.floor(worst)


@dataclass(slots=True)
class Page:
    """The page, section by section; those that are not measured this time stay as they were, with their date."""

    path: Path
    sections: dict[str, str] = field(default_factory=dict)

    def add(self, title: str, text: str, head: list[str], rows: list[list[str]]) -> None:
        """Add a table."""
        lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
        day = f"Measured on {dt.datetime.now(dt.UTC):%-d %B %Y}."
        self.sections[title] = "\n".join([f"## {title}", "", f"{text} {day}", "", *lines])
        self._write()

    def kept(self) -> dict[str, str]:
        """The sections that stand on the page already."""
        parts = self.path.read_text(encoding="utf-8").split("\n## ")[1:] if self.path.is_file() else []
        return {part.splitlines()[0]: f"## {part.rstrip()}" for part in parts}

    def _write(self) -> None:
        """Write it, with where it was measured."""
        versions = [f"{name} {importlib.metadata.version(name)}" for name in (*LIBRARIES, *PEERS)]
        panel = (
            "the published panel" if shared_data.training_panel() else "a generated panel of the same shape"
        )
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        top = [
            "# Benchmarks",
            "",
            "Made by `make bench`, which writes this page. Each package runs in a process of its own, on one thread; "
            f"times are the median of {REPEATS} with the least and the greatest, after reading the data; memory is the "
            "peak beyond what the process held once the data were read.",
            "",
            f"Measured on {os.cpu_count()} processors, {memory:.0f} GiB, "
            f"Python {platform.python_version()}, {', '.join(versions)}. Main panel: {panel}.",
        ]
        found = {**self.kept(), **self.sections}
        self.path.write_text("\n\n".join(["\n".join(top), *found.values()]) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def page() -> Page:
    """The page; each section is written when it was measured."""
    return Page(PAGE)


@pytest.fixture
def django_db_setup() -> None:
    """No measurement opens the test database."""
