"""Power by simulation: how many runs of a plan a second, by one worker process and by two that share the replicates."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from centre.canonical import canonical_json
from experiments.stats.diagnosis import FACTORS, summary
from tests.bench.conftest import Page
from tests.bench.simulating import DESIGNS
from tests.conftest import ROOT

pytestmark = pytest.mark.bench

REPLICATES, IN_ONE_PART, TIMES = 40, 10, 3


@contextmanager
def crew(size: int) -> Iterator[list[Any]]:
    """Start so many workers, on one thread each, and wait until they are ready."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.bench.simulating"]
    workers = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(size)
    ]
    try:
        for worker in workers:
            assert worker.stdout
            assert worker.stdout.readline() == "ready\n"
        yield workers
    finally:
        for worker in workers:
            worker.communicate(timeout=60)  # an end of input is the end of the worker


def shared_out(name: str, workers: list[Any]) -> tuple[float, bytes]:
    """Give the parts to the workers in turn; return the seconds and what they say together."""
    parts = [list(range(first, first + IN_ONE_PART)) for first in range(0, REPLICATES, IN_ONE_PART)]
    started, runs = time.perf_counter(), []
    for turn in range(0, len(parts), len(workers)):
        busy = list(zip(workers, parts[turn : turn + len(workers)], strict=False))
        for worker, numbers in busy:
            worker.stdin.write(json.dumps([name, numbers]) + "\n")
            worker.stdin.flush()
        for worker, _ in busy:
            runs += json.loads(worker.stdout.readline())
    seconds = time.perf_counter() - started
    return seconds, canonical_json(summary(*DESIGNS[name], runs))


def test_power_by_simulation(page: Page) -> None:
    rows = []
    found: dict[tuple[str, int], list[tuple[float, bytes]]] = {}
    for size in (1, 2):
        with crew(size) as workers:
            for name in DESIGNS:
                found[name, size] = [shared_out(name, workers) for _ in range(TIMES)]
    for name in DESIGNS:
        assert len({said for size in (1, 2) for _, said in found[name, size]}) == 1
        one, two = (
            REPLICATES * len(FACTORS) / statistics.median(seconds for seconds, _ in found[name, size])
            for size in (1, 2)
        )
        rows.append([name, f"{one:.0f}", f"{two:.0f}", f"{two / one:.2f}"])
    page.add(
        "Power by simulation",
        f"Runs of the whole plan a second, each on data of its own: {REPLICATES} replicates under {len(FACTORS)} "
        f"effects, in parts of {IN_ONE_PART}, by one worker process and by two; median of {TIMES}. Both give the same "
        "bytes. The trial has 360 segments in 60 beats; the panel 430 units by 24 months.",
        ["design and plan", "one worker, runs a second", "two workers", "ratio"],
        rows,
    )
