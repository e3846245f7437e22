"""The seven threats: the one judge of how serious a fact is. Who knows the facts calls these, and holds no cut-off.

Each function returns a Threat, Low where nothing is wrong. None means not known, where a function takes it.

Raises
------
BadEvidence : a share that is none, by the name of the argument.
"""

from math import inf, isinf
from typing import Literal

from tactics.rating.evidence import BadEvidence, Direction, Level, Threat
from tactics.rating.rules import CURRENT, Rules

Badge = Literal["prospective", "retrospective", "not_registered"]


def confounding(*, largest_smd: float | None, adjusted: bool, rules: Rules = CURRENT) -> Threat:
    """T1, randomised trials: some baseline difference above 0.25 standard deviations."""
    if largest_smd is None or abs(largest_smd) <= rules.smd_fails_above:
        return Threat("T1", Level.LOW)
    level = Level.MODERATE if adjusted else Level.HIGH
    how = "adjusted" if adjusted else "not adjusted"
    size = "beyond any spread" if isinf(largest_smd) else f"{abs(largest_smd):.2f} SD"
    return Threat("T1", level, reason=f"largest baseline difference {size}, {how}")


def concurrent(
    *, share: float | None, logged: bool, adjusted: bool = False, rules: Rules = CURRENT
) -> Threat:
    """T2: another operation ran in one arm, over this share of unit-time; None where it ran and that is not known.

    High where nobody logged it, or where it covered over a quarter of unit-time and was not adjusted for.
    """
    if share is not None:
        _check("share", share, most=1)
    if share == 0:
        return Threat("T2", Level.LOW)
    large = share is not None and share > rules.concurrent_share
    level = Level.HIGH if not logged or (large and not adjusted) else Level.MODERATE
    covered = "an unknown share" if share is None else f"{share:.0%}"
    note = "" if logged else ", not logged"
    return Threat("T2", level, reason=f"another operation covered {covered} of unit-time in one arm{note}")


def spillover(
    *, adjacent: bool, tested: bool, measured: bool, cancels: float = 0.0, rules: Rules = CURRENT
) -> Threat:
    """T3, place trials: neighbours untested, or a catchment increase that cancels half the effect.

    `measured`: there is a buffer or a catchment measure. `tested`: what happened around the units was estimated.
    """
    _check("cancels", cancels)
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


def fidelity(
    *, dose_share: float | None, control_dose_share: float | None = 0.0, rules: Rules = CURRENT
) -> Threat:
    """T4: delivered share of the planned dose, and how much of it the controls received; None: not measured."""
    for name, share in (("dose_share", dose_share), ("control_dose_share", control_dose_share)):
        if share is not None:
            _check(name, share)
    if control_dose_share is not None and control_dose_share > rules.control_dose:
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
    if control_dose_share is None:
        return Threat("T4", Level.MODERATE, reason="what the controls got was not measured")
    return Threat("T4", Level.LOW)


def missing_data(*, share: float, handled: bool, sign_flips: bool = False, rules: Rules = CURRENT) -> Threat:
    """T5: share of outcome values missing, and whether bounds or a sensitivity analysis dealt with it."""
    _check("share", share, most=1)
    if sign_flips:
        return Threat("T5", Level.HIGH, reason="the sensitivity analysis flips the sign")
    if share > rules.missing_high or (share > rules.missing_moderate and not handled):
        return Threat("T5", Level.HIGH, reason=f"{share:.0%} missing{'' if handled else ', not handled'}")
    if share > rules.missing_moderate:
        reason = f"{share:.0%} missing, with bounds or a sensitivity analysis"
        return Threat("T5", Level.MODERATE, reason=reason)
    return Threat("T5", Level.LOW)


def measurement(
    *, unblinded_self_report: bool = False, may_be_affected: bool = False, changed_in_one_arm: bool = False
) -> Threat:
    """T6: who wrote the outcome down, and whether the treatment, or a change of practice, could move their hand."""
    if changed_in_one_arm:
        return Threat("T6", Level.HIGH, reason="recording practice changed in one arm")
    if unblinded_self_report:
        return Threat("T6", Level.MODERATE, reason="unblinded self-report")
    if may_be_affected:
        return Threat("T6", Level.MODERATE, reason="recording could be affected by the treatment")
    return Threat("T6", Level.LOW)


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


def _check(name: str, value: float, *, most: float = inf) -> None:
    """Refuse what is no share of a whole, or, of a dose or an effect, below 0. A NaN is neither."""
    if not 0 <= value <= most or value == inf:
        raise BadEvidence(f"/{name}", "must be a share from 0 to 1" if most == 1 else "must be 0 or more")
