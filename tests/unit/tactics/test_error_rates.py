"""Error rates: the Wilson interval against its peer, its symmetries, how often it covers, and what it refuses."""

import numpy as np
import pytest
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from tactics import error_rates
from tactics.error_rates import interval, one_in, percent, wilson

CASES = [(10, 2_077), (10, 3_147_436), (0, 50), (50, 50), (1, 3), (29, 100), (263, 1_000), (1, 1)]


@pytest.mark.parametrize(("count", "of"), CASES)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_interval_is_that_of_statsmodels(count: int, of: int, level: float) -> None:
    expected = proportion_confint(count, of, alpha=1 - level, method="wilson")
    assert wilson(count, of, level) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_the_interval_is_the_published_one() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I: method 3, the score method without correction.
    for (count, of), ends in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        assert wilson(count, of) == pytest.approx(ends, abs=5e-5)


@pytest.mark.parametrize(("count", "of"), CASES)
def test_what_went_right_has_the_mirrored_interval(count: int, of: int) -> None:
    low, high = wilson(count, of)
    assert wilson(of - count, of) == pytest.approx((1 - high, 1 - low), rel=1e-12, abs=1e-15)


def test_the_interval_holds_the_rate_and_narrows_with_cases() -> None:
    widths = []
    for times in (1, 10, 100, 1_000):
        low, high = wilson(3 * times, 40 * times)
        assert 0 <= low < 3 / 40 < high <= 1
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert wilson(0, 9)[0] == 0.0
    assert wilson(9, 9)[1] == 1.0


def test_the_interval_covers_about_as_often_as_it_says() -> None:
    # Exact: the chance of every count, for many true rates. Single rates swing about 95%; their mean does not.
    for of in (20, 50, 200, 1_000):
        counts = np.arange(of + 1)
        ends = np.array([wilson(int(count), of) for count in counts])
        rates = np.linspace(0.02, 0.98, 193)
        held = (ends[:, 0] <= rates[:, None]) & (rates[:, None] <= ends[:, 1])
        covered = (binom.pmf(counts, of, rates[:, None]) * held).sum(axis=1)
        assert 0.945 < covered.mean() < 0.96, of
        assert covered.min() > 0.83, of


@pytest.mark.parametrize(
    ("count", "of", "level"), [(1, 0, 0.95), (-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0), (1, 5, 0.0)]
)
def test_what_is_no_rate_is_refused(count: int, of: int, level: float) -> None:
    with pytest.raises(ValueError, match=r"must be|needs a"):
        wilson(count, of, level)


def test_words_keep_two_figures_and_never_round_to_nothing() -> None:
    assert percent(10 / 2_077) == "0.48%"
    assert percent(10 / 3_147_436) == "0.00032%"
    assert percent(0.12) == "12%"
    assert percent(0.5) == "50%"
    assert percent(0) == "0%"
    assert percent(1) == "100%"
    assert percent(0.99985) == "99.985%"
    assert percent(0.0999) == "10%"
    assert interval(10, 2_077) == "0.26% to 0.88%"
    assert one_in(10, 2_077) == "1 in 208"
    assert one_in(0, 10) == ""
    assert one_in(5, 10) == ""
    assert error_rates.LEVEL == 0.95
