"""How like a force are the places where a tactic was tried: what is said, and what is said not to be known."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from tactics.fit import NO_FIGURES, NOT_KNOWN, fit


@dataclass(frozen=True)
class Place:
    name: str
    region: str = ""
    nation: str = ""
    officers: Decimal | None = None
    officers_on: date | None = None
    crime_rate: float | None = None
    recorded_crime_on: date | None = None


def place(name: str, region: str, nation: str, officers: str, crime_rate: float | None) -> Place:
    return Place(name, region, nation, Decimal(officers), date(2019, 9, 30), crime_rate, date(2024, 12, 31))


HERE = place("Kent Police", "South East", "England", "3547.58", 85.9)
NEAR = place("Sussex Police", "South East", "England", "2646.85", 77.8)
FAR = place("Durham Constabulary", "North East", "England", "1124.74", 94.1)
WALES = place("Gwent Police", "Wales", "Wales", "1293.73", 98.0)
CITY = place("City of London Police", "London", "England", "753.20", None)
INVENTED = Place("Northmoor Police (invented)")
KNOWN = (HERE, NEAR, FAR, WALES, CITY, INVENTED)
DATES = "These are officers at 30 September 2019 and recorded crime in the year to 31 December 2024."


@pytest.mark.parametrize(
    ("tried_in", "expected"),
    [
        ([], ["No result yet, so nothing is known of where it fits."]),
        ([HERE.name], ["It was tried in your force.", NOT_KNOWN]),
        (
            [WALES.name, FAR.name, NEAR.name, CITY.name, INVENTED.name, "Somewhere Police"],
            [
                "It was not tried in your force.",
                "In your region: Sussex Police.",
                "In the rest of your nation: City of London Police, Durham Constabulary.",
                "Elsewhere: Gwent Police, Northmoor Police (invented).",
                "In places that are in no list of forces: Somewhere Police.",
                "City of London Police: 0.21 times your officers, recorded crime for each resident not known.",
                "Durham Constabulary: 0.32 times your officers, about as much recorded crime for each resident "
                "(1.1 times yours).",
                "Gwent Police: 0.36 times your officers, about as much recorded crime for each resident (1.1 times "
                "yours).",
                "Sussex Police: 0.75 times your officers, about as much recorded crime for each resident (0.91 times "
                "yours).",
                DATES,
                "Not known: size and recorded crime of Northmoor Police (invented).",
                NOT_KNOWN,
            ],
        ),
    ],
)
def test_what_is_said_of_the_fit(tried_in: list[str], expected: list[str]) -> None:
    assert fit(HERE, tried_in, KNOWN).words == expected


@pytest.mark.parametrize(
    ("officers", "rate", "expected"),
    [
        (
            "100",
            50.0,
            "about your size (1.0 times your officers), about as much recorded crime for each resident",
        ),
        (
            "125",
            62.5,
            "about your size (1.2 times your officers), about as much recorded crime for each resident",
        ),
        (
            "80",
            40.0,
            "about your size (0.80 times your officers), about as much recorded crime for each resident",
        ),
        ("126", 63.0, "1.3 times your officers, more recorded crime for each resident (1.3 times yours)"),
        ("79", 39.5, "0.79 times your officers, less recorded crime for each resident (0.79 times yours)"),
    ],
)
def test_about_alike_is_a_quarter_more_either_way(officers: str, rate: float, expected: str) -> None:
    here = replace(HERE, officers=Decimal(100), crime_rate=50.0)
    there = replace(NEAR, officers=Decimal(officers), crime_rate=rate)
    assert expected in fit(here, [there.name], [there]).words[-3]


def test_alike_is_the_same_whichever_of_two_one_stands_in() -> None:
    def size(here: Place, there: Place) -> bool:
        return "about your size" in " ".join(fit(here, [there.name], [there]).words)

    for number in range(50, 200, 3):
        there = replace(NEAR, officers=Decimal(number))
        here = replace(HERE, officers=Decimal(100))
        assert size(here, there) == size(there, here)


def test_a_force_without_figures_is_told_that_nothing_is_known() -> None:
    words = fit(INVENTED, [NEAR.name], KNOWN).words
    assert words[-1] == NO_FIGURES
    assert not any("times" in one for one in words)


def test_a_force_without_a_region_is_near_nobody() -> None:
    seen = fit(INVENTED, [one.name for one in KNOWN], KNOWN)
    assert (seen.own, seen.region, seen.nation) == (True, (), ())
    assert len(seen.elsewhere) == 5


def test_every_place_is_counted_once_whatever_the_order() -> None:
    names = [one.name for one in KNOWN] * 2
    assert fit(HERE, names, KNOWN) == fit(HERE, reversed(names), reversed(KNOWN))
