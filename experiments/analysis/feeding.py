"""A trial's outcomes from the hub: counted for its frozen units, and written as the file that its protocol expects."""

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from centre import vault
from centre.errors import Conflict, Invalid, Problem
from centre.hub import lookups
from centre.models import Force, MonthlyFile, User
from experiments.analysis.expected import columns
from experiments.analysis.extracting import MOST_MONTHS, counted, usable
from experiments.hub_counts import Counts
from experiments.models import Allocation, Extract, Trial
from experiments.protocol import Protocol
from experiments.stats import plan as plans

BEFORE = "_before"  # a baseline variable of this name after an outcome's column is the outcome in the frozen extract


@dataclass(frozen=True, slots=True)
class Fed:
    """The file as it is sent, and the months that are not in it, each with the reason."""

    content: bytes
    months: tuple[str, ...]
    left_out: tuple[str, ...]


def can_feed(trial: Trial) -> bool:
    """Return whether the registered protocol names an outcome that the hub counts."""
    registration = trial.registration
    return registration is not None and any(one.hub_measure for one in registration.frozen_protocol.outcomes)


def outcomes(trial: Trial, by: User) -> Fed:
    """Count the outcomes of the frozen units that the protocol says the hub counts.

    With a column of periods there is a row for each unit and month, else one row for each unit: its count from the
    month in which the intervention starts.

    Raises
    ------
    Conflict : nothing is registered or frozen yet, or the hub counts none of its outcomes.
    Invalid : a column is needed that the hub cannot fill, a unit is no area, or there is no month.
    """
    registration, allocation = trial.registration, trial.allocation
    if registration is None or allocation is None:
        raise Conflict("Data are taken once the protocol is registered and the unit list is frozen.")
    if not can_feed(trial):
        raise Conflict("No outcome of the registered protocol is counted by the hub: upload a file instead.")
    read = registration.frozen_protocol
    plan = plans.parse(dict(read.analysis_plan))
    extract = _extract(trial, read)
    fixed = _fixed(allocation, plan, extract, read)
    _refuse_unknown_columns(read, plan, fixed)
    forces = _forces(trial, allocation)
    first, last = _months(read, plan, forces, extract)
    files, left_out = usable(forces, first, last, by)
    measures = {one.column: one.hub_measure for one in read.outcomes if one.hub_measure}
    by_measure = {measure: counted(files, forces, measure) for measure in sorted(set(measures.values()))}
    by_column = {column: by_measure[measure] for column, measure in measures.items()}
    months = next(iter(by_column.values())).months
    units = sorted(allocation.units.values_list("code", flat=True))
    _refuse_unknown_units(units, next(iter(by_column.values())))
    return Fed(_written(units, months, fixed, by_column, plan.columns), months, tuple(left_out))


