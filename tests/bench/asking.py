"""One reader, not signed in, asks for pages in this process: how long, how often the database, how heavy."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from experiments.management.walking.measuring import forget_peak, peak_mb

TIMED, COUNTED = 40, 3
LIST, ONE = 300, 500  # the budgets in milliseconds: of a list, and of a page about one thing
Address = Callable[[], str]


def read(name: str, budget: int | None, address: Address) -> dict[str, Any]:
    """Ask for one kind of page again and again, as somebody who is not signed in."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from centre.memory import settle

    settle()  # as a server does
    client, queries, size = Client(), 0, 0
    for _ in range(COUNTED):
        url = address()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(url)
        assert answer.status_code == 200, (name, answer.status_code)
        queries, size = max(queries, len(asked)), max(size, len(answer.content))
    forget_peak(os.getpid())
    before = peak_mb(os.getpid()) or 0.0
    times = list(timed(client, address))
    return {
        "page": name,
        "budget": budget,
        "median": statistics.median(times),
        "p95": statistics.quantiles(times, n=20)[-1],
        "queries": queries,
        "kb": size / 1_000,
        "beyond_mb": (peak_mb(os.getpid()) or 0.0) - before,
    }


def timed(client: Any, address: Address) -> Iterator[float]:
    """Yield the milliseconds of each answer."""
    for _ in range(TIMED):
        url = address()
        started = time.perf_counter()
        with contextlib.closing(client.get(url)):
            yield 1_000 * (time.perf_counter() - started)
