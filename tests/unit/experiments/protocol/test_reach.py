"""When two trials meet: on which days, and in what."""

import datetime as dt
import itertools

import pytest

from experiments.protocol.reach import Days, Reach, measured_until, planned_from, planned_until, reach
from experiments.protocol.vocabulary import UnitType
from tests.unit.experiments.protocol import documents


def days(begin: int, end: int, measured: int) -> Days:
    start = dt.date(2026, 1, 1)
    return Days(*(start + dt.timedelta(days=one) for one in (begin, end, measured)))


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        (days(0, 10, 10), days(10, 20, 20), True),  # the same last and first day
        (days(0, 10, 10), days(11, 20, 20), False),
        (days(0, 10, 30), days(11, 20, 40), True),  # the second treats while the first still measures
        (days(0, 10, 30), days(31, 40, 60), False),
        (days(0, 30, 30), days(10, 12, 12), True),  # one inside the other
    ],
)
def test_the_days_that_meet(one: Days, other: Days, meets: bool) -> None:
    assert one.meets(other) is meets
    assert other.meets(one) is meets


def test_days_meet_as_often_as_some_day_is_treated_by_one_and_counted_by_the_other() -> None:
    spans = [days(*ends) for ends in itertools.combinations_with_replacement(range(5), 3)]
    for one, other in itertools.product(spans, spans):
        by_day = any(
            (one.begin <= day <= one.end and other.begin <= day <= other.measured_until)
            or (other.begin <= day <= other.end and one.begin <= day <= one.measured_until)
            for day in (dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(5))
        )
        assert one.meets(other) is by_day, (one, other)


def test_every_type_of_unit_is_in_something() -> None:
    assert all(reach(unit) for unit in UnitType)
    assert reach(UnitType.HOT_SPOT) == reach(UnitType.PLACE_DAY) == {Reach.PLACES}
    assert reach(UnitType.OFFENDER) == reach(UnitType.CALL) == {Reach.PEOPLE}
    assert reach(UnitType.TEAM) == {Reach.OFFICERS}
    assert reach(UnitType.FORCE) == reach(None) == set(Reach)


def test_a_protocol_says_from_when_until_when() -> None:
    read = documents.read(
        dates__intervention_start__date="2027-01-10",
        dates__intervention_end__date="2027-06-30",
        dates__follow_up_end__date="2027-12-31",
        dates__primary_completion__date="2027-11-30",
    )
    assert planned_from(read) == dt.date(2027, 1, 10)
    assert planned_until(read) == dt.date(2027, 6, 30)
    assert measured_until(read) == dt.date(2027, 12, 31)
    blank = documents.read(dates={})
    assert (planned_from(blank), planned_until(blank), measured_until(blank)) == (None, None, None)
