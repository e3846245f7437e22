"""How far parallel trends may fail before the finding goes: sensitivity intervals and their breakdown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from centre.distributions import interval
from experiments.stats.checks.honest_relative import RelativeMagnitude
from experiments.stats.checks.honest_smoothness import Smoothness
from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
Method = Literal["relative_magnitude", "smoothness"]

MULTIPLES = (0.0, 0.5, 1.0, 1.5, 2.0)
DOUBLINGS = range(-6, 7)  # the breakdown is looked for up to 64 units, or the largest m asked for
TOLERANCE = 1e-3  # of the breakdown
ROUNDING = (
    1e-8  # how far from symmetric, or its eigenvalues below 0, a covariance may be, of its largest entry
)
NO_VARIANCE = 1e-12  # of all variances together


@dataclass(frozen=True, slots=True)
class Row:
    """The interval under one ``m``; an end is None where it lies beyond the grid of effects that was tried."""

    m: float
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Intervals that hold although trends are not parallel.

    Attributes
    ----------
    method : ``relative_magnitude`` or ``smoothness``.
    rows : one interval for each ``m``, in the order asked for.
    breakdown : the least m whose interval contains 0, to 0.1 % above; 0.0 where that of m = 0 does; None
        where none up to ``breakdown_beyond`` does.
    breakdown_beyond : the largest m that was searched where ``breakdown`` is None; else None.
    original : the usual interval of the effect, on the normal, which takes trends as parallel.
    """

    method: Method
    rows: tuple[Row, ...]
    breakdown: float | None
    breakdown_beyond: float | None
    original: tuple[float, float]


class _Restriction(Protocol):
    """What may be wrong with the trends, by its size m."""

    def interval(self, m: float) -> tuple[float | None, float | None]: ...

    def has_zero(self, m: float) -> bool: ...


def honest_did(
    estimate: ArrayLike,
    covariance: ArrayLike,
    n_pre: int,
    n_post: int,
    *,
    method: Method = "relative_magnitude",
    m: Sequence[float] | None = None,
    weights: ArrayLike | None = None,
    alpha: float = 0.05,
) -> Sensitivity:
    """Give the interval of an effect under departures from parallel trends of growing size.

    Parameters
    ----------
    estimate : (n_pre + n_post,) effects by event time, those before adoption first, in the outcome's
        units, all against one reference period that is left out and lies between the two parts.
    covariance : square, of the estimates, from the same estimator.
    n_pre, n_post : periods before and after the reference, without gaps.
    method : ``relative_magnitude``: no change of the departure between two later periods exceeds m times
        the largest one before. ``smoothness``: the departure's slope changes by at most m a period.
    m : sizes of the departure, 0 or more; for ``smoothness`` in the outcome's units. By default 0, 0.5, 1,
        1.5 and 2; for ``smoothness`` these times the mean standard error of all estimates, so that the
        sizes follow the units of the outcome and the precision of the data.
    weights : (n_post,) what the effect is, as a sum over periods after adoption; by default the first.
    alpha : error rate of each interval, two-sided.

    Returns
    -------
    Sensitivity : the intervals, and the size from which on they contain 0.

    Notes
    -----
    Event times are counted from the reference, where the departure δ is 0. ``smoothness`` is the
    fixed-length interval, ``relative_magnitude`` the conditional and least-favourable hybrid on a grid
    of effects; formulae in their modules. The breakdown is found by doubling (the sizes asked for among
    the rungs) and bisection: an interval that lets 0 go again between two rungs is not seen.

    Raises
    ------
    NotEstimable : no period before or after adoption; a number that is not finite; no covariance; an
        effect without sampling error; no end of the search (both methods' own reasons).
    ValueError : sizes of the arrays that do not fit, weights that are all 0, another method, an ``alpha``
        outside (0, 1), an ``m`` below 0 or not finite.

    References
    ----------
    Rambachan & Roth (2023), *REStud*; Andrews, Roth & Pakes (2023), *REStud*. The published numbers of
    moderndid for one event study, to one grid step for ``relative_magnitude``.
    """
    if method not in get_args(Method):
        raise ValueError(f"unknown method '{method}'")
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie between 0 and 1")
    sizes = None if m is None else _sizes(m)
    effects, spread = _inputs(estimate, covariance, n_pre, n_post)
    target = _target(weights, n_pre, n_post)
    variance = float(target @ spread @ target)
    if not variance > NO_VARIANCE * float(np.trace(spread)) * float(target @ target):
        raise NotEstimable("the effect has no sampling error, so there is no interval to widen")
    unit = 1.0 if method == "relative_magnitude" else float(np.sqrt(np.diag(spread)).mean())
    sizes = tuple(unit * multiple for multiple in MULTIPLES) if sizes is None else sizes
    restriction: _Restriction = (
        RelativeMagnitude if method == "relative_magnitude" else Smoothness
    ).prepared(effects, spread, n_pre, target, alpha)
    rows = tuple(Row(size, *restriction.interval(size)) for size in sizes)
    breakdown, beyond = _breakdown(restriction, sizes, unit)
    original = interval(float(target @ effects), math.sqrt(variance), None, alpha)
    return Sensitivity(method, rows, breakdown, beyond, original)


