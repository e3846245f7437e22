"""What the engine's checks of conduct must know of a registration, from its protocol and its frozen list."""

from collections import defaultdict
from typing import Any

from centre import vault
from centre.errors import Conflict
from experiments.models import Allocation, Analysis
from experiments.protocol import Protocol
from experiments.stats.registered import DayRules, DrawnDays, Registered

# A draw unit by unit, or factor by factor, leaves the sizes of the arms to chance, and so does the last case that
# happened to come one by one; every other fixes them.
SIZES_BY_CHANCE = ("simple", "factorial")
# Draws that hold fixed how many of each stratum (matched tuple) are in each arm, a stored set, or nothing.
REDRAWN = frozenset(
    {
        "complete",
        "stratified",
        "cluster",
        "stratified_cluster",
        "matched",
        "constrained",
        "stepped_wedge",
        "simple",
        "trickle_simple",
    }
)


def registered(analysis: Analysis) -> Registered:
    """Return who was assigned what, in which shares, and at which dose."""
    read, allocation = analysis.registration.frozen_protocol, analysis.trial.allocation
    promised = _promised(read)
    if allocation is None or not allocation.is_drawn:
        return Registered(**promised)
    if allocation.by_day:
        # No unit has one arm, so only an estimator that knows of days can make this draw again.
        return Registered(
            shares=_shares(allocation),
            days=_days(allocation),
            cannot_redraw=_cannot_redraw(allocation),
            **promised,
        )
    if allocation.changes_over_time:
        # No unit has one arm that its rows could be held against; sequences are taken from the plan's column.
        cannot = _cannot_redraw(allocation)
        return Registered(cannot_redraw=cannot, **promised)
    within = "block" if allocation.method == "matched" else "stratum"
    rows = list(allocation.assignments.values_list("unit", "arm", within, "cluster"))
    return Registered(
        assignment={unit: arm for unit, arm, _, _ in rows},
        strata={unit: stratum for unit, _, stratum, _ in rows if stratum},
        clusters={unit: cluster for unit, _, _, cluster in rows if cluster},
        shares=_shares(allocation),
        cannot_redraw=_cannot_redraw(allocation),
        is_fixed=allocation.method not in SIZES_BY_CHANCE and not allocation.is_one_by_one,
        allowed=_allowed(allocation),
        **promised,
    )


def _promised(read: Protocol) -> dict[str, Any]:
    """Return what conduct is judged by: the doses, the floor, the boundary of attrition."""
    boundary = read.decision.attrition_boundary
    return {
        "planned_dose": _doses(read),
        "integrity_floor": read.decision.integrity_floor,
        "attrition_boundary": boundary.value if boundary else "",
    }


def _shares(allocation: Allocation) -> dict[str, float]:
    """Return the arms' shares as registered; the cells of a factorial draw have the products of their levels'."""
    scheme = allocation.scheme
    cells = {label: float(share) for label, share in scheme.probabilities.items()}
    return {arm.label: float(arm.ratio) for arm in scheme.arms} or cells


def _cannot_redraw(allocation: Allocation) -> str:
    """Return the draw in words where it held fixed more than the engine is told; "" where it did not."""
    return "" if allocation.method in REDRAWN else allocation.get_method_display().lower()


def _days(allocation: Allocation) -> DrawnDays:
    """Return the arm of each place on each day, by the days' dates, and the rules that they were drawn by."""
    plan = allocation.scheme.crossover
    if plan is None:
        raise Conflict("The draw of days has no rules.")
    arms: dict[str, list[str]] = defaultdict(list)
    dates = set()
    for unit, day, arm in allocation.assigned_periods.order_by("day").values_list("unit", "day", "arm"):
        arms[unit].append(arm)
        dates.add(day)
    rules = DayRules(plan.block_days, plan.max_run, plan.washout_days, plan.comparator)
    days = tuple(day.isoformat() for day in sorted(dates))
    return DrawnDays(rules, days, {unit: tuple(drawn) for unit, drawn in arms.items()})


def _allowed(allocation: Allocation) -> tuple[tuple[str, ...], ...]:
    """Return the stored set of a constrained draw: the arms of what was drawn, in the order of its names."""
    if "set_sha256" not in allocation.prepared:
        return ()
    labels = allocation.scheme.labels
    ways = vault.read(allocation.prepared["set_sha256"]).decode().split()
    return tuple(tuple(labels[int(arm)] for arm in way) for way in ways)


def _doses(read: Protocol) -> dict[str, float]:
    return {arm.id: arm.dosage.planned for arm in read.arms if arm.dosage.planned is not None}
