"""Bias, coverage and size of a crossover by place and day, at 6, 10, 20, 21 and 40 places over 30 days.

Places and days of the week have levels of their own, errors remember the day before, one day in three is treated.
"""

from functools import cache

import numpy as np
import pytest

from experiments.stats import crossover, twfe
from experiments.stats.errors import NotEstimable
from experiments.stats.regression.cells import Redrawn, cells, redrawn_schedules
from experiments.stats.regression.day_draws import DayOrders, Rules
from experiments.stats.regression.two_way import TwoWayFit
from tests.unit.experiments.stats.coverage.measure import (
    COUNT,
    Found,
    autoregressive,
    keeps_its_size,
    long_codes,
    measured,
    normals,
    sound,
)
from tests.unit.experiments.stats.coverage.test_draws import EXACT_DRAWS, FEWER

pytestmark = pytest.mark.slow

DAYS, TRUTH = 30, 0.5
ORDERS = DayOrders.of(Rules((4, 2), longest_run=4, washout=1))


@cache
def trials(places: int) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes without the tactic (R, P, T), and the days that were drawn (R, P, T)."""
    y = autoregressive(normals(f"crossover of {places}", COUNT, places, DAYS))
    y += normals(f"crossover levels of {places}", COUNT, places, 1) + np.cos(2 * np.pi * np.arange(DAYS) / 7)
    z = np.concatenate(list(ORDERS.draw(places, 5, COUNT, 1, f"trials of {places}"))).astype(float)
    return y, z


def found(fit: TwoWayFit | NotEstimable, place: int = 0) -> Found:
    assert isinstance(fit, TwoWayFit)
    error = float(np.sqrt(fit.covariance[place, place]))
    return float(fit.coefficients[place]), error, fit.df(np.eye(len(fit.coefficients))[place])


@pytest.mark.parametrize("places", [6, 10, 20, 21, 40])
def test_cr2_has_no_bias_and_covers(places: int) -> None:
    y, z = trials(places)
    place, day = long_codes(places, DAYS)

    def fit(r: int) -> dict[str, Found]:
        outcome = (y[r] + TRUTH * z[r]).ravel()
        return {"effect": found(twfe(outcome, z[r].ravel(), place, day, covariance="CR2"))}

    sound(measured(fit, {"effect": TRUTH})["effect"])


@pytest.mark.parametrize("places", [6, 10, 20, 21, 40])
def test_days_drawn_again_keep_their_size(places: int) -> None:
    y, z = trials(places)
    place, day = long_codes(places, DAYS)

    def p_value(r: int) -> float:
        tables = [z[r][None], *ORDERS.draw(places, 5, EXACT_DRAWS, r, "H1")]
        schedules = [Redrawn(table.astype(float)) for table in tables]
        data = cells(y[r].ravel(), place, day)
        return redrawn_schedules(data, z[r], schedules, is_exact=False).draws.p_at(0.0)

    keeps_its_size(np.array([p_value(r) for r in range(FEWER)]))


def test_carry_over_is_found_and_what_is_left_of_the_effect_has_no_bias() -> None:
    """Half of the effect lasts into the next day: the plain estimate is off, those beside it are not."""
    places, count = 21, 300
    y, z = trials(places)
    place, day = long_codes(places, DAYS)

    def fit(r: int) -> dict[str, Found]:
        moved = y[r] + TRUTH * z[r]
        moved[:, 1:] += TRUTH / 2 * z[r][:, :-1]
        one = crossover(moved.ravel(), z[r].ravel(), place, day)
        return {
            "plain": found(one.fit),
            "carry-over": found(one.carry_over, 1),
            "beside": found(one.carry_over),
            "settled": found(one.settled),
        }

    # A day after another of the same arm has yesterday's share in it too.
    truth = {"plain": TRUTH, "carry-over": TRUTH / 2, "beside": TRUTH, "settled": 1.5 * TRUTH}
    four = measured(fit, truth, count)
    assert four["plain"].bias < -4
    for name in ("carry-over", "beside", "settled"):
        sound(four[name], 0.92, 0.98)  # 300 replicates: a standard error of 1.3 points
