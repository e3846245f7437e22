"""The public library at 1,000 and 10,000 tactics: every kind of page, and twenty reads a second."""

import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests import postgres
from tests.bench.conftest import Page
from tests.bench.test_registry import (
    LARGEST_KB,
    MOST_QUERIES,
    RATE,
    SECONDS,
    environment_of,
    read_all,
    serving,
    within,
)
from tests.conftest import ROOT

pytestmark = pytest.mark.bench

SIZES = (1_000, 10_000)
HEAD = [
    "page",
    "median ms",
    "95th percentile ms",
    "budget ms",
    "within",
    "queries",
    "kB",
    "median, times 1,000 tactics",
]


@pytest.fixture(scope="module")
def environments() -> dict[int, dict[str, str]]:
    """A PostgreSQL of its own for each size."""
    if reason := postgres.missing():
        pytest.skip(reason)
    place = Path(settings.PLACE)
    return {size: environment_of(place / f"pglibrary{size}") for size in SIZES}


@pytest.fixture(scope="module")
def measured(environments: dict[int, dict[str, str]]) -> dict[int, dict[str, Any]]:
    """What one reader after the other waited for, at each size."""
    found = {}
    for size, environment in environments.items():
        command = [sys.executable, "-m", "tests.bench.library", str(size)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        assert done.returncode == 0, done.stderr[-2_000:]
        found[size] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_each_page_of_a_large_library(page: Page, measured: dict[int, dict[str, Any]]) -> None:
    few, many = (measured[size] for size in SIZES)
    rows = []
    for small, large in zip(few["pages"], many["pages"], strict=True):
        rows.append(
            [
                large["page"],
                f"{large['median']:.0f}",
                f"{large['p95']:.0f}",
                f"{large['budget'] or 'none'}",
                within(large["p95"], large["budget"]),
                f"{large['queries']}",
                f"{large['kb']:.0f}",
                f"{large['median'] / small['median']:.1f}",
            ]
        )
        print(" | ".join(rows[-1]))
    counts = ", ".join(f"{number:,} {name}" for name, number in many["rows"].items())
    page.add(
        "The library with 10,000 tactics",
        f"{counts}, in PostgreSQL on the same machine (load after {os.getloadavg()[0]:.1f}). One reader, not signed "
        "in, asks in one process, without a web server between; 40 answers of each page. Budgets are of the 95th "
        "percentile: 300 ms for a list, 500 ms for what is about one tactic or a few. A page may ask the database "
        f"{MOST_QUERIES} times, and weigh {LARGEST_KB} kB. The last column is how many times as long a page takes as "
        f"with {SIZES[0]:,} tactics.",
        HEAD,
        rows,
    )
    for large in many["pages"]:
        assert large["queries"] <= MOST_QUERIES, large
        assert large["kb"] <= LARGEST_KB or large["page"].startswith("API"), large


@pytest.fixture(scope="module")
def served(environments: dict[int, dict[str, str]], measured: Any) -> Iterator[int]:
    """The larger library behind gunicorn; its port."""
    yield from serving(environments[SIZES[-1]], "bench-library")


def test_twenty_reads_a_second_of_the_library(
    page: Page, measured: dict[int, dict[str, Any]], served: int
) -> None:
    many = measured[SIZES[-1]]
    budgets = {one["page"]: one["budget"] for one in many["pages"]}
    kinds = {"list": 300, "one tactic": 500}
    asked = [
        ("list" if budgets[kind] == kinds["list"] else "one tactic", address)
        for kind in budgets
        for address in many["addresses"][kind]
    ]
    random.Random(7).shuffle(asked)
    before = os.getloadavg()[0]
    read_all(served, asked[: RATE * 5], RATE)  # each thread of the server makes its connection
    rows = []
    for rate in (RATE // 2, RATE):
        found = read_all(served, asked[: rate * SECONDS], rate)
        for kind, budget in kinds.items():
            times = [milliseconds for name, milliseconds in found["times"] if name == kind]
            p95 = statistics.quantiles(times, n=20)[-1]
            middle, most = f"{statistics.median(times):.0f}", f"{max(times):.0f}"
            rows.append(
                [
                    kind,
                    f"{rate}",
                    f"{len(times):,}",
                    middle,
                    f"{p95:.0f}",
                    f"{budget}",
                    within(p95, budget),
                    most,
                ]
            )
            print(" | ".join(rows[-1]))
    page.add(
        "Twenty reads a second of 10,000 tactics",
        "The pages of the table before in a mixed order over HTTP: gunicorn with two processes of eight threads, "
        f"PostgreSQL and the readers on the same machine (load before {before:.1f}, after {os.getloadavg()[0]:.1f}), "
        f"{SECONDS} seconds each. A read is timed from the moment that its beat asked for it, so that waiting in a "
        "queue counts. Where the machine is busy with other work, that is in the figures.",
        [
            "of",
            "reads a second",
            "reads",
            "median ms",
            "95th percentile ms",
            "budget ms",
            "within",
            "most ms",
        ],
        rows,
    )
