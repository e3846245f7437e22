"""The public registry at 1,000 and 10,000 trials of ten versions: every kind of page, and twenty reads a second."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bench import large, serving
from tests.bench.conftest import Page
from tests.bench.large import LARGEST_KB, MOST_QUERIES, PAGE_HEAD, SIZES

pytestmark = pytest.mark.bench

VERSIONS = 10


@pytest.fixture(scope="module")
def environments() -> dict[int, dict[str, str]]:
    """A PostgreSQL of its own for each size."""
    return large.environments("registry")


@pytest.fixture(scope="module")
def measured(environments: dict[int, dict[str, str]]) -> dict[int, dict[str, Any]]:
    """What one reader after the other waited for, at each size."""
    return {
        size: large.one_reader("tests.bench.registry", environment, size, VERSIONS)
        for size, environment in environments.items()
    }


def test_each_page_of_a_large_registry(page: Page, measured: dict[int, dict[str, Any]]) -> None:
    few, many = (measured[size] for size in SIZES)
    rows = large.page_rows(few, many)
    counts = ", ".join(f"{number:,} {name}" for name, number in many["rows"].items())
    page.add(
        "The registry with 10,000 trials",
        f"{counts}, in PostgreSQL on the same machine (load after {os.getloadavg()[0]:.1f}). One reader, not signed "
        "in, asks in one process, without a web server between; 40 answers of each page. Budgets are of the 95th "
        "percentile: 300 ms for a list, 500 ms for what is about one trial; a download of 1,000 rows has none. A page "
        f"may ask the database {MOST_QUERIES} times, and weigh {LARGEST_KB} kB. The last column is how "
        f"many times as long a page takes as with {SIZES[0]:,} trials and {SIZES[0] * VERSIONS:,} versions.",
        [*PAGE_HEAD, "median, times 1,000 trials"],
        rows,
    )


@pytest.fixture(scope="module")
def served(environments: dict[int, dict[str, str]], measured: Any) -> Iterator[int]:
    """The larger registry behind gunicorn; its port."""
    with serving.served("bench-registry", environments[SIZES[-1]]) as port:
        yield port


def test_twenty_reads_a_second(page: Page, measured: dict[int, dict[str, Any]], served: int) -> None:
    title = "Twenty reads a second of 10,000 trials"
    large.table_at_rates(page, title, "one trial", measured[SIZES[-1]], served)
