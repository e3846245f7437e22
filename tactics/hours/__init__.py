"""The hours account: what a force may say of officer time, its sums, and the scale-up to all forces. Pure."""

from tactics.hours.account import Claim, Sum, sums
from tactics.hours.claims import BASES, STATUSES, HoursSaid, cleaned
from tactics.hours.scaling import (
    LEAST_DAYS,
    LEAST_FORCES,
    LEAST_STRENGTH,
    ForceRatio,
    ScaleUp,
    ratios,
    scale_up,
)

__all__ = [
    "BASES",
    "LEAST_DAYS",
    "LEAST_FORCES",
    "LEAST_STRENGTH",
    "STATUSES",
    "Claim",
    "ForceRatio",
    "HoursSaid",
    "ScaleUp",
    "Sum",
    "cleaned",
    "ratios",
    "scale_up",
    "sums",
]
