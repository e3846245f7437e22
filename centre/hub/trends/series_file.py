"""Read series of counts from a CSV: columns date and count; series, population, and for a scan x and y."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from centre.csv_lines import lines
from centre.hub.trends.errors import TrendsRefused
from centre.hub.trends.series import Series, evenly

MAXIMUM_ROWS = 5_000_000
SHOWN = 20  # problems
KNOWN = ("date", "count", "series", "population", "x", "y")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")


@dataclass(slots=True)
class Column:
    """The rows of one series, in the order of the file."""

    lines: list[int] = field(default_factory=list)
    dates: list[dt.date] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    population: list[float] = field(default_factory=list)
    places: set[tuple[float, float]] = field(default_factory=set)


def read(raw: bytes) -> tuple[list[Series], dict[str, tuple[float, float]]]:
    """Return the series in the order of their names, and where each lies (longitude, latitude) if x and y are given.

    A date is 2024-05 or 2024-05-13. An empty count is missing, not 0.

    Raises
    ------
    TrendsRefused : encoding, header, a row or a cell, by line; dates of a series that follow no step.
    """
    header, rows = _rows(raw)
    problems: list[str] = []
    columns: dict[str, Column] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            problems.append(f"line {line}: {len(cells)} fields; the header has {len(header)}")
        else:
            _take(dict(zip(header, cells, strict=True)), line, columns, problems)
        if len(problems) >= SHOWN:
            raise TrendsRefused(problems)
    if problems:
        raise TrendsRefused(problems)
    return _series(columns, "population" in header), _places(columns, "x" in header)


def _rows(raw: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    given = lines(raw, TrendsRefused)
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in given if any(cells)]
    if len(rows) < 2:
        raise TrendsRefused(["the file has no rows"])
    if len(rows) > MAXIMUM_ROWS:
        raise TrendsRefused([f"the file has {len(rows) - 1:,} rows; at most {MAXIMUM_ROWS:,} are read"])
    header = rows[0][1]
    problems = [f"line 1: unknown column {name or '(no name)'}" for name in header if name not in KNOWN]
    problems += [f"line 1: column {name} appears twice" for name in KNOWN if header.count(name) > 1]
    problems += [f"line 1: column {name} is missing" for name in ("date", "count") if name not in header]
    if ("x" in header) != ("y" in header):
        problems.append("line 1: give both columns x (longitude) and y (latitude), or none")
    if problems:
        raise TrendsRefused(problems)
    return header, rows[1:]


def _take(row: dict[str, str], line: int, columns: dict[str, Column], problems: list[str]) -> None:
    column = columns.setdefault(row.get("series", ""), Column())
    date = _date(row["date"])
    if date is None:
        problems.append(f"line {line}, column date: write a date as 2024-05-13 or 2024-05")
        return
    count = float("nan") if row["count"] == "" else _number(row["count"])
    if count is None or count < 0:
        problems.append(
            f"line {line}, column count: must be a number, 0 or more; leave it empty where it is missing"
        )
        return
    column.lines.append(line)
    column.dates.append(date)
    column.counts.append(count)
    if "population" in row:
        people = _number(row["population"])
        if people is None or people <= 0:
            problems.append(f"line {line}, column population: must be a number above 0")
            return
        column.population.append(people)
    if "x" in row:
        x, y = _number(row["x"]), _number(row["y"])
        if x is None or y is None or abs(x) > 180 or abs(y) > 90:
            problems.append(f"line {line}, columns x and y: must be a longitude and a latitude in degrees")
            return
        column.places.add((x, y))


def _date(text: str) -> dt.date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _series(columns: dict[str, Column], has_population: bool) -> list[Series]:
    problems, found = [], []
    for name in sorted(columns):
        column = columns[name]
        try:
            found.append(
                evenly(name, column.dates, column.counts, column.population if has_population else None)
            )
        except ValueError as fault:
            called = f"series {name}" if name else "the series"
            problems.append(f"{called} (from line {column.lines[0]}): {fault}")
    if problems:
        raise TrendsRefused(problems[:SHOWN])
    return found


def _places(columns: dict[str, Column], has_places: bool) -> dict[str, tuple[float, float]]:
    if not has_places:
        return {}
    moved: Sequence[str] = [name for name, column in columns.items() if len(column.places) > 1]
    if moved:
        raise TrendsRefused([f"series {name}: has more than one place" for name in sorted(moved)[:SHOWN]])
    return {name: next(iter(column.places)) for name, column in columns.items()}
