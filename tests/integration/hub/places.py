"""Street files of many areas: enough for a trial."""

import datetime as dt

import numpy as np

from tests.integration.hub.sent import NAME
from tests.unit.centre.hub import invented

AREAS = tuple(f"E01{place:06d}" for place in range(100, 140))
RATES = np.repeat([3.0, 6.0], 20)


def months(n: int, *, until: dt.date) -> list[str]:
    """Return the n months before the month of a day."""
    at = until.year * 12 + until.month - 1
    return [f"{one // 12}-{one % 12 + 1:02d}" for one in range(at - n, at)]


def counts(month: str) -> np.ndarray:
    """Return how many crimes each area has in a month: chance about a level of its own."""
    return np.random.default_rng(int(month.replace("-", ""))).poisson(RATES)


def files(given: list[str]) -> dict[str, bytes]:
    """Return the files of these months, by their path."""
    return {invented.name_of(month): invented.text(_rows(month)) for month in given}


def _rows(month: str) -> list[dict[str, str]]:
    areas = [area for area, n in zip(AREAS, counts(month), strict=True) for _ in range(n)]
    rows = invented.rows(month, len(areas))
    for row, area in zip(rows, areas, strict=True):
        row |= {"Reported by": NAME, "Falls within": NAME}
        if row["LSOA code"]:
            row["LSOA code"] = area
    return rows


def located(month: str) -> dict[str, int]:
    """Return the crimes of each area that have a place: what the hub can count."""
    found = dict.fromkeys(AREAS, 0)
    for row in _rows(month):
        if row["LSOA code"] and row["Crime type"] != "Anti-social behaviour":
            found[row["LSOA code"]] += 1
    return found
