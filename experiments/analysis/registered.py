"""What the engine's checks of conduct must know of a registration, from its protocol and its frozen list."""

from experiments.models import Allocation, Analysis
from experiments.protocol import Protocol
from experiments.stats.registered import Registered

# A draw unit by unit leaves the sizes of the arms to chance, and so does the last case that happened to come one by
# one; every other fixes them.
UNIT_BY_UNIT = "simple"
# Draws that hold fixed how many of each stratum are in each arm, or nothing.
REDRAWN = frozenset(
    {
        "complete",
        "stratified",
        "cluster",
        "stratified_cluster",
        "stepped_wedge",
        "trickle_simple",
        UNIT_BY_UNIT,
    }
)


def registered(analysis: Analysis) -> Registered:
    """Return who was assigned what, in which shares, and at which dose."""
    read, allocation = analysis.registration.frozen_protocol, analysis.trial.allocation
    doses, floor = _doses(read), read.decision.integrity_floor
    if allocation is None or not allocation.is_drawn:
        return Registered(planned_dose=doses, integrity_floor=floor)
    rows = list(allocation.assignments.values_list("unit", "arm", "stratum", "cluster"))
    return Registered(
        assignment={unit: arm for unit, arm, _, _ in rows},
        strata={unit: stratum for unit, _, stratum, _ in rows if stratum},
        clusters={unit: cluster for unit, _, _, cluster in rows if cluster},
        shares={arm.label: float(arm.ratio) for arm in allocation.scheme.arms},
        cannot_redraw="" if _can_be_redrawn(allocation) else allocation.get_method_display().lower(),
        is_fixed=allocation.method != UNIT_BY_UNIT and not allocation.is_one_by_one,
        planned_dose=doses,
        integrity_floor=floor,
    )


def _can_be_redrawn(allocation: Allocation) -> bool:
    """Whether strata, clusters and the sizes of the arms are all that the draw held fixed."""
    return allocation.method in REDRAWN


def _doses(read: Protocol) -> dict[str, float]:
    return {arm.id: arm.dosage.planned for arm in read.arms if arm.dosage.planned is not None}
