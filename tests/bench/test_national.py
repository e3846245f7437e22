"""At the size of the country: 35,672 neighbourhoods by months, and 43 forces, ours and the peers in one run."""

import math

import pytest

from tests.bench.conftest import REPEATS, Measured, Page, digits, measure
from tests.bench.test_staggered import HEAD

pytestmark = pytest.mark.bench

NEIGHBOURHOODS = 35_672
FORCES = 43
GROWTH = (417, 4_167, NEIGHBOURHOODS)  # by 120 months: 50,040, 500,040 and 4,280,640 rows
COPY = "one copy of the columns"


def test_two_way_effects_of_every_neighbourhood(page: Page) -> None:
    ours = measure("national_two_way", "ours", NEIGHBOURHOODS)
    rows = [ours.row(ours, "")]
    for package, errors_agree in (
        (COPY, False),
        ("pyfixest", True),
        ("linearmodels, low_memory", False),
    ):
        theirs = measure("national_two_way", package, NEIGHBOURHOODS)
        if package == COPY:
            rows.append(theirs.row(ours, "five columns; nothing is estimated"))
            continue
        assert digits(ours, theirs, 0) >= 6
        if errors_agree:
            assert digits(ours, theirs, 1) >= 6
        rows.append(theirs.row(ours, f"{digits(ours, theirs, 0)} digits, error {digits(ours, theirs, 1)}"))
    assert ours.beyond_mb < 1_000
    page.add(
        "Two-way fixed effects of every neighbourhood",
        f"{ours.units:,} units by 120 months, {ours.rows:,} rows, two regressors, errors clustered by unit; ours from "
        "the frame to the result document. linearmodels' small-sample factor counts the absorbed units; without its "
        "option low_memory it ended for want of memory (24 GiB).",
        HEAD,
        rows,
    )


def test_dynamic_effects_of_every_neighbourhood_with_a_band(page: Page) -> None:
    ours = measure("national_dynamic", "ours", NEIGHBOURHOODS)
    rows = [ours.row(ours, "")]
    for package in ("diff-diff", "csdid"):
        # csdid takes half a minute a time.
        theirs = measure("national_dynamic", package, NEIGHBOURHOODS, 2 if package == "csdid" else REPEATS)
        assert digits(ours, theirs, 0) >= 6
        rows.append(theirs.row(ours, f"{digits(ours, theirs, 0)} digits; {_errors(ours, theirs)}"))
    page.add(
        "Callaway–Sant'Anna with a simultaneous band, every neighbourhood",
        f"{ours.units:,} units by 60 months, {ours.rows:,} rows, five starts, never-treated controls, from the same "
        "long frame. Ours: analytic errors and a band from 9,999 Gaussian draws; theirs: errors and band from 999 "
        "draws over units. csdid was run twice.",
        HEAD,
        rows,
    )


def _errors(ours: Measured, theirs: Measured) -> str:
    """How far the worst error of theirs, made of draws, is from ours."""
    shared = [
        term for term in theirs.answer if term in ours.answer and not math.isnan(theirs.answer[term][1])
    ]
    if not shared:
        return "errors not given for each"
    worst = max(100 * abs(theirs.answer[term][1] / ours.answer[term][1] - 1) for term in shared)
    return f"errors of 999 draws within {worst:.0f} %"


def test_wild_bootstrap_of_the_forces(page: Page) -> None:
    ours, theirs = (measure("wild", package, FORCES) for package in ("ours", "pyfixest"))
    assert digits(ours, theirs, 0) >= 6
    gap = abs(ours.answer["overall"][1] - theirs.answer["overall"][1])
    p = ours.answer["overall"][1]
    assert gap < 4 * math.sqrt(2 * max(p * (1 - p), 0.01) / 9_999)
    page.add(
        "Wild cluster bootstrap of the forces",
        f"{ours.units} clusters by 120 months, 9,999 Rademacher draws of the restricted bootstrap. Ours is the whole "
        "engine with the interval that inverts the test; pyfixest (through wildboottest) is the test of a model that "
        "was fitted before the clock, without an interval.",
        HEAD,
        [ours.row(ours, f"p = {p:.4f}"), theirs.row(ours, f"p = {theirs.answer['overall'][1]:.4f}")],
    )


def test_growth_with_the_number_of_rows(page: Page) -> None:
    rows = []
    for question, package in (
        ("national_two_way", "ours"),
        ("national_two_way", "pyfixest"),
        ("national_dynamic", "ours"),
    ):
        found = [measure(question, package, size) for size in GROWTH]
        each = [f"{one.median:.3f} s, {one.beyond_mb:,.0f} MB" for one in found]
        slope = math.log(found[-1].median / found[0].median) / math.log(GROWTH[-1] / GROWTH[0])
        what = (
            "two-way effects"
            if question == "national_two_way"
            else "Callaway–Sant'Anna with a band (60 months)"
        )
        rows.append([f"{what}, {package}", *each, f"{slope:.2f}"])
        if package == "ours":
            assert found[-1].beyond_mb < 1_000
    page.add(
        "Growth with the number of rows",
        "417, 4,167 and 35,672 units by 120 months, or half as many rows for Callaway–Sant'Anna. The exponent is the "
        "slope of log time on log rows: 1 is linear.",
        ["what", "50 thousand rows", "500 thousand", "4.28 million", "exponent"],
        rows,
    )
