"""Trends before the start, from what came before it alone."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from experiments.stats.checks.blind_trends import blind_trends
from experiments.stats.errors import NotEstimable


def panel(seed: int, n: int = 40, periods: int = 6, drift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    ever = np.arange(n) % 2 == 0
    level = chance.normal(size=(n, 1)) + chance.normal(size=periods)
    return level + chance.normal(size=(n, periods)) + drift * np.outer(ever, np.arange(periods)), ever


def test_the_leads_are_those_of_a_two_way_regression() -> None:
    """The peer: statsmodels on the panel with unit and period effects, errors by unit."""
    outcomes, ever = panel(1)
    n, periods = outcomes.shape
    unit, period = np.repeat(np.arange(n), periods), np.tile(np.arange(periods), n)
    leads = [(np.repeat(ever, periods) & (period == t)).astype(float) for t in range(periods - 1)]
    effects = [(unit == u).astype(float) for u in range(n)] + [
        (period == t).astype(float) for t in range(1, periods)
    ]
    fit = sm.OLS(outcomes.ravel(), np.column_stack(leads + effects)).fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )
    q = periods - 1
    covariance = fit.cov_params()[:q, :q] * n / (n - 1)
    wald = fit.params[:q] @ np.linalg.solve(covariance, fit.params[:q])
    found = blind_trends(outcomes, ever)
    assert found.statistic == pytest.approx((n - q) / (q * (n - 1)) * wald, rel=1e-8)
    assert found.df == q


def test_levels_order_and_names_change_nothing() -> None:
    outcomes, ever = panel(2)
    found = blind_trends(outcomes, ever)
    moved = blind_trends(outcomes + np.arange(40)[:, None] + 7 * np.arange(6), ever)
    assert moved.p_value == pytest.approx(found.p_value)
    order = np.random.default_rng(3).permutation(40)
    assert blind_trends(outcomes[order], ever[order]).p_value == pytest.approx(found.p_value)
    assert blind_trends(outcomes, ~ever).slope == pytest.approx(-found.slope)


def test_size_and_power() -> None:
    """1,000 panels without a drift: 5 % are rejected, to within four Monte-Carlo errors; a drift of 0.5 is seen."""
    rejected = np.mean([blind_trends(*panel(seed)).p_value < 0.05 for seed in range(1_000)])
    assert abs(rejected - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 1_000)
    assert np.mean([blind_trends(*panel(seed, drift=0.5)).p_value < 0.05 for seed in range(100)]) > 0.9


def test_clusters_widen_the_test() -> None:
    outcomes, ever = panel(4)
    twice = np.vstack((outcomes, outcomes))
    both = np.concatenate((ever, ever))
    clusters = np.tile(np.arange(40), 2)
    assert blind_trends(twice, both, clusters=clusters).p_value == pytest.approx(
        blind_trends(outcomes, ever).p_value
    )


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [(np.ones((6, 1)), "two periods"), (np.array([[1.0, 2.0]] * 5 + [[1.0, np.nan]]), "two units")],
)
def test_what_it_refuses(outcomes: np.ndarray, reason: str) -> None:
    ever = np.array([False] * 4 + [True, True])
    with pytest.raises(NotEstimable, match=reason):
        blind_trends(outcomes, ever)
