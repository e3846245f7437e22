"""PURE: whether a process, left as it is, will meet a target: assurance as the NHS's "Making Data Count" has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from centre.hub.trends import xmr
from centre.hub.trends.errors import NotEstimable


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


class Verdict(StrEnum):
    """What may be expected of the months to come, if nothing changes."""

    MEETS = "consistently meets the target"
    INCONSISTENT = "meets the target in some months and not in others, by chance"
    FAILS = "consistently misses the target"


@dataclass(frozen=True, slots=True)
class Assurance:
    """The verdict, and the limits that it rests on."""

    verdict: Verdict
    limits: xmr.Limits
    target: float


def assure(values: Sequence[float | None], target: float, direction: Direction) -> Assurance:
    """Compare a target with the process limits of a force's months; a month of None is missing, and never 0.

    A target beyond the limit on the better side is consistently missed, one beyond the other is consistently met; on
    a limit or between them it is neither.

    Raises
    ------
    NotEstimable : fewer than two months are known, or all of them are alike (then there is no variation to judge by).
    """
    known = np.array([one for one in values if one is not None], float)
    limits = xmr.limits(known, xmr.Options())
    if not limits.moving_range:
        raise NotEstimable("Every month is the same: there is no variation to judge by")
    above, below = target > limits.upper, target < limits.lower
    missed, met = (above, below) if direction is Direction.HIGHER else (below, above)
    verdict = Verdict.FAILS if missed else Verdict.MEETS if met else Verdict.INCONSISTENT
    return Assurance(verdict, limits, target)
