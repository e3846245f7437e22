"""The public registry at 1,000 and 10,000 trials of ten versions: every kind of page, and twenty reads a second."""

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
from tests.bench import serving
from tests.bench.conftest import Page
from tests.conftest import ROOT

pytestmark = pytest.mark.bench

SIZES = (1_000, 10_000)
VERSIONS = 10
MOST_QUERIES, LARGEST_KB = 20, 150
RATE, SECONDS, READERS = 20, 30, 40
HEAD = [
    "page",
    "median ms",
    "95th percentile ms",
    "budget ms",
    "within",
    "queries",
    "kB",
    "peak MB beyond",
    "median, times 1,000 trials",
]


@pytest.fixture(scope="module")
def environments() -> dict[int, dict[str, str]]:
    """A PostgreSQL of its own for each size."""
    if reason := postgres.missing():
        pytest.skip(reason)
    place = Path(settings.PLACE)
    return {
        size: {
            **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
            "DJANGO_SETTINGS_MODULE": "centre.settings",
            "DATABASE_URL": postgres.start(place / f"pg{size}"),
            "EMBEDDED": "1",
            "VAULT_DIR": str(place / "bench-vault"),
            # The throttle counts an address's reads; it would be measured instead of the page.
            "API_ANONYMOUS_PER_MINUTE": "1000000",
        }
        for size in SIZES
    }


@pytest.fixture(scope="module")
def measured(environments: dict[int, dict[str, str]]) -> dict[int, dict[str, Any]]:
    """What one reader after the other waited for, at each size."""
    found = {}
    for size, environment in environments.items():
        command = [sys.executable, "-m", "tests.bench.registry", str(size), str(VERSIONS)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        assert done.returncode == 0, done.stderr[-2_000:]
        found[size] = json.loads(done.stdout.splitlines()[-1])
    return found


def within(milliseconds: float, budget: int | None) -> str:
    """Say whether a figure is within its budget, where it has one."""
    if budget is None:
        return ""
    return "yes" if milliseconds <= budget else "no"


def test_each_page_of_a_large_registry(page: Page, measured: dict[int, dict[str, Any]]) -> None:
    few, many = (measured[size] for size in SIZES)
    rows = []
    for small, large in zip(few["pages"], many["pages"], strict=True):
        assert large["queries"] <= MOST_QUERIES, large
        rows.append(
            [
                large["page"],
                f"{large['median']:.0f}",
                f"{large['p95']:.0f}",
                f"{large['budget'] or 'none'}",
                within(large["p95"], large["budget"]),
                f"{large['queries']}",
                f"{large['kb']:.0f}",
                f"{max(large['beyond_mb'], 0):.0f}",
                f"{large['median'] / small['median']:.1f}",
            ]
        )
    counts = ", ".join(f"{number:,} {name}" for name, number in many["rows"].items())
    page.add(
        "The registry with 10,000 trials",
        f"{counts}, in PostgreSQL on the same machine (load after {os.getloadavg()[0]:.1f}). One reader, not signed "
        "in, asks in one process, without a web server between; 40 answers of each page. Budgets are of the 95th "
        "percentile: 300 ms for a list, 500 ms for what is about one trial; a download of 1,000 rows has none. A page "
        f"may ask the database {MOST_QUERIES} times, and the first one weigh {LARGEST_KB} kB. The last column is how "
        f"many times as long a page takes as with {SIZES[0]:,} trials and {SIZES[0] * VERSIONS:,} versions.",
        HEAD,
        rows,
    )


@pytest.fixture(scope="module")
def served(environments: dict[int, dict[str, str]], measured: Any) -> Iterator[int]:
    """The larger registry behind gunicorn; its port."""
    with serving.served("bench-registry", environments[SIZES[-1]]) as port:
        yield port


def read_all(port: int, addresses: list[tuple[str, str]], rate: float) -> dict[str, Any]:
    """Let the readers read, in a process of their own."""
    work = {"port": port, "addresses": addresses, "rate": rate, "readers": READERS}
    command = [sys.executable, "-m", "tests.bench.readers"]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(work), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert not found["wrong"], found["wrong"]
    assert len(found["times"]) == len(addresses)
    return found


def test_twenty_reads_a_second(page: Page, measured: dict[int, dict[str, Any]], served: int) -> None:
    many = measured[SIZES[-1]]
    budgets = {one["page"]: one["budget"] for one in many["pages"] if "CSV" not in one["page"]}
    asked = [
        ("list" if budgets[kind] == budgets["list, first page"] else "one trial", address)
        for kind in budgets
        for address in many["addresses"][kind]
    ]
    random.Random(7).shuffle(asked)
    kinds = {"list": 300, "one trial": 500}
    before = os.getloadavg()[0]
    read_all(served, asked[: RATE * 5], RATE)  # each thread of the server makes its connection
    rows = []
    for rate in (RATE // 2, RATE):
        found = read_all(served, asked[: rate * SECONDS], rate)
        for kind, budget in kinds.items():
            times = [milliseconds for name, milliseconds in found["times"] if name == kind]
            p95 = statistics.quantiles(times, n=20)[-1]
            median, most = f"{statistics.median(times):.0f}", f"{max(times):.0f}"
            rows.append(
                [
                    kind,
                    f"{rate}",
                    f"{len(times):,}",
                    median,
                    f"{p95:.0f}",
                    f"{budget}",
                    within(p95, budget),
                    most,
                ]
            )
    for row in rows:
        print(" | ".join(row))
    page.add(
        "Twenty reads a second of 10,000 trials",
        "The pages of the table before, but the download, in a mixed order over HTTP: gunicorn with two processes of "
        f"eight threads, PostgreSQL and the readers on the same machine (load before {before:.1f}, after "
        f"{os.getloadavg()[0]:.1f}), {SECONDS} seconds each. A read is timed from the moment that its beat asked for "
        "it, so that waiting in a queue counts. Where the machine is busy with other work, that is in the figures.",
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
