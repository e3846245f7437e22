"""The rules' cut-offs, held as data with their version: a changed cut-off is a new version.

Cut-offs on percentages are in per cent, margins are on the log ratio scale. Where a rule takes its logic
from a published scale, `docs/` and the page "About the ratings" name it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite, log
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """Every number the engine compares with. Ladders run from score 5 to score 1; beyond is 0."""

    version: str
    # D: share of units whose allocation was overridden
    overrides_clean: float = 0.05
    overrides_most: float = 0.20
    # P: detectable effect = power_multiplier x SE (80% power, 5% two-sided)
    power_multiplier: float = 2.8
    power_ratio_at_most: tuple[float, ...] = (10, 15, 20, 30, 40)  # detectable % change, inclusive
    power_smd_first: float = 0.20  # inclusive
    power_smd_below: tuple[float, ...] = (0.30, 0.40, 0.50, 0.60)  # exclusive
    # A: share lost as randomised, inclusive
    attrition_at_most: tuple[float, ...] = (10, 20, 30, 40, 50)
    # C: baseline equivalence, clusters, pre-trends
    smd_adjust_above: float = 0.05
    smd_fails_above: float = 0.25
    few_clusters_2: int = 4
    few_clusters_3: int = 9
    pre_trend_p: float = 0.05
    pre_coefficient_share: float = 0.5
    pre_periods: int = 3
    # C: the most security that each cap leaves
    cap_c1: int = 3
    cap_c2: int = 1
    cap_c3: int = 1
    cap_c3_parallel: int = 3
    cap_c4: int = 2
    cap_c5: int = 1
    cap_c5_placebo: int = 2
    cap_c5b_fewest: int = 2
    cap_c5b_few: int = 3
    cap_c6: int = 2
    cap_c7: int = 3
    cap_c8: int = 3
    cap_c10: int = 3
    # T: threats
    concurrent_share: float = 0.25
    spillover_cancels: float = 0.5
    dose_moderate: float = 0.8
    dose_high: float = 0.5
    control_dose: float = 0.2
    missing_moderate: float = 0.05
    missing_high: float = 0.15
    # Tactic rating
    eligible_security: int = 2
    secure: int = 4  # the security at which one trial can carry a label, and its kind a start
    fairly_secure: int = 3
    effective_strength: int = 4
    promising_strength: int = 2
    sesoi_benefit: float = log(0.95)
    sesoi_harm: float = log(1.05)
    margin_benefit: float = log(0.90)
    margin_harm: float = log(1.10)
    size_high: float = 30
    size_moderate: float = 10
    size_low: float = 2
    start_secure: int = 5
    start_randomised: int = 4
    start_difference: int = 3
    start_other: int = 2
    cap_one_trial: int = 3
    cap_one_force: int = 3
    cap_one_team: int = 4
    cap_two_trials: int = 4
    weight_majority: float = 0.5
    bias_minus_1: float = 3.5
    bias_minus_2: float = 2.5
    i2_moderate: float = 50
    i2_high: float = 75
    few_events: int = 300
    overdue_share: float = 0.20
    egger_p: float = 0.10
    egger_k: int = 10
    up_ratio_1: float = 0.5
    up_ratio_2: float = 0.2
    review_due_years: int = 5
    old_years: int = 10


RULES_1_0 = Rules(version="RULES-1.0")
VERSIONS: dict[str, Rules] = {RULES_1_0.version: RULES_1_0}
CURRENT = RULES_1_0


class BadRules(ValueError):
    """The cut-offs make no rules; the message names the one that is wrong."""


def proposed(version: str, changes: Mapping[str, Any], base: Rules = CURRENT) -> Rules:
    """Return rules that are only thought of: those in use, with some cut-offs changed.

    Raises
    ------
    BadRules : the version exists, or a cut-off is unknown or no number of its kind.
    """
    if version in VERSIONS:
        raise BadRules(f"{version} is built in and cannot be changed: give the proposal a name of its own")
    if not isinstance(changes, Mapping) or not changes:
        raise BadRules('Name at least one cut-off that changes, as {"name": number}')
    known = {item.name: item.type is int for item in fields(Rules) if item.name != "version"}
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise BadRules(f"There is no cut-off “{name}”: choose from {', '.join(sorted(known))}")
        values[name] = _cutoff(name, value, getattr(base, name), whole=known[name])
    return replace(base, version=version, **values)


def _cutoff(
    name: str, value: Any, before: float | tuple[float, ...], *, whole: bool
) -> float | tuple[float, ...]:
    if isinstance(before, tuple):
        if not isinstance(value, list | tuple) or len(value) != len(before):
            raise BadRules(f"The cut-off “{name}” is a list of {len(before)} numbers")
        found = tuple(_number(name, one, whole=False) for one in value)
        if list(found) != sorted(found):
            raise BadRules(f"The cut-off “{name}” runs from the strictest to the mildest, so it must rise")
        return found
    return _number(name, value, whole=whole)


def _number(name: str, value: Any, *, whole: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadRules(f"The cut-off “{name}” must be a number")
    if whole and value != int(value):
        raise BadRules(f"The cut-off “{name}” must be a whole number")
    return int(value) if whole else value
