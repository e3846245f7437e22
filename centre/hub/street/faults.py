"""Rows of a street file that cannot be as they are."""

from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from centre.hub import faults
from centre.hub.faults import EXCHANGED, IN_PART, OUTSIDE, Fault, Rule, not_among, not_like
from centre.hub.reading import Lines
from centre.hub.street.labels import ANTI_SOCIAL, NO_LOCATION, categories, outcomes


def found(street: Lines) -> Iterator[Fault]:
    """Give the faults of a file, in the order of the rules."""
    return faults.found(street, RULES)


def _place_in_part(street: Lines) -> pa.ChunkedArray:
    without = pc.is_null(street.column("Latitude"))
    no_code = pc.equal(street.column("LSOA code"), "")
    no_place = pc.equal(street.column("Location"), NO_LOCATION)
    return pc.or_(pc.xor(without, no_code), pc.xor(without, no_place))


def _anti_social(street: Lines) -> pa.ChunkedArray:
    return pc.equal(street.column("Crime type"), ANTI_SOCIAL)


def _has(column: str) -> Callable[[Lines], pa.ChunkedArray]:
    return lambda street: pc.and_(_anti_social(street), pc.not_equal(street.column(column), ""))


def _without_id(street: Lines) -> pa.ChunkedArray:
    return pc.and_(pc.invert(_anti_social(street)), pc.equal(street.column("Crime ID"), ""))


def _or_none() -> tuple[str, ...]:
    return ("", *outcomes())


# What files of outcomes have as well: a place is written in the same columns.
OF_PLACES = (
    IN_PART,
    Rule("place_in_part", "coordinates, LSOA code and place name must be missing together", _place_in_part),
    EXCHANGED,
    OUTSIDE,
    Rule("lsoa_form", "an LSOA code is E01 or W01 and six digits", not_like("LSOA code", r"[EW]01\d{6}")),
)
RULES = (
    *OF_PLACES,
    Rule("id_form", "a crime's id is 64 hexadecimal digits", not_like("Crime ID", "[0-9a-f]{64}")),
    Rule(
        "category_unknown", "the crime type is none that the files know", not_among("Crime type", categories)
    ),
    Rule(
        "outcome_unknown",
        "the outcome is none that the files know",
        not_among("Last outcome category", _or_none),
    ),
    Rule(
        "anti_social_with_id", "anti-social behaviour is an incident, and has no crime's id", _has("Crime ID")
    ),
    Rule("anti_social_with_outcome", "anti-social behaviour has no outcome", _has("Last outcome category")),
    Rule("crime_without_id", "a crime has an id", _without_id),
)
