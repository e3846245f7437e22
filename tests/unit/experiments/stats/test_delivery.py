"""Delivery: known values by hand, what may change nothing, and what cannot be said."""

import datetime as dt

import numpy as np
import pytest

from experiments.stats.delivery import Ledger, delivery, forecast, weeks
from experiments.stats.errors import NotEstimable

MONDAY = dt.date(2026, 3, 2).toordinal()
# unit, day, treated, planned, delivered, block
ROWS = (
    (0, MONDAY, True, 30, 30, 0),
    (0, MONDAY + 1, True, 30, 60, 0),
    (1, MONDAY, True, 30, 15, 1),
    (1, MONDAY + 7, True, 30, 0, 1),
    (2, MONDAY, False, 0, 0, 0),
    (2, MONDAY + 1, False, 0, 0, 0),
    (3, MONDAY, False, 0, 20, 1),
    (3, MONDAY + 7, False, 0, np.nan, 1),
)


def ledger(rows: object = ROWS) -> Ledger:
    table = np.array(rows, dtype=float)
    unit, day, treated, planned, delivered, block = table.T
    return Ledger(
        unit.astype(np.int64), day.astype(np.int64), treated > 0, planned, delivered, block.astype(np.int64)
    )


def test_known_values() -> None:
    found = delivery(ledger(), n_units=4)
    assert found.integrity == pytest.approx((30 + 30 + 15 + 0) / 120)
    assert found.delivered_share == pytest.approx(105 / 120)
    assert found.treated_mean == pytest.approx(105 / 4)
    assert found.control_mean == pytest.approx(20 / 3)
    assert found.contamination == pytest.approx((20 / 3) / (105 / 4))
    assert found.crossed == 0.5
    assert found.reversed_blocks == (1,)
    assert found.reported == pytest.approx(7 / 12)


def test_twice_in_one_place_does_not_make_up_for_none_in_another() -> None:
    rows = [(0, MONDAY, True, 30, 60, 0), (1, MONDAY, True, 30, 0, 0)]
    found = delivery(ledger(rows), n_units=2)
    assert found.integrity == 0.5
    assert found.delivered_share == 1.0
    assert found.control_mean is found.crossed is found.contamination is None


def test_weeks_run_from_monday() -> None:
    first, second = weeks(ledger())
    assert (first.start, second.start) == (MONDAY, MONDAY + 7)
    assert first.integrity == pytest.approx(75 / 90)
    assert first.control_mean == pytest.approx(20 / 3)
    assert (second.integrity, second.control_mean) == (0.0, None)


def test_the_forecast_carries_the_last_four_weeks_forward() -> None:
    early = [(0, MONDAY + day, True, 10, 10, 0) for day in range(28)]
    late = [(0, MONDAY + day, True, 10, 4, 0) for day in range(28, 56)]
    found = forecast(ledger(early + late), first=MONDAY, last=MONDAY + 111)
    assert found.projected == pytest.approx(0.5 * 0.7 + 0.5 * 0.4)
    assert found.best == pytest.approx(0.5 * 0.7 + 0.5)
    over = forecast(ledger(early), first=MONDAY, last=MONDAY + 6)
    assert over.projected == over.best == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_order_and_the_unit_of_the_dose_change_nothing(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = [
        (unit, MONDAY + day, unit % 2, 30.1 * (unit % 2), 40 * chance.random() ** 3, unit // 4)
        for unit in range(12)
        for day in range(20)
    ]
    found = delivery(ledger(rows), n_units=12)
    shuffled = [rows[place] for place in chance.permutation(len(rows))]
    assert delivery(ledger(shuffled), n_units=12) == found
    assert weeks(ledger(shuffled)) == weeks(ledger(rows))
    hours = [(unit, day, treated, p / 60, d / 60, block) for unit, day, treated, p, d, block in rows]
    again = delivery(ledger(hours), n_units=12)
    assert again.integrity == pytest.approx(found.integrity)
    assert again.contamination == pytest.approx(found.contamination)
    assert again.crossed == found.crossed


def test_integrity_is_what_was_simulated() -> None:
    """Half of 40,000 rows get their dose, the others nothing: integrity is a half, to within four standard errors."""
    chance = np.random.default_rng(7)
    n = 40_000
    given = chance.random(n) < 0.5
    rows = np.column_stack(
        (
            np.arange(n) % 200,
            MONDAY + np.arange(n) // 200,
            np.ones(n),
            np.full(n, 15.0),
            15 * given,
            np.zeros(n),
        )
    )
    assert delivery(ledger(rows), n_units=200).integrity == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(n))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(0, MONDAY, True, 30, -1, 0)], "a dose is below 0"),
        ([(0, MONDAY, False, 0, 1, 0)], "no dose of a treated unit has been reported"),
        ([(0, MONDAY, True, 30, np.nan, 0)], "no dose of a treated unit has been reported"),
        ([(0, MONDAY, True, 0, 1, 0)], "no dose is planned for any treated unit"),
    ],
)
def test_what_cannot_be_said(rows: list[tuple[object, ...]], reason: str) -> None:
    with pytest.raises(NotEstimable, match=reason):
        delivery(ledger(rows), n_units=1)


def test_a_forecast_needs_days() -> None:
    with pytest.raises(NotEstimable, match="ends before it starts"):
        forecast(ledger(), first=MONDAY + 1, last=MONDAY)
    with pytest.raises(NotEstimable, match="no dose of a treated unit"):
        forecast(ledger([(0, MONDAY, False, 0, 1, 0)]), first=MONDAY, last=MONDAY)
