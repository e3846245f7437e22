"""Keys: every unit known, every unit and period once, and what is missing counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from experiments.reader.problems import SHOWN, Problem, Problems
from experiments.reader.schema import Panel
from experiments.reader.typed import Encoded, Places


@dataclass(frozen=True, slots=True)
class MissingPeriods:
    """Pairs of unit and period that have no row: how many of how many, and the first hundred."""

    count: int
    expected: int
    examples: tuple[tuple[str, str], ...]
    period_noun: str

    @property
    def message(self) -> str:
        return f"{self.count:,} of {self.expected:,} unit-{self.period_noun}s missing"


def check_panel(
    columns: Mapping[str, Encoded], panel: Panel, places: Places, problems: Problems
) -> MissingPeriods | None:
    """Add every problem of the keys; say which periods are missing."""
    units = columns[panel.unit]
    period = columns.get(panel.period) if panel.period else None
    _unknown_units(units, panel, places, problems)
    if period is not None and panel.periods is not None:
        known = _known(period.values, panel.periods)
        for row, value in _first_rows(period, ~known, problems):
            message = f"{panel.period_noun.capitalize()} {value} is not in this trial ({places.where(row)})"
            problems.extend([Problem(places.line(row), panel.period, message)], 0)
    _duplicates(units, period, panel, places, problems)
    if panel.arm and panel.arm in columns and panel.allocation is not None:
        _arms(units, columns[panel.arm], panel.arm, panel.allocation, problems)
    return _missing(units, period, panel) if period is not None else None


def _known(values: pa.Array, allowed: Collection[str]) -> NDArray[np.bool_]:
    is_known = pc.is_in(values, pa.array([*allowed, ""], pa.string()))
    return np.asarray(is_known.to_numpy(zero_copy_only=False), dtype=bool)


def _first_rows(column: Encoded, wrong: NDArray[np.bool_], problems: Problems) -> list[tuple[int, str]]:
    """First row and value of each distinct value at fault; all of them are counted."""
    indices = np.flatnonzero(wrong)
    if not len(indices):
        return []
    problems.total += len(indices)
    present, first = np.unique(column.codes, return_index=True)
    rows = first[np.searchsorted(present, indices[:SHOWN])]
    return [(int(row), column.values[int(i)].as_py()) for row, i in zip(rows, indices, strict=False)]


def _unknown_units(units: Encoded, panel: Panel, places: Places, problems: Problems) -> None:
    if panel.units is None:
        return
    foreign = _known(units.values, panel.foreign_units) if panel.foreign_units else None
    for row, unit in _first_rows(units, ~_known(units.values, panel.units), problems):
        message = f"{unit} is not in this trial ({places.where(row)})"
        if foreign is not None and foreign[units.codes[row]]:
            message = f"{unit} belongs to another force"
        problems.extend([Problem(places.line(row), panel.unit, message)], 0)


def _duplicates(
    units: Encoded, period: Encoded | None, panel: Panel, places: Places, problems: Problems
) -> None:
    keys = units.codes.astype(np.int64)
    usable = ~units.blank
    if period is not None:
        keys = keys * max(len(period.values), 1) + period.codes
        usable &= ~period.blank
    rows = np.flatnonzero(usable)
    order = rows[np.argsort(keys[rows], kind="stable")]
    sorted_keys = keys[order]
    again = np.flatnonzero(sorted_keys[1:] == sorted_keys[:-1]) + 1
    if not len(again):
        return
    # The first row of each run of equal keys: where the same key was seen first.
    firsts = order[np.searchsorted(sorted_keys, sorted_keys[again])]
    pairs = sorted(zip(order[again].tolist(), firsts.tolist(), strict=True))
    same = "unit" if period is None else f"unit and {panel.period_noun}"
    shown = [
        Problem(
            places.line(second),
            panel.unit,
            f"{places.word.capitalize()}s {places.line(first)} and {places.line(second)} are the same {same}",
        )
        for second, first in pairs[:SHOWN]
    ]
    problems.extend(shown, len(pairs))


def _arms(units: Encoded, arm: Encoded, name: str, allocation: Mapping[str, str], problems: Problems) -> None:
    """Count the units whose arm is not the one drawn. Which ones is not said: the uploader may be blinded."""
    drawn = pa.array([allocation.get(unit) for unit in units.values.to_pylist()], pa.string())
    differs = pc.fill_null(
        pc.not_equal(drawn.take(pa.array(units.codes)), arm.values.take(pa.array(arm.codes))), False
    )
    wrong = len(np.unique(units.codes[differs.to_numpy(zero_copy_only=False) & ~arm.blank]))
    if wrong:
        noun = "unit" if wrong == 1 else "units"
        problems.add(Problem(None, name, f"Uploaded arm differs from allocation for {wrong:,} {noun}"))


def _missing(units: Encoded, period: Encoded, panel: Panel) -> MissingPeriods:
    """Every expected unit should have every expected period."""
    unit_names = _expected(units, panel.units)
    period_names = _expected(period, panel.periods)
    unit_place = _places_in(units.values, unit_names)[units.codes]
    period_place = _places_in(period.values, period_names)[period.codes]
    both = (unit_place >= 0) & (period_place >= 0)
    n_periods = len(period_names)
    present = np.zeros(len(unit_names) * n_periods, bool)
    present[unit_place[both] * n_periods + period_place[both]] = True
    absent = np.flatnonzero(~present)
    examples = tuple(
        (unit_names[i // n_periods], period_names[i % n_periods]) for i in absent[:SHOWN].tolist()
    )
    return MissingPeriods(len(absent), len(present), examples, panel.period_noun)


def _expected(column: Encoded, declared: Collection[str] | None) -> list[str]:
    return (
        sorted(declared) if declared is not None else [value for value in column.values.to_pylist() if value]
    )


def _places_in(values: pa.Array, names: list[str]) -> NDArray[np.int64]:
    """Position of each distinct value among the names, -1 where it is none of them."""
    found = pc.fill_null(pc.index_in(values, pa.array(names, pa.string())), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)
