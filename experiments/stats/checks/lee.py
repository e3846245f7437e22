"""Lee bounds: what the effect can be at most and at least when the arms lost different shares of their units."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from centre.distributions import lower_tail, quantile
from experiments.stats.domain import LEAST_CLUSTERS
from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LEAST_IN_STRATUM = 5  # assigned to each arm of a stratum, for its losses to say anything
LEAST_LEFT = 2  # units of an arm with an outcome


@dataclass(frozen=True, slots=True)
class LeeBounds:
    """Bounds of the effect on those who are in the data whichever arm they are in.

    ``trimmed`` is the share of the arm that kept more, which is left out at one end and at the other; ``conf_low`` and
    ``conf_high`` hold the effect itself, wherever between the bounds it is.
    """

    lower: float
    upper: float
    lower_std_error: float
    upper_std_error: float
    conf_low: float
    conf_high: float
    trimmed: float
    trims_treated: bool


def lee_bounds(
    outcome: FloatArray,
    treated: FloatArray,
    *,
    clusters: IntArray | None = None,
    strata: IntArray | None = None,
    alpha: float = 0.05,
) -> LeeBounds:
    """Bound the effect under selection that assignment moves one way only.

    Parameters
    ----------
    outcome : (n,) of every unit assigned, NaN where it was lost.
    treated : (n,) 1 or 0 as assigned.
    clusters : (n,) codes of what was assigned together; None where units were.
    strata : (n,) codes of the strata the draw was made in; the arms must have the same shares in all of them.
    alpha : two-sided level.

    Returns
    -------
    LeeBounds : in the outcome's units, with standard errors and the interval of the effect.

    Notes
    -----
    The arm that kept a share q of its units, more than the other's r, is trimmed by ``p = (q − r)/q``. With ``y_p`` its
    lower p-quantile the upper end of its mean is ``μ = y_p + Σ(Y − y_p)⁺/((1 − p)m)`` over its m outcomes, so that of
    a tie at the quantile only the part that is due is left out; the lower end mirrors it. Influence of a unit on μ:
    ``S Z (max(Y, y_p) − (1 − p)μ − p y_p)/(a(1 − p)) + (μ − y_p)/(1 − p)·IF_p``, a the share of all units that are
    kept in this arm, ``IF_p = −IF_r/q + (r/q²)IF_q``. Summed by cluster. Interval: ``[L − c·s_L, U + c·s_U]`` with
    ``Φ(c + w) − Φ(−c) = 1 − α``, ``w = (U − L)/max(s_L, s_U)``. The bounds hold if whoever is kept in the arm that
    kept fewer would also be kept in the other.

    Raises
    ------
    NotEstimable : an arm that kept fewer than two units, outcomes that do not vary, fewer than six clusters, strata
        with other shares, or strata of which one lost more under treatment and one fewer, further than by chance.

    References
    ----------
    Lee (2009), *REStud*; Imbens & Manski (2004), *Econometrica*.
    """
    kept = np.isfinite(outcome)
    _check(kept, treated, clusters)
    if strata is not None:
        _check_strata(kept, treated, clusters, strata, alpha)
    shares = [float(kept[treated == side].mean()) for side in (0.0, 1.0)]
    trims_treated = shares[1] >= shares[0]
    more = treated if trims_treated else 1.0 - treated
    ends = [_upper(sign * outcome, kept, more) for sign in (1.0, -1.0)]
    other, other_influence = _mean(outcome, kept & (more == 0))
    sign = 1.0 if trims_treated else -1.0
    high = sign * (ends[0][0] - other), _error(ends[0][1] - other_influence, clusters)
    low = sign * (-ends[1][0] - other), _error(ends[1][1] + other_influence, clusters)
    if not trims_treated:
        low, high = high, low
    return _bounds(low, high, 1 - min(shares) / max(shares), trims_treated, alpha)


def _bounds(
    low: tuple[float, float], high: tuple[float, float], trimmed: float, trims_treated: bool, alpha: float
) -> LeeBounds:
    wider = max(low[1], high[1])
    if not min(low[1], high[1]) > 0:
        raise NotEstimable("the outcome does not vary enough among those who are kept to bound the effect")
    gap = max(0.0, high[0] - low[0]) / wider

    def missed(c: float) -> float:
        return lower_tail(c + gap, None) - lower_tail(-c, None) - (1 - alpha)

    c = float(brentq(missed, 0.0, quantile(1 - alpha / 4, None) + 1.0, xtol=1e-13))
    return LeeBounds(
        low[0], high[0], low[1], high[1], low[0] - c * low[1], high[0] + c * high[1], trimmed, trims_treated
    )


def _check(kept: BoolArray, treated: FloatArray, clusters: IntArray | None) -> None:
    for side, name in ((0.0, "control"), (1.0, "treatment")):
        if int(np.count_nonzero(kept & (treated == side))) < LEAST_LEFT:
            raise NotEstimable(
                f"the {name} arm has fewer than {LEAST_LEFT} units with an outcome, so no effect can be bounded"
            )
    if clusters is not None and len(np.unique(clusters)) < LEAST_CLUSTERS:
        raise NotEstimable(f"bounds by cluster need at least {LEAST_CLUSTERS} clusters")


def _check_strata(
    kept: BoolArray, treated: FloatArray, clusters: IntArray | None, strata: IntArray, alpha: float
) -> None:
    """Refuse strata that cannot be pooled, and losses that went both ways: then no selection is monotone."""
    groups = np.arange(len(treated)) if clusters is None else clusters
    first = np.unique(groups, return_index=True)[1]
    share = float(treated[first].mean())
    found = []
    for stratum in range(int(strata.max()) + 1):
        inside = strata == stratum
        drawn = treated[first[inside[first]]]
        if abs(drawn.sum() - share * len(drawn)) >= 1:
            raise NotEstimable(
                "the strata were drawn in different shares, so the arms cannot be put together to bound the effect"
            )
        if min(drawn.sum(), len(drawn) - drawn.sum()) >= LEAST_IN_STRATUM:
            found.append(_difference(kept[inside], treated[inside], groups[inside]))
    limit = quantile(1 - alpha / (2 * max(1, len(found))), None)
    if found and max(found) > limit and min(found) < -limit:
        raise NotEstimable(
            "one stratum lost more units under treatment and another fewer, further than chance explains: treatment "
            "did not move selection one way, and Lee's bounds do not hold"
        )


def _difference(kept: BoolArray, treated: FloatArray, groups: IntArray) -> float:
    """The difference between the shares kept, in standard errors; 0 where it has none."""
    own = np.unique(groups, return_inverse=True)[1]
    parts = [_mean(kept.astype(np.float64), treated == side) for side in (1.0, 0.0)]
    error = _error(parts[0][1] - parts[1][1], own)
    return (parts[0][0] - parts[1][0]) / error if error > 0 else 0.0


def _upper(outcome: FloatArray, kept: BoolArray, more: FloatArray) -> tuple[float, FloatArray]:
    """The mean of the arm that kept more without its lowest outcomes, and each unit's influence on it."""
    n = len(outcome)
    shares, influences = [], []
    for side in (1.0, 0.0):
        inside = more == side
        shares.append(float(kept[inside].mean()))
        influences.append(inside * (kept - shares[-1]) * n / inside.sum())
    p = 1 - shares[1] / shares[0]
    own = kept & (more == 1)
    values = np.sort(outcome[own])
    # The quantile: the outcome at which the trimmed share is reached.
    cut = values[min(len(values) - 1, math.floor(p * len(values) + 1e-9))]
    left = 1 - p
    mean = float(cut + np.maximum(values - cut, 0).sum() / (left * len(values)))
    moved = np.where(own, np.maximum(np.where(own, outcome, cut), cut) - left * mean - p * cut, 0.0)
    of_share = -influences[1] / shares[0] + shares[1] / shares[0] ** 2 * influences[0]
    return mean, moved * n / (own.sum() * left) + (mean - cut) / left * of_share


def _mean(outcome: FloatArray, chosen: BoolArray) -> tuple[float, FloatArray]:
    mean = float(outcome[chosen].mean())
    return mean, np.where(chosen, np.where(chosen, outcome, mean) - mean, 0.0) * len(outcome) / chosen.sum()


def _error(influence: FloatArray, clusters: IntArray | None) -> float:
    sums = influence if clusters is None else np.bincount(clusters, weights=influence)
    return float(np.sqrt((sums**2).sum())) / len(influence)
