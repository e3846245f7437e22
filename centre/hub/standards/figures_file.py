"""PURE: a CSV of figures that a force sends: read row by row, refused whole with every problem."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from centre.csv_lines import LinesRefused, first, rows
from centre.hub.months import first_day

COLUMNS = ("force", "measure", "period", "value", "denominator", "basis")
BASES = ("counted", "sampled", "estimated")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,3})?\Z")
_OF_WHOLE_ONES = ("count", "rate", "share")  # units whose value is a count
_DIVIDED = ("rate", "share")


class FiguresRefused(LinesRefused):
    """The file cannot be used; each problem is one line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. A value of None is not known, and never 0."""

    line: int
    force: str
    measure: str
    first_month: dt.date
    last_month: dt.date
    value: Decimal | None
    denominator: Decimal | None
    basis: str

    @property
    def of(self) -> tuple[str, str]:
        """Return what it is a figure of."""
        return self.force, self.measure

    @property
    def period(self) -> tuple[dt.date, dt.date]:
        """Return its first and its last month."""
        return self.first_month, self.last_month


@dataclass(frozen=True, slots=True)
class Known:
    """What a file may speak of: the sender's forces, units of measures, those not sent like this, and today."""

    forces: frozenset[str]
    units: Mapping[str, str]
    not_sent: Mapping[str, str]  # why, and what to send
    today: dt.date


class _Fault(Exception):
    """What is wrong with a row."""


def read(raw: bytes, known: Known) -> list[Row]:
    """Return every row of the file.

    Raises
    ------
    FiguresRefused : the columns are others, there is no row, or a row cannot be used; at most 50 problems are listed.
    """
    found, problems = [], []
    for number, cells in rows(raw, FiguresRefused, COLUMNS):
        try:
            found.append(_row(number, cells, known))
        except _Fault as fault:
            problems.append(f"Line {number}: {fault}")
    problems += _overlaps(found)
    if not problems and not found:
        problems = ["The file has no figure: only the line of columns"]
    if problems:
        raise FiguresRefused(first(problems, len(problems)))
    return found


def _row(number: int, cells: list[str], known: Known) -> Row:
    if len(cells) != len(COLUMNS):
        raise _Fault(f"has {len(cells)} cells where {len(COLUMNS)} are to be")
    force, measure, period, value, denominator, basis = cells
    if force not in known.forces:
        raise _Fault(
            f"“{force[:60]}” is not a force that you send figures of: use its short name, like surrey"
        )
    if measure in known.not_sent:
        raise _Fault(f"“{measure}” is {known.not_sent[measure]}")
    if measure not in known.units:
        raise _Fault(f"“{measure[:60]}” is no measure of the dictionary: use its key")
    start, end = _period(period, known.today)
    row = Row(
        number,
        force,
        measure,
        start,
        end,
        _number("value", value),
        _number("denominator", denominator),
        basis,
    )
    if basis not in BASES:
        raise _Fault(f"basis is “{basis[:60]}”: say counted, sampled or estimated")
    _check(row, known.units[measure])
    return row


def _period(text: str, today: dt.date) -> tuple[dt.date, dt.date]:
    months = [first_day(part) for part in text.split("/")]
    found = [one for one in months if one]
    if len(months) > 2 or len(found) < len(months):
        raise _Fault(f"period is “{text[:60]}”: write a month as 2026-03, or months as 2025-04/2026-03")
    start, end = found[0], found[-1]
    if end < start:
        raise _Fault("the period ends before it begins")
    if end >= today.replace(day=1):
        raise _Fault("the period is not over yet")
    return start, end


def _number(name: str, text: str) -> Decimal | None:
    if text and not _NUMBER.match(text):
        raise _Fault(
            f"{name} is “{text[:60]}”: write 0 or more in figures, like 1204 or 81.5, and leave it empty if not known"
        )
    return Decimal(text) if text else None


def _check(row: Row, unit: str) -> None:
    if row.value is None:
        if row.denominator is not None:
            raise _Fault("there is a denominator and no value: leave both empty if it is not known")
        return
    if row.denominator == 0:
        raise _Fault("denominator is 0: where there was nothing to count, leave value and denominator empty")
    if unit in _DIVIDED and row.denominator is None:
        raise _Fault(f"a {unit} needs its denominator: of how many the value is counted")
    if unit not in _DIVIDED and row.denominator is not None:
        raise _Fault(f"denominator must be empty: the measure is no rate and no share, its unit is {unit}")
    if unit in _OF_WHOLE_ONES and row.value != int(row.value):
        raise _Fault(f"value is {row.value}: it is a number of whole ones, and no percentage")
    if unit == "share" and row.denominator is not None:
        if row.denominator != int(row.denominator):
            raise _Fault(f"denominator is {row.denominator}: it is a number of whole ones")
        if row.value > row.denominator:
            raise _Fault(f"value {row.value} is more than its denominator {row.denominator}")


def _overlaps(found: list[Row]) -> Iterator[str]:
    """Give each row whose months another row of the same force and measure has."""
    order = sorted(found, key=lambda row: (row.of, row.period, row.line))
    last: Row | None = None
    for row in order:
        if last and last.of == row.of and row.first_month <= last.last_month:
            yield f"Line {row.line}: line {last.line} has a figure of the same months"
        if last is None or last.of != row.of or row.last_month > last.last_month:
            last = row
