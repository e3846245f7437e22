"""All released estimates, 100,000 and 1,000,000 of them: pages of 1,000, the whole as a file, and a snapshot."""

import contextlib
import http.client
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.management.walking.measuring import forget_peak, peak_mb
from tests.bench import large, serving
from tests.bench.conftest import Page
from tests.bench.copying import RAW
from tests.bench.estimates import EACH
from tests.bench.large import PAGE_HEAD, SIZES

pytestmark = pytest.mark.bench

REPEATS = 3
SNAPSHOT_SECONDS = 60
FILE = "/api/v1/estimates.csv"


@pytest.fixture(scope="module")
def environments() -> dict[int, dict[str, str]]:
    """A PostgreSQL of its own for each size."""
    return large.environments("estimates")


@pytest.fixture(scope="module")
def measured(environments: dict[int, dict[str, str]]) -> dict[int, dict[str, Any]]:
    """What one reader after the other waited for, at each number of trials."""
    return {
        size: large.one_reader("tests.bench.estimates", environment, size)
        for size, environment in environments.items()
    }


def test_pages_of_a_thousand_estimates(page: Page, measured: dict[int, dict[str, Any]]) -> None:
    few, many = (measured[size] for size in SIZES)
    rows = large.page_rows(few, many)
    page.add(
        "Pages of a million estimates",
        f"{many['rows']:,} released estimates of {SIZES[-1]:,} trials, in PostgreSQL on the same machine (load after "
        f"{os.getloadavg()[0]:.1f}). One reader, not signed in, asks in one process, without a web server between; 40 "
        "answers of each page, the budget is of the 95th percentile. The last column is how many times as long a page "
        f"takes as with {few['rows']:,} estimates.",
        [*PAGE_HEAD, f"median, times {few['rows']:,} estimates"],
        rows,
    )


@pytest.fixture(scope="module")
def served(
    environments: dict[int, dict[str, str]], measured: dict[int, dict[str, Any]]
) -> Iterator[dict[int, tuple[int, list[int]]]]:
    """Both tables behind gunicorn: for each its port, and the processes that answer."""
    with contextlib.ExitStack() as stack:
        found = {}
        for size in SIZES:
            server = serving.served(
                f"bench-estimates-{size}", environments[size], application="tests.bench.copying:application"
            )
            port = stack.enter_context(server)
            found[size] = (port, _workers(port))
        yield found


def _workers(port: int) -> list[int]:
    """Return the processes that were started with the port in their command."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                if f"127.0.0.1:{port}".encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
    return found


def _fetched(port: int, path: str, workers: list[int]) -> tuple[float, int, float]:
    """Return the seconds, the bytes, and how much more memory the largest process held at most."""
    before = {pid: _resting(pid) for pid in workers}
    started, size = time.perf_counter(), 0
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=300)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200
        while piece := answer.read(1 << 20):
            size += len(piece)
    seconds = time.perf_counter() - started
    return seconds, size, max((peak_mb(pid) or 0.0) - before[pid] for pid in workers)


def _resting(pid: int) -> float:
    forget_peak(pid)
    return peak_mb(pid) or 0.0


def test_the_whole_table_as_a_file(
    page: Page, measured: dict[int, dict[str, Any]], served: dict[int, tuple[int, list[int]]]
) -> None:
    rows = []
    for size, (port, workers) in served.items():
        _fetched(port, RAW, workers), _fetched(port, FILE, workers)
        raw, ours = [], []
        for _ in range(REPEATS):  # in turns, so that a busy machine slows both
            raw.append(_fetched(port, RAW, workers))
            ours.append(_fetched(port, FILE, workers))
        theirs, mine = (statistics.median(done[1] / done[0] for done in found) / 1e6 for found in (raw, ours))
        rows.append(
            [
                f"{measured[size]['rows']:,}",
                f"{statistics.median(done[0] for done in ours):.2f}",
                f"{ours[0][1] / 1e6:,.0f}",
                f"{mine:.0f}",
                f"{theirs:.0f}",
                f"{mine / theirs:.0%}",
                f"{max(done[2] for done in ours):.0f}",
                f"{max(done[2] for done in raw):.0f}",
            ]
        )
        print(" | ".join(rows[-1]))
    page.add(
        "A million estimates as one file",
        f"`{FILE}` over HTTP against PostgreSQL's own COPY of the whole table through the same server processes "
        "(gunicorn, two of eight threads), in turns, the medians of three. Ours asks who may see which release, writes "
        f"times as ISO 8601 and guards text against formulas; {EACH} estimates a trial, and those of embargoed trials "
        "stay out. "
        f"Memory is the most that a process held beyond what it held at rest (load after {os.getloadavg()[0]:.1f}).",
        [
            "rows in the table",
            "s",
            "MB sent",
            "MB/s",
            "MB/s of COPY",
            "share",
            "peak MB beyond, ours",
            "peak MB beyond, COPY",
        ],
        rows,
    )
    assert len(rows) == len(SIZES)


def test_a_snapshot_of_the_whole_registry(
    page: Page, environments: dict[int, dict[str, str]], measured: dict[int, dict[str, Any]]
) -> None:
    rows = []
    for size, environment in environments.items():
        made = large.one_reader("tests.bench.snapshots", environment)
        assert made["rows"]["estimates.csv"] > 0.8 * measured[size]["rows"]  # but for trials under embargo
        rows.append(
            [
                f"{made['rows']['trials.csv']:,}",
                f"{made['rows']['estimates.csv']:,}",
                f"{made['seconds']:.1f}",
                large.within(made["seconds"], SNAPSHOT_SECONDS if size == SIZES[-1] else None),
                f"{made['zip_mb']:.0f}",
                f"{made['beyond_mb']:.0f}",
            ]
        )
        print(" | ".join(rows[-1]))
    page.add(
        "A snapshot of 10,000 trials",
        f"`manage.py make_snapshot`: all public trials with {EACH} released estimates each, their versions, releases "
        f"and protocols, as one zip with checksums, in one process (load after {os.getloadavg()[0]:.1f}). The budget "
        f"is {SNAPSHOT_SECONDS} s for {SIZES[-1]:,} trials; memory is what the process held beyond its rest.",
        ["public trials", "estimates", "s", "within", "MB of zip", "peak MB beyond"],
        rows,
    )
    assert len(rows) == len(SIZES)
