"""A confidence sequence: intervals that hold at all looks together, however often one looks and why."""

import math
from dataclasses import dataclass

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.options import ALTERNATIVES

LEAST = (
    100  # units (clusters, if clustered) below which the sequence leans on large numbers that are not there
)


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """By look, (K,): the interval, and the p value so far.

    ``is_approximate`` where a look has fewer than 100 units. An end is infinite on the side that is not tested.
    """

    conf_low: FloatArray
    conf_high: FloatArray
    p_value: FloatArray
    is_approximate: bool


def confidence_sequence(
    estimates: FloatArray,
    std_errors: FloatArray,
    n: IntArray,
    *,
    planned: int,
    alpha: float = 0.05,
    alternative: str = "two_sided",
) -> ConfidenceSequence:
    """Intervals of an estimate that is looked at again and again.

    Parameters
    ----------
    estimates, std_errors : (K,) at each look, in the outcome's units.
    n : (K,) units at each look, or clusters where those were assigned; rising.
    planned : the number at which the interval is to be tightest.
    alpha : the chance that any interval of the whole sequence misses.
    alternative : ``greater`` or ``less`` for a guardrail that matters on one side.

    Returns
    -------
    ConfidenceSequence : the intervals, and p values that may be read at any look.

    Notes
    -----
    Half-width ``SE_t·√{2(tρ² + 1)/(tρ²)·log(√(tρ² + 1)/α)}``, with ``ρ = √{(−2 log α + log(1 − 2 log α))/t*}``.
    One-sided ``log(1 + √(tρ² + 1)/(2α))`` in place of the logarithm, which follows from a half-normal mixture and
    ``Φ(x) ≥ 1 − ½e^{−x²/2}``. p: the running minimum of the α at which 0 leaves the interval, ρ held. Good for large t.

    Raises
    ------
    NotEstimable : looks that do not rise, errors that are not above 0, or another alpha or alternative.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), *Ann Stat*; Robbins (1970), *Ann Math Stat*.
    """
    _check(estimates, std_errors, n, planned, alpha, alternative)
    rho2 = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / planned
    grown = n * rho2 + 1
    root = np.sqrt(grown)
    share = n * rho2 / (2 * grown)
    log_p = 0.5 * np.log(grown) - share * (estimates / std_errors) ** 2
    if alternative == "two_sided":
        half = std_errors * np.sqrt(np.log(root / alpha) / share)
        p_value = np.exp(np.minimum(0.0, log_p))
        low, high = estimates - half, estimates + half
    else:
        sign = 1.0 if alternative == "greater" else -1.0
        half = std_errors * np.sqrt(np.log1p(root / (2 * alpha)) / share)
        # √/(2(e^x − 1)) written so that a large x does not overflow.
        fall = -np.expm1(-share * (estimates / std_errors) ** 2)
        p_value = np.divide(
            0.5 * np.exp(log_p), fall, out=np.ones(len(n)), where=(sign * estimates > 0) & (fall > 0)
        )
        p_value = np.minimum(1.0, p_value)
        open_end = np.full(len(n), np.inf)
        low = estimates - half if sign > 0 else -open_end
        high = open_end if sign > 0 else estimates + half
    return ConfidenceSequence(low, high, np.minimum.accumulate(p_value), bool((n < LEAST).any()))


def _check(
    estimates: FloatArray, std_errors: FloatArray, n: IntArray, planned: int, alpha: float, alternative: str
) -> None:
    if not len(n) or not len(estimates) == len(std_errors) == len(n):
        raise NotEstimable("each look needs an estimate, a standard error and a number of units")
    if (np.diff(n) <= 0).any() or n[0] < 1 or planned < 1:
        raise NotEstimable(
            "the numbers of units must rise from look to look, and the planned one be at least 1"
        )
    if not np.isfinite(estimates).all() or not (np.isfinite(std_errors) & (std_errors > 0)).all():
        raise NotEstimable("each estimate must be a number and its standard error above 0")
    if not 0 < alpha < 1 or alternative not in ALTERNATIVES:
        raise NotEstimable(
            "alpha must lie between 0 and 1, and the alternative be two_sided, less or greater"
        )
