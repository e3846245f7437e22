"""From a trial's rows and files to the verdict of each health check. Arms are never told apart in what is said."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from django.utils import timezone

from centre.models import Run
from experiments import health
from experiments.analysis import sealing
from experiments.analysis.collisions import collisions
from experiments.analysis.delivery import DoseLedger, dose_ledger
from experiments.health import Verdict
from experiments.lifecycle import ONCE_OUT, Conduct
from experiments.models import Allocation, Dataset, Result, Trial
from experiments.protocol import Protocol, diff
from experiments.protocol.freezing import Freeze
from experiments.protocol.schema import Guardrail
from experiments.protocol.vocabulary import Direction, GuardrailAction
from experiments.stats import plan as plans
from experiments.stats.checks.balance import balance
from experiments.stats.checks.blind_trends import blind_trends
from experiments.stats.errors import BadData, NotEstimable
from experiments.stats.frame import Coded, Frame, IntArray
from experiments.stats.labels import label
from experiments.stats.sequential.anytime import confidence_sequence
from experiments.stats.timing import NEVER_WORDS, period_values

_INGEST = "experiments.ingest"
_RUNNING = (Conduct.ALLOCATED, Conduct.DELIVERING, Conduct.SUSPENDED)


def verdicts(trial: Trial, today: dt.date) -> list[Verdict]:
    """Return every check that applies to a registered trial as it stands."""
    registration, allocation = trial.registration, trial.allocation
    if registration is None:
        return []
    read = registration.frozen_protocol
    found = [health.overdue(_dues(trial, read), today), _drift(trial, read), _beside(trial, read, today)]
    if allocation is not None:
        ledger, data = dose_ledger(trial), trial.newest_outcomes
        found += [*_delivery(ledger), *_arms(data, allocation, read), _recruitment(allocation, read, today)]
        found += [*_balance(allocation, read), _feed(trial, ledger, data, read, today)]
        found += [*_guardrails(data, allocation, read), *_trends(data, allocation, read)]
    order = list(health.CHECKS)
    return sorted(found, key=lambda one: order.index(one.check))


def _delivery(ledger: DoseLedger | None) -> list[Verdict]:
    if ledger is None:
        return [health.not_judged("integrity", "no dose has been reported")]
    return list(ledger.verdicts()) or [
        health.not_judged("integrity", "no dose of a treated unit has been reported")
    ]


def _arms(data: Dataset | None, allocation: Allocation, read: Protocol) -> Iterator[Verdict]:
    if not allocation.is_drawn or allocation.changes_over_time or not allocation.needs_draw:
        return
    if allocation.is_one_by_one:
        yield _filling(allocation)
        return
    if data is None or allocation.is_external:
        return
    arms = dict(allocation.assignments.values_list("unit", "arm"))
    present = _units_with_outcome(data, read)
    names = sorted(set(arms.values()))
    drawn = [sum(arm == name for arm in arms.values()) for name in names]
    found = [sum(arms.get(unit) == name for unit in present) for name in names]
    yield health.analysed(found, drawn)


def _filling(allocation: Allocation) -> Verdict:
    """Read the arms of cases in the order they came, in all and by force, stratum and week."""
    shares = allocation.trickle_scheme.shares
    code = {arm: place for place, arm in enumerate(shares)}
    rows = allocation.enrolments.order_by("position").values_list(
        "assignment__arm", "unit__force__name", "assignment__stratum", "confirmed_at"
    )
    arms, slices = [], defaultdict(list)
    for arm, force, stratum, at in rows:
        arms.append(code[arm])
        week = at.date() - dt.timedelta(days=at.weekday())
        for name in (force, stratum, f"the week from {week:%-d %B}"):
            if name:
                slices[str(name)].append(code[arm])
    return health.filling(
        arms, [float(share) for share in shares.values()], slices if len(slices) > 1 else {}
    )


def _units_with_outcome(data: Dataset, read: Protocol) -> set[str]:
    plan = plans.parse(dict(read.analysis_plan))
    unit = plan.columns.unit or "unit"
    outcome = next((spec.outcome for spec in plan.estimates if spec.role == "primary"), None)
    available = sealing.column_names(data)
    names = [name for name in (unit, outcome) if name and name in available]
    table = sealing.open_columns(data, names)
    units = table.column(unit).to_pylist()
    known = table.column(outcome).is_valid().to_pylist() if outcome in names else [True] * len(units)
    return {label(one) for one, is_known in zip(units, known, strict=True) if is_known}


def _recruitment(allocation: Allocation, read: Protocol, today: dt.date) -> Verdict:
    size, dates = read.sample_size, read.dates
    started = allocation.committed_at.date()
    first, last = dates.first_unit.date, dates.intervention_end.date
    if not allocation.is_one_by_one:  # a list is whole at once
        first = last = started
    found = health.Recruited(size.planned_units or 0, allocation.units_so_far, first, last, size.mde)
    return health.recruitment(found, today)


def _balance(allocation: Allocation, read: Protocol) -> Iterator[Verdict]:
    """Compare the arms in the numbers of the frozen unit list, where it has any."""
    if not allocation.is_drawn or allocation.changes_over_time or len(read.arms) != 2:
        return
    rows = [unit.as_drawn() for unit in allocation.units.all()]
    names = [name for name, value in rows[0].extra if _number(value) is not None] if rows else []
    arms = dict(allocation.assignments.values_list("unit", "arm"))
    control = next((arm.id for arm in read.arms if arm.role != "treatment"), read.arms[-1].id)
    if not names or allocation.is_external:
        return
    values = np.array(
        [[_number(dict(row.extra).get(name, "")) for name in names] for row in rows], dtype=float
    )
    treated = np.array([arms.get(row.unit) != control for row in rows], dtype=float)
    try:
        if not np.isfinite(values).all():
            raise NotEstimable("a covariate of the unit list is blank")
        clusters = _codes([row.cluster for row in rows])
        found = balance(values, treated, clusters=clusters, blocks=_codes([row.stratum for row in rows]))
    except NotEstimable as reason:
        yield health.not_judged("balance", reason)
        return
    largest = int(np.argmax(np.abs(found.differences)))
    yield health.baseline_balance(float(found.differences[largest]), found.p_value, names[largest])


def _codes(names: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.int64]] | None":
    if not any(names):
        return None
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _feed(
    trial: Trial, ledger: DoseLedger | None, data: Dataset | None, read: Protocol, today: dt.date
) -> Verdict:
    week_ago = timezone.now() - dt.timedelta(days=7)
    refused = Run.objects.filter(
        task=_INGEST, subject_type="experiments.trial", subject_id=str(trial.pk), state=Run.State.FAILED
    ).filter(created_at__gte=week_ago)
    notes = tuple(one for one in (data.warnings if data else ()) if "missing" in one)
    found = health.Feed(
        newest_dose=ledger.newest if ledger else None,
        is_delivering=trial.conduct_state == Conduct.DELIVERING,
        ended=read.dates.intervention_end.date,
        refused_this_week=refused.count(),
        notes=notes,
    )
    return health.feed(found, today)


def _trends(data: Dataset | None, allocation: Allocation, read: Protocol) -> Iterator[Verdict]:
    """Look at trends before the start, in the rows that are not sealed."""
    design = read.design.design
    if data is None or design is None or not design.is_difference_in_differences:
        return
    plan = plans.parse(dict(read.analysis_plan))
    spec = next((one for one in plan.estimates if one.role == "primary"), plan.estimates[0])
    unit, period, cluster = plan.columns.unit, plan.columns.period, plan.columns.cluster
    if unit is None or period is None or not data.is_sealed:
        return
    names = [name for name in dict.fromkeys((unit, period, spec.outcome, cluster)) if name]
    starts = dict(allocation.units.values_list("code", "start"))
    try:
        frame = Frame(sealing.open_columns(data, names))
        units, periods, values = frame.coded(unit), frame.coded(period), frame.numbers(spec.outcome)
        _, place = period_values(periods)
        grid = np.full((len(units.names), len(periods.names)), np.nan)
        known = (units.codes >= 0) & (periods.codes >= 0)
        grid[units.codes[known], place[periods.codes[known]]] = values[known]
        later = _compared_with(starts)
        ever = np.array([name not in later for name in units.names])
        found = blind_trends(grid, ever, clusters=_of_units(frame, units, cluster), alpha=plan.alpha)
    except (NotEstimable, BadData) as reason:
        yield health.not_judged("pre_trends", str(reason))
        return
    yield health.trends_before(found.p_value, found.slope, found.detectable_80)


def _compared_with(starts: dict[str, str]) -> set[str]:
    """Return the units that are never treated; where all are in the end, those that start last."""
    never = {unit for unit, start in starts.items() if start.lower() in ("", "0", *NEVER_WORDS)}
    if never or not starts:
        return never
    are_numbers = all(_number(start) is not None for start in starts.values())
    last = max(
        starts.values(), key=lambda start: (_number(start) or 0.0, "") if are_numbers else (0.0, start)
    )
    return {unit for unit, start in starts.items() if start == last}


def _of_units(frame: Frame, units: Coded, cluster: str | None) -> "IntArray | None":
    """Return the cluster of each unit."""
    if cluster is None:
        return None
    codes: IntArray = np.zeros(len(units.names), dtype=np.int64)
    known = units.codes >= 0
    codes[units.codes[known]] = frame.coded(cluster).codes[known]
    return codes


def _guardrails(data: Dataset | None, allocation: Allocation, read: Protocol) -> Iterator[Verdict]:
    for guardrail in read.safety.guardrails:
        outcome = read.outcome(guardrail.outcome)
        name = outcome.name if outcome else guardrail.outcome
        threshold = _number(guardrail.threshold.replace(",", ""))
        bound = _harm(guardrail, data, allocation, read) if data and threshold is not None else None
        action = f"The protocol says: {guardrail.action.label.lower()}" if guardrail.action else "Act"
        suspends = guardrail.action in (GuardrailAction.PAUSE, GuardrailAction.STOP)
        yield health.guardrail(name, bound=bound, threshold=threshold, action=action, suspends=suspends)


def _harm(guardrail: Guardrail, data: Dataset, allocation: Allocation, read: Protocol) -> float | None:
    """Return by how much treated units are worse at least, by a sequence that may be read at any time."""
    outcome, arms = read.outcome(guardrail.outcome), dict(allocation.assignments.values_list("unit", "arm"))
    if outcome is None or allocation.changes_over_time or not arms:
        return None
    plan = plans.parse(dict(read.analysis_plan))
    unit = plan.columns.unit or "unit"
    if outcome.column not in sealing.column_names(data) or plan.arms is None:
        return None
    table = sealing.open_columns(data, [unit, outcome.column])
    values: dict[bool, dict[str, list[float]]] = {True: defaultdict(list), False: defaultdict(list)}
    for one, value in zip(
        table.column(unit).to_pylist(), table.column(outcome.column).to_pylist(), strict=True
    ):
        arm = arms.get(label(one))
        if value is not None and arm is not None:
            values[arm != plan.arms.control][label(one)].append(float(value))
    means = [
        np.array([np.mean(found) for _, found in sorted(values[side].items())]) for side in (True, False)
    ]
    if min(map(len, means)) < 2:
        return None
    sign = -1.0 if outcome.direction_of_benefit is Direction.HIGHER else 1.0
    worse = sign * float(means[0].mean() - means[1].mean())
    error = float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in means)))
    if not error > 0:
        return None
    n = len(means[0]) + len(means[1])
    planned = max(read.sample_size.planned_units or n, n)
    found = confidence_sequence(
        np.array([worse]), np.array([error]), np.array([n]), planned=planned, alternative="greater"
    )
    return float(found.conf_low[0])


def _drift(trial: Trial, read: Protocol) -> Verdict:
    changes = [one for one in diff(read, trial.draft) if one.freeze in (Freeze.FROZEN, Freeze.RANDOMISED)]
    ran = list(trial.analyses.select_related("registration"))
    differs = any(
        one.is_registered and one.plan != one.registration.protocol.get("analysis_plan") for one in ran
    )
    known = {outcome.column for outcome in read.outcomes} | {outcome.id for outcome in read.outcomes}
    measured = Result.objects.filter(analysis__trial=trial).values_list("outcome", flat=True).distinct()
    return health.drift(
        changed=[one.pointer for one in changes],
        plan_differs=differs,
        post_hoc=sum(not one.is_registered for one in ran),
        unregistered=sorted(set(measured) - known),
    )


def _beside(trial: Trial, read: Protocol, today: dt.date) -> Verdict:
    """Look at the trials that this one meets; those that are not public are the registrar's alone to see."""
    met = [one for one in collisions(trial, read) if one.other.is_public]
    return health.collisions([health.Beside(one.said, bool(one.declared), one.is_on(today)) for one in met])


def _dues(trial: Trial, read: Protocol) -> list[health.Due]:
    """Return what is still to happen by a day."""
    found = []
    is_out = trial.results_state in ONCE_OUT
    if trial.report_due and not is_out and trial.conduct_state != Conduct.NEVER_STARTED:
        found.append(health.Due("results", trial.report_due, is_public_duty=True))
    ended, locked = read.dates.intervention_end.date, read.dates.data_lock.date
    if ended and trial.conduct_state in _RUNNING:
        found.append(health.Due("the end of the intervention", ended))
    if locked and trial.conduct_state in (*_RUNNING, Conduct.FOLLOW_UP):
        found.append(health.Due("the data lock", locked))
    steps = trial.site_steps.open().select_related("force")
    found += [health.Due(f"{one.get_kind_display()}, {one.force}", one.due_on) for one in steps if one.due_on]
    return found
