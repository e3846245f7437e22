"""Callaway–Sant'Anna by event time: ours and the peers on the same panel, and how time and memory grow."""

import math

import pytest

from tests.bench.conftest import Page, digits, measure
from tests.bench.packages import ASKED

pytestmark = pytest.mark.bench

SIZES = (1_000, 4_000, 16_000)
HEAD = ["package", "median s", "range s", "times ours", "peak MB beyond the data", "agreement with ours"]


def test_dynamic_effects_beside_the_peers(page: Page) -> None:
    ours = measure("dynamic", "ours")
    rows = [ours.row(ours, "")]
    for package in ASKED["dynamic"].keys() - {"ours"}:
        theirs = measure("dynamic", package)
        agreed = digits(ours, theirs, 0), digits(ours, theirs, 1)
        assert min(agreed) >= 6, f"{package} agrees to {agreed} digits"
        scope = (
            "effects after treatment" if package == "diff-diff" else "all event times and the overall effect"
        )
        rows.append(theirs.row(ours, f"{scope}: {agreed[0]} digits, errors {agreed[1]}"))
    assert ours.beyond_mb < 1_500
    rows[1:] = sorted(rows[1:], key=lambda row: float(row[1]))
    page.add(
        "Callaway–Sant'Anna, dynamic effects",
        f"{ours.units:,} units, {ours.rows:,} rows, not-yet-treated controls, doubly robust without covariates, "
        "analytic errors. Ours includes the simultaneous band; the peers were asked for none. diff-diff keeps the "
        "last cohort as a treated one, so its effects before treatment are others by definition.",
        HEAD,
        rows,
    )


def test_growth_with_the_number_of_units(page: Page) -> None:
    rows = []
    for package in ("ours", "diff-diff", "csdid"):
        found = [measure("dynamic", package, size) for size in SIZES]
        slope = math.log(found[-1].median / found[0].median) / math.log(SIZES[-1] / SIZES[0])
        each = [f"{one.median:.2f} s, {one.beyond_mb:,.0f} MB" for one in found]
        rows.append([package, *each, f"{slope:.2f}"])
        if package == "ours":
            # Memory must not grow faster than the data: 16 times the units, at most 16 times the peak and a constant.
            assert found[-1].beyond_mb < 16 * max(found[0].beyond_mb, 100)
    page.add(
        "Growth with the number of units",
        "Generated panels of 72 months and 48 cohorts. The exponent is the slope of log time on log units: 1 is "
        "linear.",
        ["package", *(f"{size:,} units" for size in SIZES), "exponent"],
        rows,
    )
