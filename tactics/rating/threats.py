"""Threats that follow from measured facts, so that nobody has to judge what can be counted.

Each function returns a Threat, Low where nothing is wrong. A reviewer may judge the rest by hand.
"""

from typing import Literal

from tactics.rating.evidence import Direction, Level, Threat
from tactics.rating.rules import CURRENT, Rules

Badge = Literal["prospective", "retrospective", "not_registered"]


def confounding(*, largest_smd: float | None, adjusted: bool, rules: Rules = CURRENT) -> Threat:
    """T1, randomised trials: some baseline difference above 0.25 standard deviations."""
    if largest_smd is None or abs(largest_smd) <= rules.smd_fails_above:
        return Threat("T1", Level.LOW)
    level = Level.MODERATE if adjusted else Level.HIGH
    how = "adjusted" if adjusted else "not adjusted"
    return Threat("T1", level, reason=f"largest baseline difference {abs(largest_smd):.2f} SD, {how}")


def concurrent(*, share: float, logged: bool, adjusted: bool, rules: Rules = CURRENT) -> Threat:
    """T2: another operation ran in one arm, over this share of unit-time.

    High where nobody logged it, or where it covered over a quarter of unit-time and was not adjusted for.
    """
    if share <= 0:
        return Threat("T2", Level.LOW)
    high = not logged or (share > rules.concurrent_share and not adjusted)
    reason = (
        f"another operation covered {share:.0%} of unit-time in one arm{'' if logged else ', not logged'}"
    )
    return Threat("T2", Level.HIGH if high else Level.MODERATE, reason=reason)


def spillover(
    *, adjacent: bool, tested: bool, measured: bool, cancels: float = 0.0, rules: Rules = CURRENT
) -> Threat:
    """T3, place trials: neighbours untested, or a catchment increase that cancels half the effect."""
    if cancels >= rules.spillover_cancels:
        return Threat(
            "T3", Level.HIGH, Direction.FAVOURS, f"catchment increase cancels {cancels:.0%} of the effect"
        )
    if adjacent and not tested:
        return Threat("T3", Level.HIGH, reason="adjacent units, spillover not tested")
    if adjacent:
        return Threat("T3", Level.MODERATE, reason="units within the buffer, spillover tested")
    if not measured:
        return Threat("T3", Level.MODERATE, reason="no buffer or catchment measure")
    return Threat("T3", Level.LOW)


def fidelity(*, dose_share: float | None, control_dose_share: float = 0.0, rules: Rules = CURRENT) -> Threat:
    """T4: delivered share of the planned dose, and how much of it the controls received."""
    if control_dose_share > rules.control_dose:
        return Threat(
            "T4", Level.HIGH, Direction.AGAINST, f"controls got {control_dose_share:.0%} of the treated dose"
        )
    if dose_share is None:
        return Threat("T4", Level.MODERATE, reason="dose was not measured")
    if dose_share < rules.dose_high:
        return Threat(
            "T4", Level.HIGH, Direction.AGAINST, f"{dose_share:.0%} of the planned dose was delivered"
        )
    if dose_share < rules.dose_moderate:
        return Threat(
            "T4", Level.MODERATE, Direction.AGAINST, f"{dose_share:.0%} of the planned dose was delivered"
        )
    return Threat("T4", Level.LOW)


def missing_data(*, share: float, handled: bool, sign_flips: bool = False, rules: Rules = CURRENT) -> Threat:
    """T5: share of outcome values missing, and whether a model and a sensitivity analysis dealt with it."""
    if sign_flips:
        return Threat("T5", Level.HIGH, reason="the sensitivity analysis flips the sign")
    if share > rules.missing_high or (share > rules.missing_moderate and not handled):
        return Threat("T5", Level.HIGH, reason=f"{share:.0%} missing{'' if handled else ', not handled'}")
    if share > rules.missing_moderate:
        return Threat(
            "T5", Level.MODERATE, reason=f"{share:.0%} missing, modelled, with a sensitivity analysis"
        )
    return Threat("T5", Level.LOW)


def selective_reporting(
    *,
    badge: Badge,
    data_category: int = 1,
    outcome_switched: bool = False,
    major_undisclosed: int = 0,
    minor_undisclosed: int = 0,
    major_disclosed: int = 0,
) -> Threat:
    """T7: fed by the registry itself. A major amendment stamped blind is not a deviation here.

    `data_category`: 3 outcome data held but unanalysed at registration, 4 already analysed.
    """
    if badge == "not_registered" or data_category == 4:
        return Threat("T7", Level.HIGH, reason="not registered before the outcome was analysed")
    if outcome_switched or major_undisclosed:
        return Threat("T7", Level.HIGH, reason="outcome switched, or a major deviation was not disclosed")
    if badge == "retrospective" or data_category == 3:
        return Threat("T7", Level.MODERATE, reason="registered after outcome data began")
    if minor_undisclosed or major_disclosed:
        return Threat("T7", Level.MODERATE, reason="a minor undisclosed or a major disclosed deviation")
    return Threat("T7", Level.LOW)