def _written(
    units: list[str],
    months: tuple[str, ...],
    fixed: Mapping[str, Mapping[str, str]],
    by_column: Mapping[str, Counts],
    names: Any,
) -> bytes:
    unit, period = names.unit or "unit", names.period
    place = {
        column: {code: at for at, code in enumerate(counts.units)} for column, counts in by_column.items()
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([unit, *([period] if period else []), *fixed, *by_column])
    for code in units:
        own = [fixed[name][code] for name in fixed]
        series = [
            counts.values[place[column][code]].tolist() if code in place[column] else [0] * len(months)
            for column, counts in by_column.items()
        ]
        if period:
            for at, month in enumerate(months):
                writer.writerow([code, f"{month}-01", *own, *(one[at] for one in series)])
        else:
            writer.writerow([code, *own, *(sum(one) for one in series)])
    return text.getvalue().encode()


def _extract(trial: Trial, read: Protocol) -> Extract | None:
    """Return the extract that the registered protocol names."""
    sha256 = read.data.baseline_extract.sha256
    found: Extract | None = trial.extracts.filter(sha256=sha256).first() if sha256 else None
    return found


def _fixed(
    allocation: Allocation, plan: plans.Plan, extract: Extract | None, read: Protocol
) -> dict[str, dict[str, str]]:
    """Return, for each column that does not change with the month, the value of each unit."""
    units = list(allocation.units.all())
    arms = dict(allocation.assignments.values_list("unit", "arm"))
    values = {
        "arm": arms if arms and not allocation.by_day and not allocation.by_step else None,
        "sequence": arms if arms and allocation.by_step else None,
        "stratum": {one.code: one.stratum for one in units},
        "cluster": {one.code: one.cluster or one.code for one in units},
        "first_treated": None if allocation.needs_draw else {one.code: one.start for one in units},
    }
    named = plan.columns.named()
    found = {named[part]: value for part, value in values.items() if part in named and value is not None}
    return found | _before(extract, read, [one.code for one in units])


def _before(extract: Extract | None, read: Protocol, units: list[str]) -> dict[str, dict[str, str]]:
    wanted = {one.column + BEFORE for one in read.outcomes if one.hub_measure} & {
        one.column for one in read.covariates
    }
    if extract is None or not wanted:
        return {}
    totals = dict.fromkeys(units, 0)
    for row in csv.DictReader(vault.read(extract.sha256).decode().splitlines()):
        if row["unit"] in totals:
            totals[row["unit"]] += int(row["count"])
    same = {
        one.column + BEFORE for one in read.outcomes if one.hub_measure and one.hub_measure == extract.measure
    }
    return {name: {code: str(total) for code, total in totals.items()} for name in sorted(wanted & same)}


def _refuse_unknown_columns(read: Protocol, plan: plans.Plan, fixed: Mapping[str, Any]) -> None:
    filled = {
        *fixed,
        *(one.column for one in read.outcomes if one.hub_measure),
        *(name for part, name in plan.columns.named().items() if part in ("unit", "period")),
    }
    lacking = [one.name for one in columns(read, plan) if not one.optional and one.name not in filled]
    if lacking:
        problems = [
            Problem(f"column {name}", f"The hub does not hold {name}: upload a file instead")
            for name in lacking
        ]
        raise Invalid(f"The hub cannot fill {', '.join(lacking)}: upload a file instead", problems)


def _forces(trial: Trial, allocation: Allocation) -> list[Force]:
    """Return the forces of the units, or the one that leads where the list names none."""
    named = set(allocation.units.exclude(force=None).values_list("force_id", flat=True))
    return list(Force.objects.filter(pk__in=named or {trial.lead_force_id}).order_by("slug"))


def _months(
    read: Protocol, plan: plans.Plan, forces: list[Force], extract: Extract | None
) -> tuple[str, str]:
    """Return the first and the last month that are counted."""
    held = MonthlyFile.objects.filter(force__in=forces, kind=MonthlyFile.Kind.STREET).order_by("month")
    dates = list(held.values_list("month", flat=True))
    if not dates:
        raise Conflict("The hub has no files of the forces of this trial yet.")
    end = read.dates.follow_up_end.date or read.dates.primary_completion.date
    last = min(dates[-1], end) if end else dates[-1]
    start = read.dates.intervention_start.date or read.dates.first_unit.date
    first: dt.date = dates[0]
    if plan.columns.period is None and start:
        first = start
    elif extract is not None:
        first = dt.date.fromisoformat(f"{extract.months[0]}-01")
    earliest = dt.date(last.year - MOST_MONTHS // 12, last.month, 1)
    first = max(first.replace(day=1), earliest + dt.timedelta(days=31))
    if first > last:
        raise Conflict(f"The hub has nothing yet from {first:%B %Y} on, when counting begins.")
    return f"{first:%Y-%m}", f"{last:%Y-%m}"


def _refuse_unknown_units(units: list[str], counts: Counts) -> None:
    """Refuse units that are no area: an area without any crime is known to the lookup alone."""
    _, areas = lookups.current()
    unknown = [
        code for code in units if code not in counts.units and (areas is None or code not in areas.district)
    ]
    if unknown:
        shown = ", ".join(unknown[:5])
        raise Invalid.field(
            "file",
            f"{len(unknown):,} units are not areas of the hub’s files (first {shown}): upload a file instead",
        )
