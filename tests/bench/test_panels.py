"""A national panel: import beside plain reading, memory by size, sums, and a scan of every series."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench import panels
from tests.bench.conftest import PATIENCE, Page
from tests.conftest import ROOT

pytestmark = pytest.mark.bench

SIZES = (12, 120)
FLAT = 100  # megabytes that ten times the months may add


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Return the seeded panels."""
    folder = tmp_path_factory.mktemp("panels")
    found = {months: folder / f"{months}-months.csv" for months in SIZES}
    for months, path in found.items():
        panels.write(path, months)
    return found


def asked(package: str, path: Path) -> dict[str, Any]:
    """Ask in a process of its own, on one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.bench.panels", package, str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_national_panel_is_taken_in(page: Page, files: dict[int, Path]) -> None:
    small, ours = (asked("ours", files[months]) for months in SIZES)
    rate = ours["rows"] / ours["processor"]
    rows = [_row("ours", ours, ours, "reads, checks, writes partitions and sums")]
    for package in ("pandas", "pyarrow"):
        theirs = asked(package, files[120])
        assert theirs["total"] == ours["total"]
        rows.append(_row(package, theirs, ours, "reads and adds up by force; nothing is checked or kept"))
    page.add(
        "A national panel: 60 million counts",
        f"{panels.NEIGHBOURHOODS:,} areas by 120 months by {panels.MEASURES} measures, {ours['rows']:,} rows, as a "
        f"CSV of {files[120].stat().st_size / 1e6:,.0f} MB, on one thread. Ours takes {rate / 1e6:.2f} million rows a "
        f"second of a core; with 12 months its peak is {small['peak_mb']:,.0f} MB. What is kept is "
        f"{ours['kept'] / 1e6:,.0f} MB. Its sums are read in {ours['read_sums']:.2f} s, and the newest month of "
        f"{ours['series']} series is judged (`farrington_flexible`, b 5, w 1) in {ours['scan']:.1f} s; the hub's scan, "
        f"{ours['tests']:,} tests of three months with the rules beside them, takes {ours['hub_scan']:.1f} s. All "
        f"three agree on the total of all sums. One run (load {os.getloadavg()[0]:.1f}).",
        ["package", "processor s", "clock s", "times ours", "peak MB beyond the process", "what it does"],
        rows,
    )
    # Times are in the table alone: a busy machine must not fail a test.
    assert ours["peak_mb"] < small["peak_mb"] + FLAT


def _row(package: str, one: dict[str, Any], ours: dict[str, Any], does: str) -> list[str]:
    ratio = "" if one is ours else f"{one['processor'] / ours['processor']:.1f}"
    return [
        package,
        f"{one['processor']:.1f}",
        f"{one['seconds']:.1f}",
        ratio,
        f"{one['peak_mb']:,.0f}",
        does,
    ]
