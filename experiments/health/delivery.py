"""Dose integrity, the floor, and contamination. Thresholds: trial registry, section 5, as the Centre's own rules."""

from experiments.health.verdict import Status, Verdict, percent
from experiments.stats.delivery import Delivery, Forecast

REPORTED_AMBER = 0.9  # of the expected reports
CROSSED_AMBER, CROSSED_RED = 0.01, 0.05  # of the comparison's units, any dose


def integrity(found: Delivery, ahead: Forecast | None, floor: float | None) -> Verdict:
    """Judge what was delivered against the plan and the registered floor.

    Red: the floor cannot be reached any more, or will not be as it goes; or the comparison of a block got as much as
    its treated. Amber: below the floor today, or more than a tenth of the reports are missing.
    """
    said = [f"{percent(found.integrity)} of the planned dose was delivered"]
    status = Status.GREEN
    if found.reported < REPORTED_AMBER:
        status = Status.AMBER
        said.append(f"{percent(1 - found.reported)} of the expected reports are missing")
    if floor is not None and found.integrity < floor:
        status = Status.AMBER
        said.append(f"that is below the floor of {percent(floor)}")
    if floor is not None and ahead is not None and ahead.projected < floor:
        status = Status.RED
        if ahead.best < floor:
            said.append("the floor cannot be reached any more, whatever is delivered from now on")
        else:
            said.append(f"as it goes, the trial ends at {percent(ahead.projected)}")
    if found.reversed_blocks:
        status = Status.RED
        n = len(found.reversed_blocks)
        where = "1 block" if n == 1 else f"{n} blocks"
        said.append(f"in {where} the comparison got as much as the treated, or more")
    figures = {
        "integrity": found.integrity,
        "delivered_share": found.delivered_share,
        "reported": found.reported,
        "floor": floor,
        "projected": ahead.projected if ahead else None,
        "best": ahead.best if ahead else None,
        "reversed_blocks": len(found.reversed_blocks),
    }
    return Verdict("integrity", status, f"{'; '.join(said)}.", figures)


def contamination(found: Delivery) -> Verdict:
    """Judge how many units of the comparison got any of the treatment: red from 5 %, amber from 1 %."""
    figures = {"crossed": found.crossed, "contamination": found.contamination}
    if found.crossed is None:
        return Verdict(
            "contamination", Status.UNKNOWN, "No dose of the comparison has been reported.", figures
        )
    if not found.crossed:
        nothing = "No unit of the comparison got any of the treatment."
        return Verdict("contamination", Status.GREEN, nothing, figures)
    status = Status.GREEN
    if found.crossed >= CROSSED_AMBER:
        status = Status.RED if found.crossed >= CROSSED_RED else Status.AMBER
    said = f"{percent(found.crossed)} of the comparison's units got some of the treatment"
    if found.contamination:
        said += f", in all {percent(found.contamination)} of what the treated got"
    return Verdict("contamination", status, f"{said}.", figures)
