"""Everyone who was assigned, analysed or not: what the checks of a trial's conduct count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.stats.context import CheckContext
from experiments.stats.errors import NotEstimable
from experiments.stats.frame import Coded, FloatArray, Frame, IntArray
from experiments.stats.labels import number_label
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.registered import Registered
from experiments.stats.sample import BoolArray

BY_DAY = "the arms change from day to day, so no unit belongs to one, and a check of units in arms has nothing to count"


@dataclass(frozen=True, slots=True)
class AssignedUnits:
    """The n units that were assigned to an arm of the plan, in code-point order of their names.

    Attributes
    ----------
    arm : (n,) codes into ``arm_names``, control first: as registered, or as the data have it without a registration.
    cluster, stratum : (n,) codes of what was drawn together, and within what; None where there was neither, or where it
        is not known for all.
    row_unit : (N,) the unit of each row of the data; -1 where the row belongs to none of them.
    is_registered : whether the list is the registered one, so that who is not in the data counts too.
    """

    arm: IntArray
    arm_names: tuple[str, ...]
    cluster: IntArray | None
    stratum: IntArray | None
    row_unit: IntArray
    is_registered: bool

    @property
    def n_units(self) -> int:
        return len(self.arm)

    def with_value(self, values: FloatArray) -> BoolArray:
        """Which units have a number in any of their rows, (n,)."""
        rows = (self.row_unit >= 0) & np.isfinite(values)
        return np.bincount(self.row_unit[rows], minlength=self.n_units) > 0

    def means(self, values: FloatArray) -> FloatArray:
        """The mean of each unit's numbers, (n,); NaN where it has none."""
        rows = (self.row_unit >= 0) & np.isfinite(values)
        unit = self.row_unit[rows]
        count = np.bincount(unit, minlength=self.n_units)
        # Sums in the order of the numbers, so that the order of rows cannot change a digit.
        order = np.lexsort((values[rows], unit))
        total = np.bincount(unit[order], weights=values[rows][order], minlength=self.n_units)
        found = np.full(self.n_units, np.nan)
        np.divide(total, count, out=found, where=count > 0)
        return found


def leading(context: CheckContext) -> EstimateSpec:
    """The first estimate of the plan that compares arms, primary ones first.

    Raises
    ------
    NotEstimable : the plan names no arms.
    """
    return comparing(context)[0]


def comparing(context: CheckContext) -> list[EstimateSpec]:
    """The estimates that compare arms, primary ones first, each outcome once.

    Raises
    ------
    NotEstimable : the plan names no arms.
    """
    plan = context.plan
    with_arms = [spec for spec in plan.estimates if spec.columns.arm is not None]
    if not with_arms or plan.arms is None:
        raise NotEstimable("the plan names no arms, so nobody was assigned to one")
    found: dict[str, EstimateSpec] = {}
    for spec in sorted(with_arms, key=lambda spec: spec.role != "primary"):
        found.setdefault(spec.outcome, spec)
    return list(found.values())


def assigned_units(context: CheckContext, spec: EstimateSpec) -> AssignedUnits:
    """Everyone who was assigned: the registered list, or without one the units in the data.

    Raises
    ------
    NotEstimable : no unit is in an arm of the plan, arms were drawn by the day, or without a registration a unit is in
        two.
    """
    unit = units_of_rows(context.frame, spec)
    registered = context.registered
    if registered is not None and registered.days is not None:
        raise NotEstimable(BY_DAY)
    if registered is not None and registered.assignment:
        found = _registered(unit, context.plan, registered)
    else:
        found = _in_data(unit, context.frame, spec, context.plan)
    if not found.n_units:
        raise NotEstimable("no unit is in an arm that the plan names")
    return found


def arm_names(plan: Plan) -> tuple[str, ...]:
    """The arms by name, control first."""
    return () if plan.arms is None else (plan.arms.control, *plan.arms.treatments)


def arm_codes(names: Iterable[str], plan: Plan) -> IntArray:
    """Codes of arms into those of the plan, control first; -1 for any other."""
    place = {number_label(name): code for code, name in enumerate(arm_names(plan))}
    return np.array([place.get(number_label(name), -1) for name in names], dtype=np.int64)


def units_of_rows(frame: Frame, spec: EstimateSpec) -> Coded:
    """The unit of each row; without a unit column each row is one."""
    if spec.columns.unit is not None:
        return frame.coded(spec.columns.unit)
    return Coded(np.arange(frame.n_rows), tuple(map("row {}".format, range(1, frame.n_rows + 1))))


def _registered(unit: Coded, plan: Plan, registered: Registered) -> AssignedUnits:
    """The frozen list, in the arms that were drawn."""
    names = sorted(registered.assignment)
    arm = arm_codes([registered.assignment[name] for name in names], plan)
    kept = [name for name, code in zip(names, arm, strict=True) if code >= 0]
    place = {name: number for number, name in enumerate(kept)}
    codes = np.array([*(place.get(name, -1) for name in unit.names), -1], dtype=np.int64)
    cluster, stratum = (
        _codes([groups.get(name, "") for name in kept]) for groups in (registered.clusters, registered.strata)
    )
    return AssignedUnits(
        arm[arm >= 0], arm_names(plan), cluster, stratum, codes[unit.codes], is_registered=True
    )


def _codes(names: Sequence[str]) -> IntArray | None:
    """Codes of names in code-point order; None unless every unit has one."""
    if not names or not all(names):
        return None
    return np.unique(names, return_inverse=True)[1]


def _in_data(unit: Coded, frame: Frame, spec: EstimateSpec, plan: Plan) -> AssignedUnits:
    """The units of the data, in the arms that the data give them."""
    arms = frame.coded(spec.columns.arm or "")
    arm = np.append(arm_codes(arms.names, plan), -1)[arms.codes]
    rows = (arm >= 0) & (unit.codes >= 0)
    low = np.full(len(unit.names), len(arm_names(plan)), dtype=np.int64)
    high = np.full(len(unit.names), -1, dtype=np.int64)
    np.minimum.at(low, unit.codes[rows], arm[rows])
    np.maximum.at(high, unit.codes[rows], arm[rows])
    if (low < high).any():
        raise NotEstimable(
            "a unit is in two arms; without a registration nobody can say which it was assigned to"
        )
    renumbered = np.append(np.where(high >= 0, np.cumsum(high >= 0) - 1, -1), -1)
    kept = high >= 0
    drawn_with = spec.columns.cluster if spec.columns.cluster != spec.columns.unit else None
    return AssignedUnits(
        high[kept],
        arm_names(plan),
        _of_units(frame, drawn_with, unit, kept),
        _of_units(frame, spec.columns.stratum, unit, kept),
        renumbered[unit.codes],
        is_registered=False,
    )


def _of_units(frame: Frame, name: str | None, unit: Coded, kept: BoolArray) -> IntArray | None:
    """The label of each unit kept, from whichever of its rows has one."""
    if name is None:
        return None
    coded, rows = frame.coded(name), unit.codes >= 0
    found = np.full(len(unit.names), -1, dtype=np.int64)
    np.maximum.at(found, unit.codes[rows], coded.codes[rows])
    return _codes(np.array([*coded.names, ""])[found[kept]].tolist())
