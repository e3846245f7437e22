"""What a file is expected to hold: its columns, its keys, its limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Kind = Literal["text", "integer", "count", "number", "date", "binary", "period", "first_treated"]
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One declared column.

    Attributes
    ----------
    name : the header, exactly.
    kind : text (kept as written), integer, count (whole, 0 or more), number, date (YYYY-MM-DD),
        binary (0 or 1), period (whole number, date, month, quarter or week; one form throughout),
        first_treated (a period, or blank, ``never`` or ``inf`` for never).
    required : blank values are refused.
    optional : the whole column may be absent.
    minimum, maximum : bounds for numbers.
    earliest, latest : the trial's first and last day, for dates and for periods written as dates.
    today : dates after it are in the future.
    choices : the values a text column may hold.
    """

    name: str
    kind: Kind
    required: bool = True
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    earliest: date | None = None
    latest: date | None = None
    today: date | None = None
    choices: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """What the rows are about: the key, and what the trial knows of its units.

    Attributes
    ----------
    unit, period : the columns whose values together occur once; without a period, once for each unit.
    period_noun : what one period is called in messages ("week", "month").
    units : the units of the trial that this file may hold; None where any is allowed.
    foreign_units : units of the trial that belong to somebody else.
    periods : the periods every unit should have, as text; None takes those that occur.
    arm, allocation : the column with the arm, and the arm that was drawn for each unit.
    """

    unit: str
    period: str | None = None
    period_noun: str = "period"
    units: Collection[str] | None = None
    foreign_units: Collection[str] = field(default_factory=frozenset)
    periods: Collection[str] | None = None
    arm: str | None = None
    allocation: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is read at all."""

    n_bytes: int = 50 * MEGABYTE
    rows: int = 1_000_000
    columns: int = 500
    cell: int = 10_000


UPLOAD = Limits()
COMMAND_LINE = Limits(n_bytes=4_000 * MEGABYTE, rows=50_000_000, columns=5_000, cell=100_000)
