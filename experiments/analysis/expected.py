"""What a trial's data file must hold: columns from the registered protocol, keys from the frozen unit list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from centre.errors import Conflict
from centre.models import User
from experiments import reader
from experiments.models import Allocation, Dataset, Trial
from experiments.protocol import Protocol
from experiments.protocol.vocabulary import CovariateMeasure, Measure
from experiments.stats import plan as plans

_KIND_OF_PART: Mapping[str, reader.Kind] = {
    "unit": "text",
    "cluster": "text",
    "arm": "text",
    "stratum": "text",
    "sequence": "text",
    "period": "period",
    "first_treated": "first_treated",
    "treatment": "number",
    "weight": "number",
    "dose": "number",
    "received": "binary",
    "x": "number",
    "y": "number",
}
_KIND_OF_OUTCOME: Mapping[Measure, reader.Kind] = {
    Measure.COUNT: "count",
    Measure.BINARY: "binary",
    Measure.CONTINUOUS: "number",
}
_KIND_OF_COVARIATE: Mapping[CovariateMeasure, reader.Kind] = {
    CovariateMeasure.COUNT: "count",
    CovariateMeasure.BINARY: "binary",
    CovariateMeasure.CONTINUOUS: "number",
    CovariateMeasure.CATEGORY: "text",
}
# What one period is called in messages, where the column's name says it.
_PERIOD_NOUNS = ("day", "week", "month", "quarter", "year")
# A row without one of these cannot be placed; anything else may be missing and is then counted.
_REQUIRED = ("unit", "period", "arm", "cluster", "stratum")


@dataclass(frozen=True, slots=True)
class Expected:
    """The columns, the keys, and the names of the columns that say when treatment starts."""

    columns: list[reader.ColumnSpec]
    panel: reader.Panel
    starts: Mapping[str, str]
    start_column: str | None


def expected(trial: Trial, uploader: User, kind: str = Dataset.Kind.OUTCOME) -> Expected:
    """Return what a file for this trial must hold when this person sends it."""
    registration, allocation = trial.registration, trial.allocation
    if registration is None or allocation is None:
        raise Conflict("Data are taken once the protocol is registered and the unit list is frozen.")
    read = registration.frozen_protocol
    plan = plans.parse(dict(read.analysis_plan))
    units = list(allocation.units.values_list("code", "force_id", "start"))
    may_send_all = trial.lead_force_id is None or trial.lead_force_id in uploader.force_ids
    own = {code for code, force, _ in units if may_send_all or force in uploader.force_ids}
    foreign = frozenset(code for code, _, _ in units) - own
    if kind == Dataset.Kind.DOSE:
        panel = reader.Panel(unit="unit", period="date", period_noun="day", units=own, foreign_units=foreign)
        return Expected(dose_columns(read, needs_plan=plans_by_row(allocation)), panel, {}, None)
    panel = reader.Panel(
        unit=plan.columns.unit or "unit",
        period=plan.columns.period,
        period_noun=plan.columns.period if plan.columns.period in _PERIOD_NOUNS else "period",
        units=own,
        foreign_units=foreign,
        arm=_drawn_column(allocation, plan),
        allocation=_arms(allocation),
    )
    starts = {} if allocation.needs_draw else {code: start for code, _, start in units}
    found = columns(read, plan)
    if trial.datasets.filter(kind=Dataset.Kind.DOSE).exists():
        found = [replace(one, optional=True) if one.name in _from_ledger(plan) else one for one in found]
    return Expected(found, panel, starts, plan.columns.first_treated)


def dose_columns(read: Protocol, *, needs_plan: bool) -> list[reader.ColumnSpec]:
    """Return the columns of what was delivered: a row for each unit and day, or for the first day of a period."""
    end = read.dates.follow_up_end.date or read.dates.primary_completion.date
    return [
        reader.ColumnSpec("unit", "text"),
        reader.ColumnSpec("date", "date", latest=end, today=timezone.localdate()),
        reader.ColumnSpec("delivered", "number", required=False, minimum=0),
        reader.ColumnSpec("planned", "number", required=needs_plan, optional=not needs_plan, minimum=0),
        reader.ColumnSpec("source", "text", required=False, optional=True),
    ]


def plans_by_row(allocation: Allocation) -> bool:
    """Return whether only the file can say what was planned for a unit on a day.

    A stepped wedge is drawn in periods that have no dates, and so may be the starts of a design without a draw.
    """
    if allocation.by_step:
        return True
    return not allocation.needs_draw and any(
        start and not is_day(start) for start in allocation.units.values_list("start", flat=True).distinct()
    )


def is_day(text: str) -> bool:
    """Return whether a treatment start is written as a date."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-01-31")


def columns(read: Protocol, plan: plans.Plan) -> list[reader.ColumnSpec]:
    """Return the declared columns: those of the plan, of every outcome and of every baseline variable."""
    end = read.dates.follow_up_end.date or read.dates.primary_completion.date
    found: dict[str, reader.ColumnSpec] = {}
    for part, name in plan.columns.named().items():
        spec = reader.ColumnSpec(name, _KIND_OF_PART[part], required=part in _REQUIRED)
        is_period = part == "period"
        found[name] = replace(spec, latest=end, today=timezone.localdate()) if is_period else spec
    used = set(plan.roles())
    for outcome in read.outcomes:
        kind = _KIND_OF_OUTCOME[outcome.measure or Measure.CONTINUOUS]
        spec = reader.ColumnSpec(outcome.column, kind, required=False, optional=outcome.column not in used)
        found.setdefault(outcome.column, spec)
    for covariate in read.covariates:
        kind = _KIND_OF_COVARIATE[covariate.measure or CovariateMeasure.CONTINUOUS]
        spec = reader.ColumnSpec(
            covariate.column, kind, required=False, optional=covariate.column not in used
        )
        found.setdefault(covariate.column, spec)
    for name in used - set(found):  # an exposure or a column that one estimate names for itself
        found[name] = reader.ColumnSpec(name, "number", required=False)
    return list(found.values())


def _from_ledger(plan: plans.Plan) -> set[str | None]:
    """Return the columns that the dose ledger can fill."""
    return {plan.columns.dose, plan.columns.received}


def _drawn_column(allocation: Allocation, plan: plans.Plan) -> str | None:
    """Return the column that must repeat the draw: the arm, in a stepped wedge the sequence.

    Where arms change by the day there is none: a column is compared unit by unit.
    """
    if not allocation.is_drawn or allocation.by_day:
        return None
    return plan.columns.sequence if allocation.by_step else plan.columns.arm


def _arms(allocation: Allocation) -> dict[str, str] | None:
    if not allocation.is_drawn:
        return None
    return dict(allocation.assignments.values_list("unit", "arm"))
