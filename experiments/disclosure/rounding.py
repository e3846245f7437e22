"""Rounding for release."""

from __future__ import annotations

import math

from experiments.disclosure.policy import DEFAULT, Policy


def round_significant(value: float, figures: int = DEFAULT.significant_figures) -> float:
    """Round to significant figures, half to even.

    Raises
    ------
    ValueError : the value is not finite: nothing of the kind is ever released.
    """
    if not math.isfinite(value):
        raise ValueError("only finite numbers are released")
    return float(f"{value:.{figures - 1}e}")


def round_count(count: int, policy: Policy = DEFAULT) -> int | None:
    """Round a count to the nearest multiple of the base; None (hidden) below the threshold.

    The threshold is on the true count, so a released count is never below it.
    """
    if count < policy.threshold:
        return None
    nearest = (2 * count + policy.rounding_base) // (2 * policy.rounding_base) * policy.rounding_base
    return max(nearest, policy.threshold)