def _sizes(m: Sequence[float]) -> tuple[float, ...]:
    sizes = tuple(float(size) for size in m)
    if not sizes or not all(0 <= size < float("inf") for size in sizes):
        raise ValueError("m must be one or more numbers, none below 0")
    return sizes


def _inputs(
    estimate: ArrayLike, covariance: ArrayLike, n_pre: int, n_post: int
) -> tuple[FloatArray, FloatArray]:
    """Read estimates and covariance, and refuse what cannot be one."""
    if n_pre < 1:
        raise NotEstimable(
            "there is no period before adoption, besides the reference, to compare departures with"
        )
    if n_post < 1:
        raise NotEstimable("there is no period after adoption, so there is no effect")
    effects, spread = np.asarray(estimate, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    count = n_pre + n_post
    if effects.shape != (count,) or spread.shape != (count, count):
        raise ValueError(
            f"{n_pre} periods before and {n_post} after need {count} estimates and a square covariance of them, "
            f"not shapes {effects.shape} and {spread.shape}"
        )
    if not (np.isfinite(effects).all() and np.isfinite(spread).all()):
        raise NotEstimable("an effect by event time, or its standard error, could not be estimated")
    scale = float(np.abs(spread).max())
    if float(np.abs(spread - spread.T).max()) > ROUNDING * scale:
        raise NotEstimable("the covariance of the effects by event time is not symmetric")
    spread = (spread + spread.T) / 2
    values, vectors = np.linalg.eigh(spread)
    if float(values[0]) < -ROUNDING * scale:
        raise NotEstimable("the covariance of the effects by event time gives a negative variance")
    if values[0] < 0:
        spread = (vectors * np.maximum(values, 0)) @ vectors.T
    return effects, spread


def _target(weights: ArrayLike | None, n_pre: int, n_post: int) -> FloatArray:
    """Spell the effect out as weights over all periods, 0 before adoption."""
    later = np.eye(n_post)[0] if weights is None else np.asarray(weights, dtype=np.float64)
    if later.shape != (n_post,) or not np.isfinite(later).all():
        raise ValueError(f"weights must be {n_post} finite numbers, one for each period after adoption")
    if not later.any():
        raise ValueError("weights must not all be 0")
    return np.concatenate([np.zeros(n_pre), later])


def _breakdown(
    restriction: _Restriction, sizes: tuple[float, ...], unit: float
) -> tuple[float | None, float | None]:
    """Find the least m whose interval contains 0, or else the largest m that was searched."""
    if restriction.has_zero(0.0):
        return 0.0, None
    low = 0.0
    for high in sorted({*sizes, *(unit * 2.0**power for power in DOUBLINGS)} - {0.0}):
        if restriction.has_zero(high):
            break
        low = high
    else:
        return None, low
    # The floor ends the search where the least m is as good as 0.
    while high - low > TOLERANCE * max(high, TOLERANCE * unit):
        middle = (low + high) / 2
        low, high = (low, middle) if restriction.has_zero(middle) else (middle, high)
    return high, None
