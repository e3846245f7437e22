"""Rows of a street file that cannot be as they are: each rule with how many rows break it, and on which lines first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from centre.hub.street.labels import ANTI_SOCIAL, NO_LOCATION, categories, outcomes
from centre.hub.street.reading import Street, places

# England and Wales with the sea that snapped points may lie in, in degrees.
WEST, EAST, SOUTH, NORTH = -6.5, 2.0, 49.8, 55.9
LINES = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that rows break: `lines` are the first of them."""

    rule: str
    words: str
    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    words: str
    breaks: Callable[[Street], pa.ChunkedArray]


def found(street: Street) -> Iterator[Fault]:
    """Give the faults of a file, in the order of the rules."""
    for rule in RULES:
        mask = rule.breaks(street)
        if rows := int(pc.sum(mask).as_py() or 0):
            yield Fault(rule.name, rule.words, rows, tuple(at + 2 for at in places(mask, LINES)))


def _in_part(street: Street) -> pa.ChunkedArray:
    return pc.xor(pc.is_null(street.column("Longitude")), pc.is_null(street.column("Latitude")))


def _place_in_part(street: Street) -> pa.ChunkedArray:
    without = pc.is_null(street.column("Latitude"))
    no_code = pc.equal(street.column("LSOA code"), "")
    no_place = pc.equal(street.column("Location"), NO_LOCATION)
    return pc.or_(pc.xor(without, no_code), pc.xor(without, no_place))


def _exchanged(street: Street) -> pa.ChunkedArray:
    return pc.and_(
        _within(street.column("Longitude"), SOUTH, NORTH), _within(street.column("Latitude"), WEST, EAST)
    )


def _outside(street: Street) -> pa.ChunkedArray:
    inside = pc.and_(
        _within(street.column("Longitude"), WEST, EAST), _within(street.column("Latitude"), SOUTH, NORTH)
    )
    has_both = pc.and_(pc.is_valid(street.column("Longitude")), pc.is_valid(street.column("Latitude")))
    return pc.and_(has_both, pc.invert(pc.or_(inside, _exchanged(street))))


def _within(column: pa.ChunkedArray, low: float, high: float) -> pa.ChunkedArray:
    return pc.fill_null(pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high)), False)


def _not_like(column: str, pattern: str) -> Callable[[Street], pa.ChunkedArray]:
    def breaks(street: Street) -> pa.ChunkedArray:
        text = street.column(column)
        return pc.and_(pc.not_equal(text, ""), pc.invert(pc.match_substring_regex(text, f"^{pattern}$")))

    return breaks


def _not_among(column: str, labels: Callable[[], tuple[str, ...]]) -> Callable[[Street], pa.ChunkedArray]:
    return lambda street: pc.invert(pc.is_in(street.column(column), value_set=pa.array(labels())))


def _anti_social(street: Street) -> pa.ChunkedArray:
    return pc.equal(street.column("Crime type"), ANTI_SOCIAL)


def _has(column: str) -> Callable[[Street], pa.ChunkedArray]:
    return lambda street: pc.and_(_anti_social(street), pc.not_equal(street.column(column), ""))


def _without_id(street: Street) -> pa.ChunkedArray:
    return pc.and_(pc.invert(_anti_social(street)), pc.equal(street.column("Crime ID"), ""))


def _or_none() -> tuple[str, ...]:
    return ("", *outcomes())


RULES = (
    _Rule("coordinates_in_part", "one of longitude and latitude is missing", _in_part),
    _Rule("place_in_part", "coordinates, LSOA code and place name must be missing together", _place_in_part),
    _Rule("coordinates_exchanged", "longitude and latitude have changed places", _exchanged),
    _Rule("coordinates_outside", "the point lies outside England and Wales", _outside),
    _Rule("lsoa_form", "an LSOA code is E01 or W01 and six digits", _not_like("LSOA code", r"[EW]01\d{6}")),
    _Rule("id_form", "a crime's id is 64 hexadecimal digits", _not_like("Crime ID", "[0-9a-f]{64}")),
    _Rule(
        "category_unknown", "the crime type is none that the files know", _not_among("Crime type", categories)
    ),
    _Rule(
        "outcome_unknown",
        "the outcome is none that the files know",
        _not_among("Last outcome category", _or_none),
    ),
    _Rule(
        "anti_social_with_id", "anti-social behaviour is an incident, and has no crime's id", _has("Crime ID")
    ),
    _Rule("anti_social_with_outcome", "anti-social behaviour has no outcome", _has("Last outcome category")),
    _Rule("crime_without_id", "a crime has an id", _without_id),
)
