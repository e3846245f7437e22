"""Allocation match: whether every row is analysed in the arm that was registered for its unit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.stats.checks.assigned import leading, units_of_rows
from experiments.stats.context import CheckContext
from experiments.stats.errors import NotEstimable
from experiments.stats.labels import number_label
from experiments.stats.plan import EstimateSpec
from experiments.stats.redraw import drawn_columns
from experiments.stats.registered import DrawnDays
from experiments.stats.results import CheckRow

Texts = Sequence[str] | NDArray[np.object_]

NO_REGISTRATION = (
    "the arms that were registered are in neither a plan nor its data, so there is nothing to compare with: run the "
    "analysis in the registry"
)


@dataclass(frozen=True, slots=True)
class AllocationMatch:
    """Rows and units by registered and analysed arm.

    Attributes
    ----------
    rows, units : how many rows, and units with such a row, for each pair of registered and analysed arm.
    unlisted : units in the data that are on no registered list.
    absent : units of the list that are not in the data.
    without_arm : rows without an arm.
    """

    rows: Mapping[tuple[str, str], int]
    units: Mapping[tuple[str, str], int]
    unlisted: int
    absent: int
    without_arm: int

    @property
    def is_match(self) -> bool:
        """Whether every row with an arm has the one registered for its unit."""
        return not self.unlisted and all(one == other for one, other in self.rows)


def allocation_match(units: Texts, analysed: Texts, assignment: Mapping[str, str]) -> AllocationMatch:
    """Compare the arm of every row with the one registered for its unit.

    Parameters
    ----------
    units : (N,) the unit of each row.
    analysed : (N,) the arm of each row; empty where it has none.
    assignment : each unit of the registered list with its arm.

    Returns
    -------
    AllocationMatch : rows and units by registered and analysed arm, and who is missing from either side.

    Raises
    ------
    NotEstimable : an empty list, no row, or no arm in any.
    """
    if not assignment:
        raise NotEstimable("no assignment is registered, so there is nothing to compare the arms with")
    if not len(units):
        raise NotEstimable("there are no rows to compare")
    unit_codes, unit_names = pd.factorize(np.asarray(units, dtype=object))
    arm_codes, arm_names = pd.factorize(np.asarray(analysed, dtype=object))
    drawn = [number_label(assignment[unit]) if unit in assignment else None for unit in unit_names]
    listed = np.array([arm is not None for arm in drawn])
    with_arm = np.array([bool(arm) for arm in arm_names])[arm_codes]
    shown = [number_label(arm) for arm in arm_names]
    kept = with_arm & listed[unit_codes]
    # Each unit and arm once, with its rows.
    pairs, counts = np.unique(unit_codes[kept] * len(shown) + arm_codes[kept], return_counts=True)
    rows: Counter[tuple[str, str]] = Counter()
    members: Counter[tuple[str, str]] = Counter()
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        unit, arm = divmod(pair, len(shown))
        rows[drawn[unit] or "", shown[arm]] += count
        members[drawn[unit] or "", shown[arm]] += 1
    if not rows and listed.all():
        raise NotEstimable("no row has an arm, so there is nothing to compare")
    return AllocationMatch(
        {pair: rows[pair] for pair in sorted(rows)},
        {pair: members[pair] for pair in sorted(rows)},
        unlisted=int(np.count_nonzero(~listed)),
        absent=len(assignment) - int(np.count_nonzero(listed)),
        without_arm=int(np.count_nonzero(~with_arm)),
    )


def check(context: CheckContext) -> CheckRow:
    """The engine's adapter: the rows of the data against the frozen list of the registration.

    Raises
    ------
    NotEstimable : no registration, none of whose units was drawn, or no arms.
    """
    spec = leading(context)
    if context.registered is not None and context.registered.days is not None:
        return _by_day(context, spec, context.registered.days)
    if context.registered is None or not context.registered.assignment:
        raise NotEstimable(NO_REGISTRATION)
    unit, arm = units_of_rows(context.frame, spec), context.frame.coded(spec.columns.arm or "")
    known = unit.codes >= 0
    found = allocation_match(
        np.array([*unit.names, ""], dtype=object)[unit.codes[known]],
        np.array([*arm.names, ""], dtype=object)[arm.codes[known]],
        context.registered.assignment,
    )
    return _row(found)


def _by_day(context: CheckContext, spec: EstimateSpec, days: DrawnDays) -> CheckRow:
    """What was drawn is a place and day, and its arm is the one of that day."""
    if spec.columns.period is None:
        raise NotEstimable("the arms change from day to day, and the plan names no column for the day")
    unit, arm = units_of_rows(context.frame, spec), context.frame.coded(spec.columns.arm or "")
    period = context.frame.coded(spec.columns.period)
    column = [*drawn_columns(period.names, days.days), -1]
    known = (unit.codes >= 0) & (period.codes >= 0) & (arm.codes >= 0)
    names, shown = [*unit.names, ""], [*arm.names, ""]
    found = allocation_match(
        [
            f"{names[one]}\n{column[day]}"
            for one, day in zip(unit.codes[known].tolist(), period.codes[known].tolist(), strict=True)
        ],
        [shown[code] for code in arm.codes[known].tolist()],
        {f"{place}\n{day}": label for place, drawn in days.arms.items() for day, label in enumerate(drawn)},
    )
    return _row(found, "place and day", "places and days")


def _row(found: AllocationMatch, unit: str = "unit", units: str = "units") -> CheckRow:
    """Counts stand in the rows, which a release rounds, and not in the words."""
    rows: list[dict[str, Any]] = [
        {"registered": pair[0], "analysed": pair[1], "n_obs": count, "n_units": found.units[pair]}
        for pair, count in found.rows.items()
    ]
    if found.absent:
        rows.append({"registered": "any arm", "analysed": "not in the data", "n_units": found.absent})
    if found.unlisted:
        rows.append({"registered": "not on the list", "analysed": "any arm", "n_units": found.unlisted})
    said = []
    if any(one != other for one, other in found.rows):
        said.append(f"Some rows are analysed in another arm than the one registered for their {unit}.")
    if found.unlisted:
        said.append(f"Some {units} in the data are not on the registered list.")
    if found.is_match:
        said.append(f"Every row with an arm is analysed in the arm registered for its {unit}.")
    if found.without_arm:
        said.append("Some rows have no arm.")
    return CheckRow("ok" if found.is_match else "red", " ".join(said), rows=tuple(rows))
