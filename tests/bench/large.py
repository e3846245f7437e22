"""A large public site, measured: every kind of page by one reader, then so many reads a second through gunicorn.

The registry and the library each bring a module that fills a database and asks for its pages (`python -m MODULE SIZE`).
"""

import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests import postgres
from tests.bench.asking import LIST, ONE
from tests.bench.conftest import Page
from tests.conftest import ROOT

SIZES = (1_000, 10_000)
MOST_QUERIES, LARGEST_KB = 20, 150
RATE, SECONDS, READERS = 20, 30, 40
PAGE_HEAD = [
    "page",
    "median ms",
    "95th percentile ms",
    "budget ms",
    "within",
    "queries",
    "kB",
    "peak MB beyond",
]
RATE_HEAD = [
    "of",
    "reads a second",
    "reads",
    "median ms",
    "95th percentile ms",
    "budget ms",
    "within",
    "most ms",
]


def environments(name: str) -> dict[int, dict[str, str]]:
    """Return for each size the environment of a PostgreSQL of its own."""
    if reason := postgres.missing():
        pytest.skip(reason)
    place = Path(settings.PLACE)
    return {
        size: {
            **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
            "DJANGO_SETTINGS_MODULE": "centre.settings",
            "DATABASE_URL": postgres.start(place / f"pg-{name}-{size}"),
            "EMBEDDED": "1",
            "VAULT_DIR": str(place / "bench-vault"),
            # The throttle counts an address's reads; it would be measured instead of the page.
            "API_ANONYMOUS_PER_MINUTE": "1000000",
        }
        for size in SIZES
    }


def one_reader(module: str, environment: dict[str, str], *arguments: int) -> dict[str, Any]:
    """Return what one reader after the other waited for."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def page_rows(few: dict[str, Any], many: dict[str, Any]) -> list[list[str]]:
    """Return a row for each kind of page; it may ask the database so often and weigh so much."""
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
                f"{max(large['beyond_mb'], 0):.0f}",
                f"{large['median'] / small['median']:.1f}",
            ]
        )
        print(" | ".join(rows[-1]))
        assert large["queries"] <= MOST_QUERIES, large
        # What one page of the API holds is asked for by its reader.
        assert large["kb"] <= LARGEST_KB or large["page"].startswith("API"), large
    return rows


def within(milliseconds: float, budget: int | None) -> str:
    """Say whether a figure is within its budget, where it has one."""
    if budget is None:
        return ""
    return "yes" if milliseconds <= budget else "no"


def table_at_rates(page: Page, title: str, of: str, many: dict[str, Any], port: int) -> None:
    """Read the pages that have a budget in a mixed order, ten and twenty a second, and add the table."""
    budgets = {one["page"]: one["budget"] for one in many["pages"] if one["budget"]}
    kinds = {LIST: "list", ONE: of}
    asked = [
        (kinds[budget], address) for kind, budget in budgets.items() for address in many["addresses"][kind]
    ]
    random.Random(7).shuffle(asked)
    before = os.getloadavg()[0]
    read_all(port, asked[: RATE * 5], RATE)  # each thread of the server makes its connection
    rows = []
    for rate in (RATE // 2, RATE):
        found = read_all(port, asked[: rate * SECONDS], rate)
        rows += [_rate_row(found["times"], kind, rate, budget) for budget, kind in kinds.items()]
    for row in rows:
        print(" | ".join(row))
    page.add(
        title,
        "The pages of the table before that have a budget, in a mixed order over HTTP: gunicorn with two processes of "
        f"eight threads, PostgreSQL and the readers on the same machine (load before {before:.1f}, after "
        f"{os.getloadavg()[0]:.1f}), {SECONDS} seconds each. A read is timed from the moment that its beat asked for "
        "it, so that waiting in a queue counts. Where the machine is busy with other work, that is in the figures.",
        RATE_HEAD,
        rows,
    )


def _rate_row(times: list[tuple[str, float]], kind: str, rate: int, budget: int) -> list[str]:
    waited = [milliseconds for name, milliseconds in times if name == kind]
    p95 = statistics.quantiles(waited, n=20)[-1]
    shown: Callable[[float], str] = "{:.0f}".format
    return [
        kind,
        f"{rate}",
        f"{len(waited):,}",
        shown(statistics.median(waited)),
        shown(p95),
        f"{budget}",
        within(p95, budget),
        shown(max(waited)),
    ]


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
