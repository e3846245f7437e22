"""Randomisation inference of a trial of 35,000 people, beside a loop of regressions."""

import math

import pytest

from tests.bench.conftest import Page, digits, measure
from tests.bench.packages import LOOPED, REDRAWS

pytestmark = pytest.mark.bench

PEOPLE = 35_000
LOOP = "statsmodels, a loop"
WHAT = {"redraw": "difference in means", "redraw_adjusted": "with one covariate"}
HEAD = [
    "what",
    "package",
    "median s",
    "range s",
    "s for all draws",
    "times ours",
    "peak MB beyond the data",
    "p",
]


def test_randomisation_inference_beside_a_loop(page: Page) -> None:
    rows = []
    for question, what in WHAT.items():
        ours = measure(question, "ours", PEOPLE)
        theirs = measure(question, LOOP, PEOPLE, repeats=2)
        assert digits(ours, theirs, 0) >= 10
        p = [found.answer["overall"][1] for found in (ours, theirs)]
        assert abs(p[0] - p[1]) < 4 * math.sqrt(p[0] * (1 - p[0]) / LOOPED)
        whole = theirs.median * REDRAWS / LOOPED
        for found, seconds, ratio, value in (
            (ours, ours.median, "", p[0]),
            (theirs, whole, f"{whole / ours.median:.1f}", p[1]),
        ):
            spread = f"{min(found.seconds):.2f}–{max(found.seconds):.2f}"
            median = f"{found.median:.2f}"
            memory = f"{found.beyond_mb:,.0f}"
            rows.append(
                [what, found.package, median, spread, f"{seconds:.2f}", ratio, memory, f"{value:.3f}"]
            )
    page.add(
        "Randomisation inference of a large trial",
        f"{PEOPLE:,} people assigned alone, {REDRAWS:,} draws, each effect divided by its robust error. Ours is the "
        "whole engine, from the frame to the result document with its interval; "
        "the loop fits a regression to each of "
        f"{LOOPED:,} draws, twice, is scaled to {REDRAWS:,}, and gives no interval.",
        HEAD,
        rows,
    )
