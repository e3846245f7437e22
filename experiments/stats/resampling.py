"""p values from draws and their inversion: shared by permutations and the wild bootstrap."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.results import Resampled

FloatArray = NDArray[np.float64]

TIE = 1e-10  # ties are decided by rounding otherwise: a draw this close to the observed statistic counts as reaching it
FARTHEST = 2.0**12  # standard errors from the estimate at which the search for an end gives up
PRECISION = 1e-7  # of a standard error
STEPS = 200
SPREAD = 1e-12  # a variance this small beside its parts is rounding


def tail_share(
    draws: FloatArray, observed: float, *, alternative: str = "two_sided", is_exact: bool = False
) -> float:
    """Share of draws at least as extreme as the observed statistic.

    Parameters
    ----------
    draws : (R,) statistics under the null; all of them, the observed one included, where `is_exact`.
    observed : the statistic of the data.
    alternative : ``two_sided`` compares absolute values; ``less`` and ``greater`` the values.
    is_exact : whether the draws are an enumeration; otherwise ``(1 + #)/(R + 1)``, so that p is never 0.

    References
    ----------
    Phipson & Smyth (2010), *Stat Appl Genet Mol Biol*.
    """
    if alternative == "two_sided":
        reached = np.abs(draws) >= abs(observed) * (1 - TIE) - TIE
    else:
        sign = 1.0 if alternative == "greater" else -1.0
        reached = sign * draws >= sign * observed - TIE * (1 + abs(observed))
    count = int(np.count_nonzero(reached))
    return count / len(draws) if is_exact else (1 + count) / (len(draws) + 1)


def invert(p_at: Callable[[float], float], estimate: float, step: float, alpha: float) -> Resampled:
    """The p value at zero and the interval of the effects that are not rejected.

    Parameters
    ----------
    p_at : two-sided p value of a hypothetical effect; it is highest at the estimate.
    estimate, step : the estimate and its standard error, from which the search goes outwards.
    alpha : effects with ``p > alpha`` are in the interval.

    Returns
    -------
    Resampled : an end is None where no effect up to 4,096 standard errors away is rejected.
    """
    ends = [_end(p_at, estimate, sign * step, alpha) for sign in (-1.0, 1.0)]
    return Resampled(p_at(0.0), ends[0], ends[1])


def _end(p_at: Callable[[float], float], estimate: float, step: float, alpha: float) -> float | None:
    inside, factor = 0.0, 1.0
    while p_at(estimate + factor * step) > alpha:
        inside, factor = factor, 2 * factor
        if factor > FARTHEST:
            return None
    outside = factor
    for _ in range(STEPS):
        if outside - inside <= PRECISION:
            break
        middle = (inside + outside) / 2
        if p_at(estimate + middle * step) > alpha:
            inside = middle
        else:
            outside = middle
    end = estimate + inside * step
    return end if math.isfinite(end) else None


@dataclass(frozen=True, slots=True)
class StudentisedDraws:
    """Statistics of R draws whose numerator is linear, and whose squared error is quadratic, in the effect supposed.

    ``(level − slope·τ)/√(square − 2·cross·τ + curve·τ²)``, all (R,); the first draw is the observed one unless
    `observed` gives the estimate and standard error apart.
    """

    level: FloatArray
    slope: FloatArray
    square: FloatArray
    cross: FloatArray
    curve: FloatArray
    is_exact: bool
    observed: tuple[float, float] | None = None

    @classmethod
    def of(
        cls,
        tops: FloatArray,
        squares: FloatArray,
        *,
        is_exact: bool,
        observed: tuple[float, float] | None = None,
    ) -> "StudentisedDraws":
        """Draws from (R, 2) level and slope, and (R, 3) square, cross and curve."""
        level, slope = tops.T
        square, cross, curve = squares.T
        return cls(level, slope, square, cross, curve, is_exact, observed)

    def statistics(self, effect: float) -> FloatArray:
        """The statistic of every draw for a supposed effect, (R,)."""
        top = self.level - effect * self.slope
        under = self.square - effect * (2 * self.cross - effect * self.curve)
        scale = np.abs(self.square) + 2 * np.abs(effect * self.cross) + effect**2 * self.curve
        spread = np.where(under > SPREAD * scale, under, 0.0)
        # A draw without spread cannot be told from any other, and counts as reaching the observed one.
        found = np.where(top < 0, -np.inf, np.inf)
        np.divide(top, np.sqrt(spread), out=found, where=spread > 0)
        return found

    def p_at(self, effect: float, alternative: str = "two_sided") -> float:
        """Return the p value of a supposed effect."""
        found = self.statistics(effect)
        if self.observed is not None:
            estimate, std_error = self.observed
            return tail_share(
                found, (estimate - effect) / std_error, alternative=alternative, is_exact=self.is_exact
            )
        return tail_share(
            found if self.is_exact else found[1:],
            float(found[0]),
            alternative=alternative,
            is_exact=self.is_exact,
        )

    def resampled(self, estimate: float, std_error: float, *, alpha: float, alternative: str) -> Resampled:
        """The test of no effect in the plan's direction, and the two-sided interval."""
        found = invert(self.p_at, estimate, std_error, alpha)
        return Resampled(self.p_at(0.0, alternative), found.conf_low, found.conf_high)
