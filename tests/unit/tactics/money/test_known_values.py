"""Money against closed forms and printed figures."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from scipy import stats

from tactics.money import Amount, Deflator, annuity, appraise, forecast
from tactics.money.appraisal import triangular
from tests.unit.tactics.money.examples import PATROL, ROBBERY, fixed, inputs, rate_ratio, summary

SURE = rate_ratio(-0.2, 1e-12)


def test_without_uncertainty_every_future_is_the_plain_sum() -> None:
    amount = Amount(60_000, 60_000, 60_000)
    line = replace(PATROL, set_up=Amount(20_000, 20_000, 20_000), per_year=amount)
    found = appraise(inputs(forecast=SURE, costs=(line,)))
    years = 1 + 1 / 1.035 + 1 / 1.035**2
    benefit = 100 * 11_320 * years * (1 - exp(-0.2))
    cost = 20_000 + 60_000 * years

    for figure, expected in (
        (found.benefit, benefit),
        (found.cost, cost),
        (found.net_benefit, benefit - cost),
    ):
        for value in (figure.mean, figure.median, figure.conf_low, figure.conf_high):
            assert value == pytest.approx(expected, abs=0.01)
    assert found.ratio is not None
    assert found.ratio.median == pytest.approx(benefit / cost, abs=0.005)
    assert (found.share_ahead, found.share_ahead_error) == (1.0, 0.0)


def test_annuity_is_that_of_the_tables() -> None:
    # 8.3166 is the present value of 1 at the end of each of ten years at 3.5 %; ours is paid at the start.
    assert annuity(0.035, 10) == pytest.approx(8.3166 * 1.035, abs=1e-4)
    assert annuity(0.035, 10) == pytest.approx((1 - 1.035**-10) / (1 - 1 / 1.035), rel=1e-14)
    assert annuity(0.0, 7) == 7.0
    assert annuity(0.035, 1) == 1.0


def test_mean_median_and_interval_are_those_of_the_lognormal() -> None:
    found = appraise(inputs(costs=(fixed(0.0),), years=1, effect_years=1, futures=100_000)).benefit
    all_of_it = 100 * 11_320
    quantiles = {0.5: found.median, 0.975: found.conf_low, 0.025: found.conf_high}

    assert found.mean is not None
    assert found.mean_error is not None
    assert found.mean == pytest.approx(all_of_it * (1 - exp(-0.2 + 0.01 / 2)), abs=4 * found.mean_error)
    errors = {0.5: found.median_error, 0.975: found.conf_low_error, 0.025: found.conf_high_error}
    for share, value in quantiles.items():
        ratio = stats.lognorm.ppf(share, 0.1, scale=exp(-0.2))
        assert value == pytest.approx(all_of_it * (1 - ratio), abs=4 * errors[share])
    # The delta method's standard error of the mean, as a check of the Monte Carlo error that is shown.
    spread = all_of_it * exp(-0.2 + 0.005) * (exp(0.01) - 1) ** 0.5
    assert found.mean_error == pytest.approx(spread / 100_000**0.5, rel=0.02)


@pytest.mark.parametrize(("low", "middle", "high"), [(1, 2, 5), (0, 0, 3), (2, 4, 4)])
def test_costs_are_drawn_as_scipy_draws_a_triangle(low: float, middle: float, high: float) -> None:
    uniform = np.linspace(0.001, 0.999, 999)
    peer = stats.triang.ppf(uniform, (middle - low) / (high - low), loc=low, scale=high - low)

    np.testing.assert_allclose(triangular(Amount(low, middle, high), uniform), peer, rtol=1e-12, atol=1e-12)


def test_an_odds_ratio_is_turned_by_the_baseline_risk() -> None:
    # Zhang & Yu 1998: RR = OR / (1 - p + p OR); OR 0.5 at a risk of 0.3 is 0.5882.
    odds = replace(SURE, metric="log_odds_ratio", centre=float(np.log(0.5)))
    found = appraise(inputs(forecast=odds, baseline_risk=0.3, costs=(fixed(1),), years=1, effect_years=1))

    assert found.benefit.median == pytest.approx(100 * 11_320 * (1 - 0.5 / 0.85), abs=0.05)


def test_the_printed_sum_of_hot_spots_in_washington_comes_out() -> None:
    # WSIPP: benefits $605,028 v cost $113,796 an officer: net $491,232, ratio 5.32.
    unit = replace(ROBBERY, total=605_028 / (100 * (1 - exp(-0.2))))
    found = appraise(inputs(forecast=SURE, unit_cost=unit, costs=(fixed(113_796),), years=1, effect_years=1))

    assert found.net_benefit.median == pytest.approx(491_232, abs=0.05)
    assert found.ratio is not None
    assert found.ratio.median == pytest.approx(5.32, abs=0.005)


def test_the_police_part_and_the_rest_are_the_whole() -> None:
    theft = replace(ROBBERY, crime="Theft of vehicle", total=10_290.0, police=2_030.0)
    found = appraise(inputs(forecast=SURE, unit_cost=theft, costs=(fixed(1000),), years=1, effect_years=1))
    share = 100 * (1 - exp(-0.2))

    assert found.police_benefit is not None
    assert found.rest_benefit is not None
    assert found.police_net_benefit is not None
    assert found.police_benefit.median == pytest.approx(2_030 * share, abs=0.01)
    assert found.rest_benefit.median == pytest.approx(8_260 * share, abs=0.01)
    assert found.police_net_benefit.median == pytest.approx(2_030 * share - 1000, abs=0.01)


def test_prices_are_uprated_by_the_index() -> None:
    index = Deflator("An invented index", {"2015/16": 80.0, "2024/25": 100.0})
    line = fixed(1000, price_year="2024/25")
    found = appraise(
        inputs(forecast=SURE, costs=(line,), price_year="2024/25", deflator=index, years=1, effect_years=1)
    )

    assert found.benefit.median == pytest.approx(1.25 * 100 * 11_320 * (1 - exp(-0.2)), abs=0.01)
    assert found.cost.median == 1000


def test_what_is_paid_each_year_goes_with_the_incidents_and_what_is_paid_once_does_not() -> None:
    sums = {
        size: appraise(inputs(incidents=size, years=1, effect_years=1)).cost.mean for size in (100.0, 200.0)
    }
    once, yearly = (10_000 + 20_000 + 40_000) / 3, (50_000 + 60_000 + 90_000) / 3

    assert sums[100.0] == pytest.approx(once + yearly, rel=0.01)
    assert sums[200.0] == pytest.approx(once + 2 * yearly, rel=0.01)


def test_the_forecast_is_the_one_that_the_intervals_were_made_with() -> None:
    three = summary(k=3, tau2=0.03, prediction_df=1.0)
    average, new = (forecast(three, "log_rate_ratio", 3, place) for place in ("average", "new"))

    assert (average.scale, average.df) == (0.1, 2.0)
    assert new.scale == pytest.approx((0.03 + 0.01) ** 0.5)
    assert new.df == 1.0
    assert forecast(summary(), "log_rate_ratio", 1, "average").df is None
    assert forecast(summary(k=2), "log_rate_ratio", 1, "average").df is None
