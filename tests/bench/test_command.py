"""`manage.py analyse` as a whole process: start, reading, checks, estimate, result document."""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import shared_data
from tests.bench.child import panel
from tests.bench.conftest import REPEATS, Page
from tests.conftest import ROOT

pytestmark = pytest.mark.bench

PLAN = {
    "plan_version": 1,
    "columns": {"unit": "uid", "period": "period", "first_treated": "first_trained"},
    "estimates": [
        {
            "id": "H1",
            "role": "primary",
            "outcome": "complaints",
            "estimand": "ATT",
            "estimator": "callaway_santanna",
            "covariance": "analytic",
            "options": {"control_group": "not_yet_treated", "aggregation": "dynamic"},
        }
    ],
}


def test_the_whole_command(page: Page, tmp_path: Path) -> None:
    plan, data = tmp_path / "plan.json", shared_data.training_panel()
    plan.write_text(json.dumps(PLAN))
    if data is None:
        data = tmp_path / "panel.csv"
        panel(0).to_csv(data, index=False)
    seconds, peaks, inside = [], [], []
    for _ in range(REPEATS):
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "analyse", "--plan", str(plan), "--data", str(data)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout
        with process.stdout as printed:
            document = json.loads(printed.read())
        # wait4 tells this child's own peak, which Popen.wait would throw away.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds.append(time.perf_counter() - started)
        assert process.returncode == 0
        peaks.append(usage.ru_maxrss / 1024)
        inside.append(document["provenance"]["seconds"])
    page.add(
        "`manage.py analyse`, the whole command",
        "Callaway–Sant'Anna dynamic effects from the file: Python's start, reading and checking every row, the "
        "estimate with its band, and the result document.",
        ["median s", "range s", "of it the engine, s", "peak MB of the process"],
        [
            [
                f"{statistics.median(seconds):.2f}",
                f"{min(seconds):.2f}–{max(seconds):.2f}",
                f"{statistics.median(inside):.2f}",
                f"{max(peaks):,.0f}",
            ]
        ],
    )
