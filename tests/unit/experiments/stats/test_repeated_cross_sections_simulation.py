"""Over many simulated cross-sections and panels with gaps: no bias, and intervals that cover as often as they say.

Every seed is fixed. The bounds on coverage are 1.5 points either side of 95 %, over two Monte-Carlo standard errors.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from experiments.stats import callaway_santanna_rows
from experiments.stats.staggered.effects import GroupTimeEffects

pytestmark = pytest.mark.slow

REPLICATES = 1_500
Draw = Callable[[np.random.Generator], tuple[GroupTimeEffects, float]]


def staggered(rng: np.random.Generator) -> tuple[GroupTimeEffects, float]:
    """Return the effects from 2,000 rows of three cohorts in five periods, about a hundred in each cell."""
    cohort = np.array([3.0, 4.0, np.inf])[rng.choice(3, 2_000, p=[0.3, 0.3, 0.4])]
    period = rng.integers(1, 6, 2_000).astype(float)
    level = np.where(np.isinf(cohort), 0.0, cohort)
    since = np.where(period >= cohort, period - level, -1.0)
    y = 0.3 * level + 0.2 * period + np.where(since >= 0, 0.5 + 0.1 * since, 0.0)
    y += rng.normal(size=2_000) * (1 + 0.1 * level)
    found = callaway_santanna_rows(y, cohort, period, control_group="not_yet_treated", aggregation="dynamic")
    return found, 0.5 + 0.1 * 1


def selected(estimation: Any) -> Draw:
    """Return a draw in which a covariate drives who is treated, how outcomes move, and the effect."""

    def draw(rng: np.random.Generator) -> tuple[GroupTimeEffects, float]:
        x = rng.normal(size=1_500)
        is_treated = 0.7 * x + rng.logistic(size=1_500) > 0.3
        post = rng.random(1_500) < 0.5
        # 0.5 on average over the treated: their own mean of x is taken out.
        gain = 0.5 + 0.4 * (x - TREATED_MEAN)
        y = x + post * (0.3 + 0.8 * x) + gain * is_treated * post + rng.normal(size=1_500)
        found = callaway_santanna_rows(
            y,
            np.where(is_treated, 2.0, np.inf),
            1.0 + post,
            covariates=x[:, None],
            estimation=estimation,
        )
        return found, 0.5

    return draw


def treated_mean() -> float:
    """Return the mean of x among those treated in `selected`."""
    grid = np.linspace(-8, 8, 40_001)
    weight = np.exp(-(grid**2) / 2) / (1 + np.exp(0.3 - 0.7 * grid))
    return float(grid @ weight / weight.sum())


TREATED_MEAN = treated_mean()


def gappy(rng: np.random.Generator) -> tuple[GroupTimeEffects, float]:
    """Return the effects from 200 units of unequal level, each seen in about two thirds of four periods."""
    cohort = np.array([3.0, 4.0, np.inf])[rng.choice(3, 200, p=[0.3, 0.3, 0.4])]
    seen = rng.random((200, 4)) < 0.65
    unit, column = np.nonzero(seen)
    period = column + 1.0
    y = rng.normal(size=200)[unit] + 0.2 * period + 0.5 * (period >= cohort[unit])
    y += 0.7 * rng.normal(size=len(unit))
    return callaway_santanna_rows(y, cohort[unit], period, unit=unit, aggregation="group"), 0.5


def clustered(rng: np.random.Generator) -> tuple[GroupTimeEffects, float]:
    """Return the effects from other people in the same 100 places, which share shocks, and start together."""
    cohort = np.where(np.arange(100) % 2 == 0, 3.0, np.inf)
    place = rng.integers(0, 100, 1_500)
    period = rng.integers(1, 5, 1_500).astype(float)
    shock = 0.5 * rng.normal(size=(100, 5))
    y = rng.normal(size=100)[place] + shock[place, period.astype(int)] + 0.5 * (period >= cohort[place])
    found = callaway_santanna_rows(y + rng.normal(size=1_500), cohort[place], period, cluster=place)
    return found, 0.5


DRAWS: dict[str, Draw] = {
    "staggered": staggered,
    "reg": selected("reg"),
    "ipw": selected("ipw"),
    "dr": selected("dr"),
    "units with gaps": gappy,
    "clusters": clustered,
}


@pytest.mark.parametrize("name", DRAWS)
def test_there_is_no_bias_and_intervals_cover(name: str) -> None:
    estimates, errors, truth = np.empty(REPLICATES), np.empty(REPLICATES), 0.0
    for seed in range(REPLICATES):
        found, truth = DRAWS[name](np.random.default_rng([seed, list(DRAWS).index(name)]))
        estimates[seed], errors[seed] = found.overall, found.std_error
    drift = (estimates.mean() - truth) / (estimates.std(ddof=1) / math.sqrt(REPLICATES))
    assert abs(drift) < 4
    covered = float((np.abs(estimates - truth) < 1.959964 * errors).mean())
    assert 0.935 <= covered <= 0.965
    # The spread of a spread over R replicates is 1/sqrt(2R) of it.
    assert errors.mean() == pytest.approx(estimates.std(ddof=1), rel=4 / math.sqrt(2 * REPLICATES) + 0.02)


def test_rows_of_places_that_share_shocks_are_not_independent() -> None:
    """Why the plan names the cluster: without it the same intervals cover far too seldom."""
    covered = []
    for seed in range(300):
        rng = np.random.default_rng([seed, 99])
        cohort = np.where(np.arange(100) % 2 == 0, 3.0, np.inf)
        place = rng.integers(0, 100, 1_500)
        period = rng.integers(1, 5, 1_500).astype(float)
        shock = 0.8 * rng.normal(size=(100, 5))
        y = shock[place, period.astype(int)] + 0.5 * (period >= cohort[place]) + rng.normal(size=1_500)
        found = callaway_santanna_rows(y, cohort[place], period)
        covered.append(abs(found.overall - 0.5) < 1.959964 * found.std_error)
    assert np.mean(covered) < 0.85
