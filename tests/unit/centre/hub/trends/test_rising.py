"""What is rising in many series at once: noise stays quiet, an outbreak is found, and short histories are said."""

import calendar

import numpy as np
import pytest

from centre.canonical import canonical_json, plain
from centre.hub.trends import rising
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


def quiet(seed: int, n: int = 60, *, years: int = 4) -> list[Series]:
    """Return series in which nothing has happened, of all sizes and dispersions."""
    drawn = np.random.default_rng(seed)
    return [
        series(
            noise(
                1000 * seed + at,
                years=years,
                mean=10 ** drawn.uniform(0.7, 2.5),
                dispersion=drawn.uniform(1, 2),
            ),
            f"series {at}",
        )
        for at in range(n)
    ]


def of(found: Rising, name: str) -> list[rising.Verdict]:
    return [one for one in found.signals if one.series.name == name]


def test_noise_makes_no_more_signals_than_false_discovery_control_allows() -> None:
    scans = [rising.judge(quiet(seed), Rules(months=1, cusum_months=1)) for seed in range(20)]
    # With nothing to find every signal is false, and a month has any with a chance of .05: of 20 months in 4 or more
    # with a chance of .016.
    assert sum(bool(one.signals) for one in scans) <= 3
    alarms = sum(bool(verdict.point.alarm) for one in scans for verdict in one.verdicts)
    assert 20 <= alarms <= 100, (
        "about 60 of 1,200 are above their own bound: without control they would be shown"
    )


def test_an_outbreak_is_found_with_the_rules_that_fired() -> None:
    counts = noise(3, years=4, mean=40)
    counts[-2:] *= 3
    found = rising.judge([*quiet(1), series(counts)], RULES)
    newest, before = of(found, "testshire burglary")
    assert [f"{one.point.date:%Y-%m}" for one in (newest, before)] == ["2018-12", "2018-11"]
    assert newest.fired == ("farrington", "again", "xmr_outside", "ears_c2", "ears_c3")
    assert before.fired == ("farrington", "xmr_outside", "ears_c1", "ears_c2", "ears_c3")
    assert (newest.years, newest.same_season) == (3, 9)
    assert newest.point.count > 2 * newest.point.expected
    assert found.signals[0] is newest


def test_the_same_series_give_the_same_bytes() -> None:
    first, second = (canonical_json(plain(rising.judge(quiet(5, 10), RULES).as_json())) for _ in range(2))
    assert first == second


def test_a_long_month_is_not_rising_for_its_days() -> None:
    made = series(np.full(48, 100.0))
    assert made.population is not None
    counts = Series(made.name, made.step, made.dates, 100 * made.population, made.population)
    found = {one.point.date.month: one.point for one in rising.judge([counts], Rules(months=12)).verdicts}
    assert found[3].expected == pytest.approx(3100)
    assert found[2].expected == pytest.approx(2800)


@pytest.mark.parametrize(
    ("n", "gone", "reason"),
    [
        (13, (), "The series begins in January 2015: a year and 1 month before are needed"),
        (26, (25,), "The month has no file, or one that is not to be compared"),
        (25, (12, 13), "Of the same season of earlier years 1 count may be compared; 2 are needed"),
        (25, (11, 12, 13), "Of the same season of earlier years no counts may be compared; 2 are needed"),
    ],
)
def test_too_little_history_is_said(n: int, gone: tuple[int, ...], reason: str) -> None:
    counts = noise(1, years=3)[:n]
    counts[list(gone)] = np.nan
    beside = series(noise(2, years=3)[:n], "another")
    found = rising.judge([series(counts), beside], Rules(months=1))
    assert [one.reason for one in found.unjudged if one.series != "another"] == [reason]


def test_who_sends_late_is_judged_by_its_own_month() -> None:
    counts = noise(4, years=4, mean=60)
    counts[-2] *= 3
    late = series(counts[:-1], "late")
    found = rising.judge([*quiet(2, 5), late], RULES)
    assert [f"{one.point.date:%Y-%m}" for one in of(found, "late")] == ["2018-11"]
    assert [(one.series, one.reason) for one in found.unjudged] == [
        ("late", "Nothing of this month has been received yet")
    ]


def test_two_years_of_history_are_enough() -> None:
    counts = noise(6, years=3, mean=60)[:26]
    counts[-1] *= 4
    found = rising.judge([series(counts), *quiet(3, 5, years=3)], Rules(months=11))
    (signal,) = of(found, "testshire burglary")
    assert (signal.years, signal.same_season, len(signal.compared)) == (2, 6, 24)


def test_counts_too_small_for_a_chart_have_no_rule_of_it() -> None:
    counts = noise(7, years=4, mean=4)
    counts[-1] = 40
    (found,) = of(rising.judge([series(counts)], Rules(months=1)), "testshire burglary")
    assert found.fired == ("farrington", "ears_c1", "ears_c2", "ears_c3")


def test_nothing_to_judge_is_refused() -> None:
    with pytest.raises(ValueError, match="no series has a count"):
        rising.judge([series(np.full(30, np.nan))], RULES)
