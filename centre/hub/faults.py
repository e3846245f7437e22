"""PURE: rows of a monthly file that cannot be as they are: how many break each rule, and on which lines first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from centre.hub.reading import Lines, places, total, unlike

# England and Wales with the sea that snapped points may lie in, in degrees.
WEST, EAST, SOUTH, NORTH = -6.5, 2.0, 49.8, 55.9
FIRST = 5  # lines that are told


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that rows break: `lines` are the first of them."""

    rule: str
    words: str
    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What rows must not be."""

    name: str
    words: str
    breaks: Callable[[Lines], pa.ChunkedArray]


def found(lines: Lines, rules: Sequence[Rule]) -> Iterator[Fault]:
    """Give the faults of a file, in the order of the rules."""
    for rule in rules:
        mask = rule.breaks(lines)
        if rows := total(mask):
            yield Fault(rule.name, rule.words, rows, tuple(at + 2 for at in places(mask, FIRST)))


def not_like(column: str, pattern: str) -> Callable[[Lines], pa.ChunkedArray]:
    """Return what marks the rows whose text, where there is any, has another form."""

    def breaks(lines: Lines) -> pa.ChunkedArray:
        text = lines.column(column)
        return pc.and_(pc.not_equal(text, ""), unlike(text, pattern))

    return breaks


def not_among(column: str, labels: Callable[[], tuple[str, ...]]) -> Callable[[Lines], pa.ChunkedArray]:
    """Return what marks the rows whose label is none of these."""
    return lambda lines: pc.invert(pc.is_in(lines.column(column), value_set=pa.array(labels())))


def _in_part(lines: Lines) -> pa.ChunkedArray:
    return pc.xor(pc.is_null(lines.column("Longitude")), pc.is_null(lines.column("Latitude")))


def _exchanged(lines: Lines) -> pa.ChunkedArray:
    return pc.and_(
        _within(lines.column("Longitude"), SOUTH, NORTH), _within(lines.column("Latitude"), WEST, EAST)
    )


def _outside(lines: Lines) -> pa.ChunkedArray:
    inside = pc.and_(
        _within(lines.column("Longitude"), WEST, EAST), _within(lines.column("Latitude"), SOUTH, NORTH)
    )
    has_both = pc.and_(pc.is_valid(lines.column("Longitude")), pc.is_valid(lines.column("Latitude")))
    return pc.and_(has_both, pc.invert(pc.or_(inside, _exchanged(lines))))


def _within(column: pa.ChunkedArray, low: float, high: float) -> pa.ChunkedArray:
    return pc.fill_null(pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high)), False)


IN_PART = Rule("coordinates_in_part", "one of longitude and latitude is missing", _in_part)
EXCHANGED = Rule("coordinates_exchanged", "longitude and latitude have changed places", _exchanged)
OUTSIDE = Rule("coordinates_outside", "the point lies outside England and Wales", _outside)
