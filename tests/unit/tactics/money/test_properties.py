"""Chances and intervals against what they must be."""

from math import log

import numpy as np
import pytest
from scipy import stats

from tactics.money import appraise
from tests.unit.tactics.money.examples import fixed, inputs, rate_ratio


@pytest.mark.parametrize("df", [None, 2.0, 9.0])
def test_the_chance_of_coming_out_ahead_is_the_closed_form(df: float | None) -> None:
    # With a fixed cost C the net benefit is above 0 where the log ratio is below log(1 - C / (N u A)).
    draws = np.random.default_rng(6)
    scores = []
    for _ in range(40):
        centre, scale, share = draws.uniform(-0.4, 0.2), draws.uniform(0.03, 0.3), draws.uniform(0.02, 0.3)
        found = appraise(
            inputs(
                forecast=rate_ratio(centre, scale, df),
                costs=(fixed(share * 100 * 11_320),),
                years=1,
                effect_years=1,
                futures=4_000,
            )
        )
        at = (log(1 - share) - centre) / scale
        chance = float(stats.norm.cdf(at) if df is None else stats.t.cdf(at, df))
        scores.append((found.share_ahead - chance) / (chance * (1 - chance) / 4_000 + 1e-9) ** 0.5)
    # The squares of forty standard scores: chi-square with 40 degrees of freedom, 0.1 % either end.
    assert 17 < float(np.sum(np.square(scores))) < 74
    assert max(map(abs, scores)) < 4.5


@pytest.mark.slow
def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    # A trial estimates a true log ratio of -0.15; the interval must hold the true net benefit 95 % of the time.
    truth, error, futures = -0.15, 0.12, 1_000
    net = 100 * 11_320 * (1 - np.exp(truth)) - 50_000
    estimates = np.random.default_rng(8).normal(truth, error, 400)
    hits = 0
    for estimate in estimates:
        one = inputs(
            forecast=rate_ratio(float(estimate), error),
            costs=(fixed(50_000),),
            years=1,
            effect_years=1,
            futures=futures,
        )
        found = appraise(one).net_benefit
        hits += found.conf_low <= net <= found.conf_high
    # Three standard errors of the share, and a little for the ends' own Monte Carlo error.
    assert abs(hits / 400 - 0.95) < 3 * (0.95 * 0.05 / 400) ** 0.5 + 0.01


def test_monte_carlo_error_is_that_of_repeats() -> None:
    # Inputs that differ by a hair have other seeds: their medians must vary as the error says.
    found = [appraise(inputs(incidents=100 + 1e-7 * step, futures=2_000)).net_benefit for step in range(60)]
    seen = float(np.std([one.median for one in found], ddof=1))
    shown = float(np.mean([one.median_error for one in found]))

    assert 0.7 < seen / shown < 1.4


def test_harm_costs_money() -> None:
    found = appraise(inputs(forecast=rate_ratio(0.2, 0.05)))

    assert found.benefit.median < 0
    assert found.benefit.conf_high < 0
    assert found.net_benefit.median < found.benefit.median
    assert found.share_ahead == 0.0


def test_more_benefit_never_lowers_the_chance() -> None:
    chances = [
        appraise(inputs(forecast=rate_ratio(centre))).share_ahead for centre in (-0.5, -0.3, -0.1, 0.1)
    ]
    assert chances == sorted(chances, reverse=True)


def test_a_t_distribution_has_no_mean_on_the_ratio_scale() -> None:
    found = appraise(inputs(forecast=rate_ratio(df=1.0)))

    assert found.net_benefit.mean is None
    assert found.net_benefit.mean_error is None
    assert "no mean" in found.reasons["mean"]
    assert found.cost.mean is not None
    assert np.isfinite(
        [found.net_benefit.median, found.net_benefit.conf_low, found.net_benefit.conf_high]
    ).all()
