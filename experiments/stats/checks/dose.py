"""Dose: what each arm got, against what it was to get and against the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.checks.assigned import AssignedUnits, arm_codes, assigned_units, leading
from experiments.stats.context import CheckContext
from experiments.stats.errors import NotEstimable
from experiments.stats.results import CheckRow

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

RED_CROSSED, ADJUST_CROSSED = 0.05, 0.01  # of control units that got a dose where none was planned
NO_PLAN = "No planned dose is registered, so delivery cannot be held against the plan."


@dataclass(frozen=True, slots=True)
class Dose:
    """What two arms got.

    Attributes
    ----------
    treated, control : mean dose of the arm's units.
    delivered : the treated mean over the planned dose; None without one.
    below_floor : share of treated units below the floor's part of the planned dose; None without plan or floor.
    overlap : 1 where the arms' doses are alike, 0 where one number parts them.
    crossed : share of control units with any dose.
    reversed_blocks : codes of blocks in which control got as much as treatment, or more.
    """

    treated: float
    control: float
    delivered: float | None
    below_floor: float | None
    overlap: float
    crossed: float
    reversed_blocks: tuple[int, ...]


def dose(
    delivered: FloatArray,
    treated: FloatArray,
    *,
    planned: float | None = None,
    floor: float | None = None,
    blocks: IntArray | None = None,
) -> Dose:
    """Compare what was delivered with the plan, and treatment with control.

    Parameters
    ----------
    delivered : (n,) mean dose of each unit, not negative; NaN where it was not recorded.
    treated : (n,) 1 for treatment, 0 for control.
    planned : the dose that a treated unit was to get, in the same units.
    floor : the share of it, 0 to 1, below which a trial is no test of the tactic.
    blocks : (n,) codes of the strata of the draw.

    Returns
    -------
    Dose : means, the share of the plan that was delivered, and how far the arms were kept apart.

    Notes
    -----
    Overlap: ``1 − max|F1 − F0|`` of the arms' distribution functions, one less Kolmogorov and Smirnov's distance.

    Raises
    ------
    NotEstimable : an arm without a recorded dose, a negative dose, or a planned dose that is not above 0.

    References
    ----------
    Sherman (2010), on portfolios of treatment delivered.
    """
    known = np.isfinite(delivered)
    if (delivered[known] < 0).any():
        raise NotEstimable("a dose is below 0")
    if planned is not None and not planned > 0:
        raise NotEstimable("the planned dose of the treatment arm is not above 0")
    arms = delivered[known & (treated > 0)], delivered[known & (treated == 0)]
    if not min(map(len, arms)):
        raise NotEstimable("an arm has no recorded dose")
    means = [float(np.sort(arm).mean()) for arm in arms]
    return Dose(
        treated=means[0],
        control=means[1],
        delivered=None if planned is None else means[0] / planned,
        below_floor=None if planned is None or floor is None else float((arms[0] < floor * planned).mean()),
        overlap=_overlap(*arms),
        crossed=float((arms[1] > 0).mean()),
        reversed_blocks=_reversed(delivered, treated, known, blocks),
    )


def _overlap(one: FloatArray, other: FloatArray) -> float:
    points = np.union1d(one, other)
    shares = [np.searchsorted(np.sort(arm), points, side="right") / len(arm) for arm in (one, other)]
    return 1 - float(np.abs(shares[0] - shares[1]).max())


def _reversed(
    delivered: FloatArray, treated: FloatArray, known: BoolArray, blocks: IntArray | None
) -> tuple[int, ...]:
    block = np.zeros(len(treated), dtype=np.int64) if blocks is None else blocks
    found = []
    for code in range(int(block.max()) + 1):
        arms = [delivered[known & (block == code) & (treated == side)] for side in (1.0, 0.0)]
        if min(map(len, arms)) and np.sort(arms[0]).mean() <= np.sort(arms[1]).mean():
            found.append(code)
    return tuple(found)


def check(context: CheckContext) -> CheckRow:
    """The engine's adapter: the dose column by unit, each treatment arm against control.

    Raises
    ------
    NotEstimable : the plan names no dose column or no arms, or an arm has no recorded dose.
    """
    spec = leading(context)
    if spec.columns.dose is None:
        raise NotEstimable("the plan names no column for the dose: name it in 'columns'")
    assigned = assigned_units(context, spec)
    means = assigned.means(context.frame.numbers(spec.columns.dose))
    planned = _planned(context)
    floor = None if context.registered is None else context.registered.integrity_floor
    said, rows, verdicts = [], [], []
    for code, name in enumerate(assigned.arm_names[1:], start=1):
        two = (assigned.arm == 0) | (assigned.arm == code)
        blocks = (
            None if assigned.stratum is None else np.unique(assigned.stratum[two], return_inverse=True)[1]
        )
        found = dose(
            means[two],
            (assigned.arm[two] == code).astype(np.float64),
            planned=planned.get(code),
            floor=floor,
            blocks=blocks,
        )
        verdicts.append(_verdict(found, floor, planned.get(0)))
        rows.append(_row(name, found, planned.get(code)))
        said += _words(name, found, floor, planned.get(0), has_blocks=blocks is not None)
    rows.insert(0, _control(assigned, found, planned.get(0)))
    verdict = max(verdicts, key=("ok", "adjust", "red").index)
    if not any(code in planned for code in range(1, len(assigned.arm_names))):
        said.append(NO_PLAN)
    return CheckRow(verdict, " ".join(said), rows=tuple(rows))


def _planned(context: CheckContext) -> dict[int, float]:
    if context.registered is None:
        return {}
    known = context.registered.planned_dose
    codes = arm_codes(known, context.plan)
    return {int(code): value for code, value in zip(codes, known.values(), strict=True) if code >= 0}


def _verdict(found: Dose, floor: float | None, planned_control: float | None) -> str:
    is_below = floor is not None and found.delivered is not None and found.delivered < floor
    crossed = found.crossed if planned_control == 0 else 0.0
    if is_below or found.reversed_blocks or crossed >= RED_CROSSED:
        return "red"
    return "adjust" if crossed >= ADJUST_CROSSED else "ok"


def _control(assigned: AssignedUnits, found: Dose, planned: float | None) -> Mapping[str, Any]:
    return {"arm": assigned.arm_names[0], "mean_dose": found.control, "planned_dose": planned}


def _row(name: str, found: Dose, planned: float | None) -> Mapping[str, Any]:
    return {
        "arm": name,
        "mean_dose": found.treated,
        "planned_dose": planned,
        "delivered": found.delivered,
        "below_floor": found.below_floor,
        "overlap": found.overlap,
    }


def _words(
    name: str, found: Dose, floor: float | None, planned_control: float | None, *, has_blocks: bool
) -> list[str]:
    said = [f"'{name}' got {found.treated:.3g} on average, and control {found.control:.3g}"]
    if found.delivered is not None:
        said[0] += f": {_per_cent(found.delivered)} of the plan"
    said[0] += f". The doses of the two arms overlap by {_per_cent(found.overlap)}."
    if found.delivered is not None and floor is not None and found.delivered < floor:
        said.append(f"Below the registered floor of {_per_cent(floor)}: this is not a test of the tactic.")
    if found.below_floor is not None:
        said.append(f"{_per_cent(found.below_floor)} of its units got less than the floor.")
    if found.reversed_blocks:
        where = ", in some stratum of the draw" if has_blocks else ""
        said.append(f"Control got as much as treatment, or more{where}.")
    if planned_control == 0 and found.crossed > 0:
        said.append(f"{_per_cent(found.crossed)} of control units got some, and were to get none.")
    return said


def _per_cent(share: float) -> str:
    return f"{100 * share:.3g} %"
