"""PURE: files of stops and searches of data.police.uk, which are about people: read strictly, told in counts alone."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from centre.hub import faults, reading
from centre.hub.counts import Counts
from centre.hub.faults import EXCHANGED, IN_PART, OUTSIDE
from centre.hub.reading import FileRefused, Layout, Lines

KIND = "stop-and-search"
# What a person was taken to be: examined, left in the archive as it came, and not among the columns that are kept.
PERSONAL = ("Gender", "Age range", "Self-defined ethnicity", "Officer-defined ethnicity")
LAYOUT = Layout(
    "a file of stops and searches",
    (
        "Type",
        "Date",
        "Part of a policing operation",
        "Policing operation",
        "Latitude",
        "Longitude",
        *PERSONAL,
        "Legislation",
        "Object of search",
        "Outcome",
        "Outcome linked to object of search",
        "Removal of more than just outer clothing",
    ),
)
YES_NO = ("True", "False", "")
VALUES = {
    "Type": ("Person search", "Vehicle search", "Person and Vehicle search"),
    "Part of a policing operation": YES_NO,
    "Gender": ("Male", "Female", "Other", ""),
    "Age range": ("under 10", "10-17", "18-24", "25-34", "over 34", ""),
    "Officer-defined ethnicity": ("Asian", "Black", "Mixed", "Other", "White", ""),
    "Outcome linked to object of search": YES_NO,
    "Removal of more than just outer clothing": YES_NO,
}
RULES = (IN_PART, EXCHANGED, OUTSIDE)
FEWEST = 10  # people behind a count that is told, as in the built-in thresholds of disclosure control
_MOMENT = r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-](0\d|1[0-4]):[0-5]\d)"


def read(content: bytes, *, month: str) -> Lines:
    """Read the stops and searches of one month. Rows do not name their force: the file's name alone does.

    Parameters
    ----------
    content : the bytes of the file.
    month : YYYY-MM, in which every row must lie.

    Raises
    ------
    FileRefused : no such file, cut off, with a date of another month, or a value that the layout does not know.
    """
    table = reading.table_of(content, LAYOUT)
    _dated(table.column("Date"), month)
    for name, values in VALUES.items():
        reading.of_values(table, name, values)
    return Lines(reading.with_coordinates(table).drop_columns(list(PERSONAL)))


def profile(lines: Lines, *, force: str, month: str) -> Counts:
    """Count what a file holds; nothing that describes a person."""
    nowhere = pc.and_(pc.is_null(lines.column("Latitude")), pc.is_null(lines.column("Longitude")))
    return Counts(
        kind=KIND,
        force=force,
        month=month,
        rows=len(lines),
        no_location=reading.total(nowhere),
        crimes=None,
        types=reading.counts(lines.column("Type")),
        outcomes=reading.counts(lines.column("Outcome")),
        faults=tuple(faults.found(lines, RULES)),
    )


def told(n: int) -> int | None:
    """Return a count of people as it may be told: to the nearest ten, and None for one to nine."""
    if 0 < n < FEWEST:
        return None
    return (n + 5) // 10 * 10


def as_told(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return kept counts of one file as they may be told; its rows are told as they are."""
    by_label = {
        name: {label: told(n) for label, n in profile[name].items()} for name in ("types", "outcomes")
    }
    return {**profile, "no_location": told(profile["no_location"]), **by_label}


def _dated(dates: pa.ChunkedArray, month: str) -> None:
    """Refuse a date that is none, or of another month.

    Dates are written in universal time: in summer the first hour of a month reads as the last of the month before.
    """
    expected = "a date such as 2024-01-31T23:59:00+00:00"
    reading.refuse(reading.unlike(dates, _MOMENT), dates, "Date", expected)
    days = pc.utf8_slice_codeunits(dates, 0, 10)
    wrong = [day for day in pc.unique(days).to_pylist() if not _is_day(day)]
    reading.refuse(pc.is_in(days, value_set=pa.array(wrong, pa.string())), dates, "Date", expected)
    first = dt.date.fromisoformat(f"{month}-01")
    last_hour = f"{first - dt.timedelta(days=1)}T23"
    own = pc.or_(pc.starts_with(dates, month), pc.starts_with(dates, last_hour))
    problems = [
        f"line {at + 2}: Date is {dates[at].as_py()!r}; the file is of {month}"
        for at in reading.places(pc.invert(own))
    ]
    if problems:
        raise FileRefused(problems)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
