"""The rules beside Farrington's: small rises that last are watched; noise, one high month and the season are not."""

import calendar

import numpy as np
import pytest

from centre.hub.trends import beside, cusum, rising
from centre.hub.trends.points import Point
from centre.hub.trends.rising import Rising
from centre.hub.trends.rules import Rules
from centre.hub.trends.series import Floats, Series
from tests.unit.centre.hub.trends.made import months, noise

RULES = Rules()


def series(counts: Floats, name: str = "testshire burglary") -> Series:
    """Return a series with the days of its months."""
    made = months(counts, name=name)
    days = [float(calendar.monthrange(date.year, date.month)[1]) for date in made.dates]
    return Series(name, made.step, made.dates, made.counts, np.array(days))


def among_quiet(counts: Floats, **rules: int) -> Rising:
    """Judge a series among a few in which nothing happens."""
    others = [series(noise(100 + at, years=4, mean=40), f"quiet {at}") for at in range(8)]
    return rising.judge([*others, series(counts)], Rules(**{"months": 1, **rules}))


def points(*chances: float) -> list[Point]:
    """Return verdicts with these p values; each month 12 are counted where 10 were expected."""
    drawn = months(np.arange(float(len(chances))))
    return [
        Point("", date, 12.0, expected=10.0, p_value=p) for date, p in zip(drawn.dates, chances, strict=True)
    ]


def test_a_small_rise_that_lasts_is_worth_watching_and_no_signal() -> None:
    counts = noise(3, years=4, mean=120, dispersion=1.5)
    counts[-6:] = np.round(counts[-6:] * 1.3)
    found = among_quiet(counts)
    assert not found.signals
    (watched,) = (one for one in found.watched if one.series.name == "testshire burglary")
    assert watched.lasting is not None
    assert f"{watched.lasting.since:%Y-%m}" in {"2018-06", "2018-07", "2018-08"}
    assert 1.15 < watched.lasting.observed / watched.lasting.expected < 1.5
    assert watched.fired == ()


def test_noise_is_watched_no_more_often_than_the_rules_say() -> None:
    drawn = np.random.default_rng(11)
    made = [
        series(noise(5000 + at, years=4, mean=10 ** drawn.uniform(0.7, 2.5), dispersion=1.5), f"series {at}")
        for at in range(150)
    ]
    watched = rising.judge(made, Rules(months=1)).watched
    # 0.9 are expected of 150; 4 or more would come once in 75 draws.
    assert len(watched) <= 3


def test_one_high_month_is_no_lasting_rise() -> None:
    counts = noise(3, years=4, mean=120)
    counts[-1] *= 3
    found = among_quiet(counts)
    (signal,) = found.signals
    assert "cusum" not in signal.fired
    assert signal.series not in [one.series for one in found.watched]


def test_a_series_that_is_a_signal_is_not_watched_too() -> None:
    counts = noise(3, years=4, mean=120)
    counts[-4:] *= [1.5, 1.5, 1.5, 3]
    found = among_quiet(counts)
    (signal,) = found.signals
    assert signal.fired[-1] == "cusum"
    assert signal.series not in [one.series for one in found.watched]


def test_what_a_month_adds_is_bounded_and_begins_anew_at_nothing() -> None:
    found = beside.lasting(points(0.9, 1e-9, 0.5, 0.02275013194817921), RULES)
    # Nothing; then 2 - 0.5 for a month that is far out, 0 - 0.5 for an ordinary one, 2 - 0.5 for the last.
    assert found.statistic.value == pytest.approx(2.5)
    assert (f"{found.since:%Y-%m}", found.observed, found.expected) == ("2015-02", 36.0, 30.0)
    assert not found.fires
    assert beside.lasting(points(0.5, 0.5), RULES).observed == 0


def test_months_of_a_large_series_that_nobody_would_act_on_do_not_fire() -> None:
    far = points(*[0.01] * 4)
    assert beside.lasting(far, RULES).fires
    assert not beside.lasting(far, Rules(min_effect=0.25)).fires


def test_the_sum_is_that_of_cusum() -> None:
    found, total = beside.lasting(points(0.2, 0.1, 0.05, 0.1), RULES), 0.0
    for value in (0.8416212335729143, 1.2815515655446004, 1.6448536269514722, 1.2815515655446004):
        total = cusum.added(total, value, 0.5)
    assert found.statistic.value == pytest.approx(total)


def test_months_before_speak_of_a_signal_and_make_none() -> None:
    counts = np.array([20.0, 22, 19, 21, 20, 18, 22] * 5)
    counts[-1] = 40
    found = {one.rule: one for one in beside.by_months_before(series(counts), 34, RULES)}
    assert found["ears_c1"].fires
    assert found["ears_c1"].bound == pytest.approx(3.09, abs=0.001)
    assert found["ears_c3"].bound == pytest.approx(1.96, abs=0.001)
    # Too few counts before, or one that is missing: the rule says nothing, and is no 0.
    assert [one.rule for one in beside.by_months_before(series(counts), 8, RULES)] == ["ears_c1"]
    counts[30] = np.nan
    assert not beside.by_months_before(series(counts), 34, RULES)
