"""Group-sequential boundaries: how large a statistic must be at each look, so that all looks together err at alpha."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.optimize import brentq

from centre.distributions import quantile
from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray
from experiments.stats.looks import fault_of
from experiments.stats.options import Spending

POINTS = 2_001
FARTHEST = 8.0  # standard deviations beyond which a normal holds nothing
UNREACHABLE = 38.0  # a bound this high has no probability left in double precision


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The looks of one design.

    Attributes
    ----------
    fractions : (K,) share of the planned information at each look.
    spent : (K,) error spent up to each look, over all sides.
    critical : (K,) the absolute z value (or, one-sided, the z value) at which a look stops; ``inf`` where none can.
    sides : 2 or 1.
    """

    fractions: FloatArray
    spent: FloatArray
    critical: FloatArray
    sides: int


def spent_by(fraction: float, alpha: float, spending: Spending) -> float:
    """The one-sided error spent at a share of the information: Lan and DeMets's O'Brien–Fleming or Pocock type."""
    if spending == "pocock":
        return alpha * math.log1p((math.e - 1) * fraction)
    return float(2 * special.ndtr(-quantile(1 - alpha / 2, None) / math.sqrt(fraction)))


def group_sequential(
    fractions: Sequence[float],
    *,
    alpha: float = 0.05,
    sides: int = 2,
    spending: Spending = "obrien_fleming",
) -> Boundaries:
    """Boundaries of looks at these shares of the planned information.

    Parameters
    ----------
    fractions : (K,) ``SE_final²/SE_k²`` of each look, rising, above 0 and at most 1. A look that was not planned
        takes its place at its own share.
    alpha : error of all looks together; both sides share it where there are two.
    sides : 2, or 1 for large values only.
    spending : ``obrien_fleming`` spends nearly all at the end, ``pocock`` about the same at each look.

    Returns
    -------
    Boundaries : what is spent and the critical z value at each look.

    Notes
    -----
    With a the error of one side, spent at t: ``2(1 − Φ(z_{a/2}/√t))`` or ``a·ln(1 + (e − 1)t)``. The score process
    ``B = Z√t`` has independent normal steps, so its density where no look has stopped follows from the last look's by
    one integral (Simpson's rule on 2,001 points), and each boundary is the root of what that look may spend.

    Raises
    ------
    NotEstimable : shares that do not rise, lie outside (0, 1], or are closer than 0.005; another alpha or spending.

    References
    ----------
    Armitage, McPherson & Rowe (1969), *JRSS A*; Lan & DeMets (1983), *Biometrika*. Compare R rpact, ldbounds.
    """
    times = checked(fractions, alpha, sides)
    if spending not in ("obrien_fleming", "pocock"):
        raise NotEstimable(f"'{spending}' is not a way of spending the error; use obrien_fleming or pocock")
    spent = [spent_by(float(time), alpha / sides, spending) for time in times]
    critical: list[float] = []
    state = None
    for place, time in enumerate(times):
        due = spent[place] - (spent[place - 1] if place else 0.0)
        critical.append(_bound(state, float(time), due))
        state = continued(state, float(time), critical[-1], sides)
    return Boundaries(times, sides * np.array(spent), np.array(critical), sides)


def checked(fractions: Sequence[float], alpha: float, sides: int) -> FloatArray:
    """The shares as an array, if looks can be made at them."""
    times = np.asarray(fractions, dtype=np.float64)
    if fault := fault_of(times.tolist()):
        raise NotEstimable(fault)
    if not 0 < alpha < 1 or sides not in (1, 2):
        raise NotEstimable("alpha must lie between 0 and 1, and sides be 1 or 2")
    return times


@dataclass(frozen=True, slots=True)
class State:
    """Where the score process can be after a look that did not stop: ``points`` and ``mass`` (density × step)."""

    time: float
    points: FloatArray
    mass: FloatArray


def continued(
    state: State | None, time: float, critical: float, sides: int, *, reach: float = FARTHEST
) -> State:
    """The process without drift after the look at `time`, where it did not stop, up to `reach` standard deviations."""
    root = math.sqrt(time)
    high = min(critical, reach) * root
    low = -min(critical if sides == 2 else math.inf, reach) * root
    points = np.linspace(low, high, POINTS)
    weights = np.ones(POINTS)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    if state is None:
        density = _normal(points, time)
    else:
        density = _normal(points[:, None] - state.points[None], time - state.time) @ state.mass
    return State(time, points, density * weights * (points[1] - points[0]) / 3)


def tail(state: State | None, time: float, at: float, drift: float = 0.0) -> float:
    """P(no look stopped before, and B(time) >= at) where the mean of B at information 1 is `drift`.

    A drift multiplies what the process may have been at s by ``exp(drift·s − drift²·t/2)``, its likelihood ratio.
    """
    if state is None:
        return float(special.ndtr((drift * time - at) / math.sqrt(time)))
    gap = time - state.time
    tilt = np.exp(drift * state.points - drift**2 * state.time / 2)
    return float(special.ndtr((state.points + drift * gap - at) / math.sqrt(gap)) @ (state.mass * tilt))


def _bound(state: State | None, time: float, due: float) -> float:
    root = math.sqrt(time)
    if not due > 0 or tail(state, time, UNREACHABLE * root) >= due:
        return math.inf
    return float(brentq(lambda z: tail(state, time, z * root) - due, -FARTHEST, UNREACHABLE, xtol=1e-12))


def _normal(values: FloatArray, variance: float) -> FloatArray:
    return np.asarray(np.exp(-(values**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance))
