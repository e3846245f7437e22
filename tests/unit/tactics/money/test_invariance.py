"""The same inputs give the same bytes, and what does not matter changes nothing."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from centre.canonical import canonical_json
from tactics.money import Deflator, appraise
from tests.unit.tactics.money.examples import PATROL, fixed, inputs, rate_ratio

SCRIPT = (
    "from centre.canonical import digest\n"
    "from tactics.money import appraise\n"
    "from tests.unit.tactics.money.examples import inputs, rate_ratio\n"
    "print(digest(appraise(inputs(forecast=rate_ratio(df=4.0))).as_json()))"
)


@pytest.mark.slow
def test_threads_change_no_byte() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(found) == 1


def test_the_order_of_the_costs_changes_no_byte() -> None:
    lines = (PATROL, fixed(500.0, payer="other"), fixed(0.1), fixed(0.2))
    one, other = (canonical_json(appraise(inputs(costs=costs)).as_json()) for costs in (lines, lines[::-1]))

    assert one == other


def test_years_of_the_index_that_are_not_used_change_no_byte() -> None:
    index = {"2015/16": 80.0, "2024/25": 100.0}
    lines = (fixed(1000, price_year="2024/25"),)
    found = {
        canonical_json(
            appraise(inputs(costs=lines, price_year="2024/25", deflator=Deflator("Index", more))).as_json()
        )
        for more in (index, {**index, "2030/31": 120.0})
    }
    assert len(found) == 1


def test_any_input_changes_the_digest() -> None:
    base = inputs()
    others = [
        replace(base, incidents=101.0),
        replace(base, years=4),
        replace(base, effect_years=4),
        replace(base, discount_rate=0.03),
        replace(base, futures=10_000),
        replace(base, forecast=rate_ratio(df=5.0)),
        replace(base, unit_cost=replace(base.unit_cost, version="2019")),
        replace(base, multiplier=2.0, multiplier_source="A survey"),
    ]
    assert len({appraise(one).inputs_sha256 for one in (base, *others)}) == 9


def test_pounds_in_another_currency_say_the_same() -> None:
    # The draws are others, because the inputs are: within the Monte Carlo error.
    tenfold = replace(inputs().unit_cost, total=113_200.0)
    small = replace(PATROL, set_up=fixed(20_000).set_up, per_year=fixed(0).per_year)
    line = replace(small, set_up=fixed(200_000).set_up)
    one, other = appraise(inputs(costs=(small,))), appraise(inputs(unit_cost=tenfold, costs=(line,)))

    assert one.share_ahead == pytest.approx(other.share_ahead, abs=5 * (one.share_ahead_error + 1e-4))
    assert one.net_benefit.median == pytest.approx(
        other.net_benefit.median / 10, abs=4 * one.net_benefit.median_error
    )


def test_a_multiplier_is_as_many_more_incidents_at_the_same_cost() -> None:
    one = appraise(inputs(multiplier=2.0, multiplier_source="A survey", costs=(fixed(1000),)))
    other = appraise(inputs(incidents=200.0, costs=(fixed(1000),)))

    assert one.benefit.median == pytest.approx(other.benefit.median, abs=5 * one.benefit.median_error)


def test_the_bars_hold_every_future_and_part_at_nought() -> None:
    found = appraise(inputs())
    ahead = sum(bar.futures for bar in found.bars if bar.low >= 0)

    assert sum(bar.futures for bar in found.bars) == found.futures
    assert any(bar.low == 0 for bar in found.bars) or found.bars[-1].high <= 0 or found.bars[0].low > 0
    assert ahead == round(found.share_ahead * found.futures)
    assert 12 <= len(found.bars) <= 40
