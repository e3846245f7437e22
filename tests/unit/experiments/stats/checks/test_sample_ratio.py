"""Sample ratio: published and scipy's numbers, the exact tests written out, invariances, size, and refusals."""

from itertools import product
from math import factorial, prod

import numpy as np
import pytest
import scipy.stats

from experiments.stats import run, sample_ratio
from experiments.stats.errors import NotEstimable
from experiments.stats.registered import Registered
from tests.reference import vectors
from tests.unit.experiments.stats import plans


def test_an_arm_without_a_share_costs_no_degree_of_freedom() -> None:
    """Counts 60, 40, 0 with shares ½, ½, 0: χ² = 4 on 1 degree of freedom, p = 0.0455, and not 0.135 on 2."""
    found = sample_ratio([60, 40, 0], [0.5, 0.5, 0.0])
    assert (found.statistic, found.df, found.is_exact) == (pytest.approx(4.0), 1, False)
    assert found.p_value == pytest.approx(0.0455002638963584, rel=1e-12)


@pytest.mark.parametrize(("counts", "share"), [((9, 1), 0.5), ((2, 12), 0.5), ((1, 20), 0.25), ((7, 7), 0.4)])
def test_two_arms_are_the_binomial_test(counts: tuple[int, int], share: float) -> None:
    found = sample_ratio(counts, [share, 1 - share])
    expected = scipy.stats.binomtest(counts[0], sum(counts), share).pvalue
    assert found.is_exact
    assert found.p_value == pytest.approx(expected, rel=1e-9)


def test_three_arms_are_the_multinomial_test_written_out() -> None:
    counts, shares = (9, 2, 3), np.array([0.25, 0.25, 0.5])

    def chance(table: tuple[int, ...]) -> float:
        return factorial(14) / prod(map(factorial, table)) * float(np.prod(shares ** np.array(table)))

    every = [chance(table) for table in product(range(15), repeat=3) if sum(table) == 14]
    expected = sum(p for p in every if p <= chance(counts) * (1 + 1e-9))
    assert sample_ratio(counts, [1, 1, 2]).p_value == pytest.approx(expected, rel=1e-9)


def test_many_units_are_the_chi_square_of_scipy() -> None:
    found, expected = (
        sample_ratio([510, 470, 240], [2, 2, 1]),
        scipy.stats.chisquare([510, 470, 240], [488, 488, 244]),
    )
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


@pytest.mark.parametrize("counts", [(20, 11), (19, 20), (12, 18)])
def test_a_fixed_draw_is_fishers_test_of_who_is_lost(counts: tuple[int, int]) -> None:
    found = sample_ratio(counts, [20, 20], is_fixed=True)
    lost = [20 - count for count in counts]
    assert found.p_value == pytest.approx(scipy.stats.fisher_exact([counts, lost]).pvalue, rel=1e-9)


def test_a_large_fixed_draw_is_the_chi_square_of_scipy() -> None:
    found = sample_ratio([480, 430, 900], [500, 500, 1000], is_fixed=True)
    table = [[480, 430, 900], [20, 70, 100]]
    expected = scipy.stats.chi2_contingency(table, correction=False)
    assert (found.statistic, found.p_value) == pytest.approx((expected[0], expected[1]), rel=1e-9)


def test_nobody_lost_of_a_fixed_draw_is_no_surprise() -> None:
    assert sample_ratio([500, 250], [500, 250], is_fixed=True).p_value == 1.0


def test_invariances() -> None:
    found = sample_ratio([9, 2, 3], [1, 1, 2])
    assert sample_ratio([2, 3, 9], [1, 2, 1]).p_value == pytest.approx(found.p_value, rel=1e-12)
    assert sample_ratio([9, 2, 3], [10, 10, 20]).p_value == pytest.approx(found.p_value, rel=1e-12)
    fixed = sample_ratio([20, 11], [22, 20], is_fixed=True)
    assert sample_ratio([11, 20], [20, 22], is_fixed=True).p_value == pytest.approx(fixed.p_value, rel=1e-12)


@pytest.mark.parametrize("n", [20, 400])
def test_a_fair_draw_is_called_unfair_as_often_as_it_says(n: int) -> None:
    """Exact tests of few units never more often than 5 %; chi-square of many within chance of it."""
    counts = np.random.default_rng(5).binomial(n, 1 / 3, size=2_000)
    each = {one: sample_ratio([one, n - one], [1, 2]).p_value <= 0.05 for one in set(counts.tolist())}
    share = np.mean([each[one] for one in counts.tolist()])
    band = 4 * np.sqrt(0.05 * 0.95 / 2_000)
    assert share < 0.05 + band
    assert n == 20 or share > 0.05 - band - 0.01


@pytest.mark.parametrize(
    ("counts", "planned", "is_fixed", "words"),
    [
        ([3, 4], [1, 0], False, "fewer than two arms were to get any unit"),
        ([3, 4, 1], [1, 1, 0], False, "a unit is in an arm that was to get none"),
        ([0, 0], [1, 1], False, "no unit is in any arm"),
        ([3, 4], [1, 1, 1], False, "counts and shares must be as many as the arms"),
        ([21, 4], [20, 20], True, "more units are analysed in an arm than were drawn for it"),
        ([1] * 40, [1] * 39 + [500], False, "too many and too small"),
    ],
)
def test_refusals(counts: list[int], planned: list[float], is_fixed: bool, words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        sample_ratio(counts, planned, is_fixed=is_fixed)


def test_clusters_are_counted_where_clusters_were_drawn_and_the_supposition_is_said() -> None:
    frame = vectors.clusters()
    plan = plans.plan(plans.estimate("difference_in_means"), checks=["sample_ratio"])
    found = run(plan, frame).document()["checks"]["sample_ratio"]
    assert [row["n"] for row in found["rows"]] == [5, 5]
    assert "if the arms were to be of equal size, as no registration says otherwise" in found["explanation"]


def test_registered_shares_of_a_draw_unit_by_unit_are_what_counts() -> None:
    frame = vectors.clusters().drop(columns="cluster")
    columns = {"unit": "unit", "arm": "arm"}
    plan = plans.plan(plans.estimate("difference_in_means"), columns=columns, checks=["sample_ratio"])
    registered = Registered(
        assignment=dict(zip(frame["unit"], frame["arm"], strict=True)),
        shares={"control": 1, "treatment": 9},
        is_fixed=False,
    )
    found = run(plan, frame, registered=registered).document()["checks"]["sample_ratio"]
    assert found["verdict"] == "red"
    assert "10 % by the registered shares" in found["explanation"]
