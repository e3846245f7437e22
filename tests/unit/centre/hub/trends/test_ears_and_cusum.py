"""EARS and CUSUM: known values, what must not matter, what is refused."""

import numpy as np
import pytest

from centre.distributions import quantile
from centre.hub.trends import cusum, ears
from centre.hub.trends.errors import NotEstimable
from tests.unit.centre.hub.trends.made import days

BASELINE = [3.0, 5, 4, 6, 2, 4, 4]


@pytest.mark.parametrize(("alpha", "bound"), [(0.001, 7.989473), (0.05, 6.123497)])
def test_c1(alpha: float, bound: float) -> None:
    found = ears.evaluate(days([*BASELINE, 9]), 7, ears.Options(alpha=alpha), "ears_c1")
    assert found.upper_bound == pytest.approx(bound, abs=5e-7)
    assert (found.expected, found.alarm, found.rule) == (4.0, True, "above the bound")
    assert ears.evaluate(days([*BASELINE, 6]), 7, ears.Options(alpha=alpha), "ears_c1").alarm is False


def test_c2_leaves_two_out_between() -> None:
    direct = ears.evaluate(days([*BASELINE, 9]), 7, ears.Options(), "ears_c1")
    later = ears.evaluate(days([*BASELINE, 100, 100, 9]), 9, ears.Options(), "ears_c2")
    assert later.upper_bound == direct.upper_bound


def test_c3_adds_what_c2_found_over_three_counts() -> None:
    counts = np.array([3.0, 5, 4, 6, 2, 4, 4, 5, 3, 7, 6, 8])
    series = days(counts)
    statistics = [
        (counts[at] - counts[at - 9 : at - 2].mean()) / counts[at - 9 : at - 2].std(ddof=1)
        for at in (9, 10, 11)
    ]
    total = sum(max(0.0, one - 1) for one in statistics)
    found = ears.evaluate(series, 11, ears.Options(), "ears_c3")
    assert found.score == pytest.approx(total / quantile(0.975, None))
    assert found.alarm == (total > quantile(0.975, None))
    # At the bound the sum is exactly the threshold.
    counts[11] = found.upper_bound
    assert ears.evaluate(days(counts), 11, ears.Options(), "ears_c3").score == pytest.approx(1.0)


def test_twice_the_counts_are_as_unusual() -> None:
    ones = ears.evaluate(days([*BASELINE, 8]), 7, ears.Options(), "ears_c1")
    twos = ears.evaluate(days([2 * count for count in [*BASELINE, 8]]), 7, ears.Options(), "ears_c1")
    assert (ones.score, ones.p_value) == pytest.approx((twos.score, twos.p_value))


@pytest.mark.slow
def test_p_values_of_normal_counts_are_even() -> None:
    drawn = np.random.default_rng(1).normal(100, 10, (4_000, 8))
    p = [ears.evaluate(days(list(row)), 7, ears.Options(), "ears_c1").p_value for row in drawn]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.011)
    assert np.mean(np.array(p) < 0.001) < 0.003


def test_ears_refuses() -> None:
    with pytest.raises(NotEstimable, match="7 counts are needed before; there are 6"):
        ears.evaluate(days([*BASELINE]), 6, ears.Options(), "ears_c1")
    with pytest.raises(NotEstimable, match="give min_sigma"):
        ears.evaluate(days([4.0] * 8), 7, ears.Options(), "ears_c1")
    with pytest.raises(NotEstimable, match="missing"):
        ears.evaluate(days([*BASELINE[:-1], np.nan, 5]), 7, ears.Options(), "ears_c1")
    assert ears.evaluate(days([4.0] * 8), 7, ears.Options(min_sigma=0.5), "ears_c1").alarm is False


def test_cusum_of_known_values() -> None:
    """k 1.04, h 2.26: 0.96, 1.92, 0.88, 2.84, with an alarm at the fourth."""
    m = 4.0
    counts = [cusum.inverse(value, m, "standard") for value in (2, 2, 0, 3)]
    found = cusum.evaluate(days(counts), 0, 3, cusum.Options(m=m, transformation="standard"))
    assert [one.score for one in found] == pytest.approx([value / 2.26 for value in (0.96, 1.92, 0.88, 2.84)])
    assert [one.alarm for one in found] == [False, False, False, True]


@pytest.mark.parametrize("transformation", cusum.TRANSFORMATIONS)
def test_the_count_at_the_bound_brings_the_sum_to_h(transformation: cusum.Transformation) -> None:
    counts = [5.0, 7.0, 6.0]
    options = cusum.Options(m=4.0, transformation=transformation)
    bound = cusum.evaluate(days(counts), 0, 2, options)[2].upper_bound
    assert bound is not None
    assert cusum.evaluate(days([5.0, 7.0, bound]), 0, 2, options)[2].score == pytest.approx(1.0)


def test_reset_begins_again_after_an_alarm() -> None:
    counts = days([20.0, 4, 4])
    kept = cusum.evaluate(counts, 0, 2, cusum.Options(m=4.0))
    reset = cusum.evaluate(counts, 0, 2, cusum.Options(m=4.0, reset=True))
    assert [one.alarm for one in kept] == [True, True, True]
    assert [one.alarm for one in reset] == [True, False, False]


def test_a_missing_count_leaves_the_sum() -> None:
    whole = cusum.evaluate(days([9.0, 9]), 0, 1, cusum.Options(m=4.0))
    gap = cusum.evaluate(days([9.0, np.nan, 9]), 0, 2, cusum.Options(m=4.0))
    assert gap[1].not_estimable
    assert gap[2].score == whole[1].score


def test_cusum_refuses() -> None:
    with pytest.raises(NotEstimable, match="give m"):
        cusum.evaluate(days([1.0, 2]), 0, 1, cusum.Options())
    with pytest.raises(NotEstimable, match="expected count is 0"):
        cusum.evaluate(days([0.0, 0, 3]), 2, 2, cusum.Options())
