"""How like a force are the places where a tactic was tried: what is said, and what is said not to be known."""

from dataclasses import dataclass

import pytest

from tactics.fit import NOT_KNOWN, fit


@dataclass(frozen=True)
class Place:
    name: str
    region: str = ""
    nation: str = ""


HERE = Place("Kent Police", "South East", "England")
NEAR = Place("Sussex Police", "South East", "England")
FAR = Place("Durham Constabulary", "North East", "England")
WALES = Place("Gwent Police", "Wales", "Wales")
INVENTED = Place("Northmoor Police (invented)")
KNOWN = (HERE, NEAR, FAR, WALES, INVENTED)


@pytest.mark.parametrize(
    ("tried_in", "expected"),
    [
        ([], ["No result yet, so nothing is known of where it fits."]),
        ([HERE.name], ["It was tried in your force.", NOT_KNOWN]),
        (
            [WALES.name, FAR.name, NEAR.name, "Somewhere Police"],
            [
                "It was not tried in your force.",
                "In your region: Sussex Police.",
                "In the rest of your nation: Durham Constabulary.",
                "Elsewhere: Gwent Police.",
                "In places that are in no list of forces: Somewhere Police.",
                NOT_KNOWN,
            ],
        ),
    ],
)
def test_what_is_said_of_the_fit(tried_in: list[str], expected: list[str]) -> None:
    assert fit(HERE, tried_in, KNOWN).words == expected


def test_a_force_without_a_region_is_near_nobody() -> None:
    seen = fit(INVENTED, [place.name for place in KNOWN], KNOWN)
    assert (seen.own, seen.region, seen.nation) == (True, (), ())
    assert len(seen.elsewhere) == 4


def test_every_place_is_counted_once_whatever_the_order() -> None:
    names = [place.name for place in KNOWN] * 2
    assert fit(HERE, names, KNOWN) == fit(HERE, reversed(names), reversed(KNOWN))
