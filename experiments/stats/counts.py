"""Counts of crime before and after, as crime analysts compare them: rate ratios, displacement, small counts.

Treated and comparison areas are pairs (before, after). Below one a rate ratio is a fall.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from centre import distributions
from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Pair = tuple[float, float]
HALF = 0.5  # added to all four counts where one is zero
TAIL = 1e-12  # of a Poisson distribution left out of the enumeration


@dataclass(frozen=True, slots=True)
class RateRatio:
    """A relative incident rate ratio, on the log scale and as a ratio.

    ``is_corrected``: a count was zero, so a half was added to all four. ``prevented``: expected less observed in the
    treated area.
    """

    log: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    dispersion: float
    is_corrected: bool
    prevented: float

    @property
    def ratio(self) -> float:
        return math.exp(self.log)


@dataclass(frozen=True, slots=True)
class CountDifference:
    """A weighted displacement difference in counts, normal; below zero is a fall."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float

    @property
    def z(self) -> float:
        return self.estimate / self.std_error


@dataclass(frozen=True, slots=True)
class DisplacementQuotient:
    """Bowers and Johnson's quotient and its parts; ``wdq`` is None where the direct effect was no fall.

    ``success`` is the change of the response area's share of control, ``displacement`` that of the buffer's; ``gross``
    and ``total_net`` in counts.
    """

    wdq: float | None
    success: float
    displacement: float
    gross: float
    net: float
    total_net: float


def rirr(treated: Pair, control: Pair, *, dispersion: float = 1.0, alpha: float = 0.05) -> RateRatio:
    """Relative incident rate ratio of two areas before and after.

    Parameters
    ----------
    treated, control : counts before and after.
    dispersion : variance of a count over its mean, see :func:`dispersion`; 1 is Poisson.
    alpha : two-sided level.

    Returns
    -------
    RateRatio : ``ln(b/a) − ln(d/c)`` for treated a, b and control c, d.

    Notes
    -----
    ``V = φ(1/a + 1/b + 1/c + 1/d)``. Where a count is zero a half is added to all four, and said. The four-cell case of
    a Poisson model with area and period effects.

    Raises
    ------
    NotEstimable : a negative count, or no event in an area.

    References
    ----------
    Wilson (2022), *Crime Science*; Farrington & Welsh's relative effect size is its inverse.
    """
    cells = _counts((*treated, *control))
    if cells[:2].sum() == 0 or cells[2:].sum() == 0:
        raise NotEstimable(
            "an area has no events before or after, so no rate can be compared; see the E-test"
        )
    if not dispersion > 0:
        raise NotEstimable("the dispersion must be above 0")
    is_corrected = bool((cells == 0).any())
    a, b, c, d = cells + HALF * is_corrected
    log = math.log(b / a) - math.log(d / c)
    error = math.sqrt(dispersion * (1 / a + 1 / b + 1 / c + 1 / d))
    low, high = distributions.interval(log, error, None, alpha)
    p = distributions.p_value(log / error, None)
    return RateRatio(log, error, low, high, p, dispersion, is_corrected, float(a * d / c - b))


def dispersion(outcome: FloatArray, treated: BoolArray, post: BoolArray) -> float:
    """Variance of a count over its mean, from areas by periods.

    Parameters
    ----------
    outcome : (n, T) counts.
    treated : (n,) whether the area is treated.
    post : (T,) periods after the start.

    Returns
    -------
    float : Pearson's chi-square over its degrees of freedom.

    Notes
    -----
    Quasi-Poisson with an effect for each area and one change at the start in each arm: the fitted mean is the area's
    total times its arm's share of the period, so nothing is iterated. ``nT − n − 2`` degrees of freedom. Areas without
    events carry nothing and are left out.

    Raises
    ------
    NotEstimable : no degrees of freedom, or no events.
    """
    expected = np.zeros_like(outcome)
    used = outcome.sum(axis=1) > 0
    for arm in (True, False):
        inside = used & (treated == arm)
        if inside.any():
            total = outcome[inside].sum()
            share = np.where(
                post,
                outcome[np.ix_(inside, post)].sum() / total / max(1, int(post.sum())),
                outcome[np.ix_(inside, ~post)].sum() / total / max(1, int((~post).sum())),
            )
            expected[inside] = outcome[inside].sum(axis=1, keepdims=True) * share
    left = int(used.sum()) * (outcome.shape[1] - 1) - 2
    if left < 1:
        raise NotEstimable("too few areas and periods to measure how much counts vary")
    kept = expected > 0
    return float((((outcome - expected)[kept]) ** 2 / expected[kept]).sum() / left)


def wdd(
    treated: Pair,
    control: Pair,
    *,
    zone_treated: Pair = (0.0, 0.0),
    zone_control: Pair = (0.0, 0.0),
    time_weights: Pair = (1.0, 1.0),
    area_weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    alpha: float = 0.05,
) -> CountDifference:
    """Weighted displacement difference: crimes gained or lost, in the area and around it.

    Parameters
    ----------
    treated, control : counts before and after.
    zone_treated, zone_control : the same in the zones around them; zeros where there are none.
    time_weights : length of the times before and after.
    area_weights : sizes of treated, control, zone of treated and zone of control.
    alpha : two-sided level.

    Returns
    -------
    CountDifference : change of treated less change of control, plus the same of the zones.

    Notes
    -----
    Every count is divided by its weight, and its variance by the weight squared; the counts are Poisson. It assumes
    parallel trends in counts, where :func:`rirr` assumes them in ratios.

    Raises
    ------
    NotEstimable : a negative count, a weight that is not positive, or no event at all.

    References
    ----------
    Wheeler & Ratcliffe (2018), *Crime Science*.
    """
    cells = _counts((*treated, *control, *zone_treated, *zone_control)).reshape(4, 2)
    weights = np.outer(np.array(area_weights, dtype=np.float64), np.array(time_weights, dtype=np.float64))
    if not (weights > 0).all():
        raise NotEstimable("the weights of times and areas must be above 0")
    signs = np.array([1.0, -1.0, 1.0, -1.0])[:, None] * np.array([-1.0, 1.0])
    return _difference(float((signs * cells / weights).sum()), float((cells / weights**2).sum()), alpha)


def harm_wdd(
    differences: Sequence[CountDifference], harm: Sequence[float], *, alpha: float = 0.05
) -> CountDifference:
    """Weighted displacement difference in harm: the sum of those of single offences, each times its harm.

    Parameters
    ----------
    differences : one for each offence.
    harm : harm of one offence, in any common unit.
    alpha : two-sided level.

    Raises
    ------
    NotEstimable : no offence, or another number of harms.
    """
    if not differences or len(differences) != len(harm):
        raise NotEstimable(f"{len(differences)} offences need as many harms, and {len(harm)} are given")
    total = sum(weight * one.estimate for weight, one in zip(harm, differences, strict=True))
    variance = sum((weight * one.std_error) ** 2 for weight, one in zip(harm, differences, strict=True))
    return _difference(total, variance, alpha)


def wdq(response: Pair, zone: Pair, control: Pair) -> DisplacementQuotient:
    """Weighted displacement quotient: how much of the effect moved round the corner, or spread there.

    Parameters
    ----------
    response, zone, control : counts before and after in the treated area, the zone around it, and the control.

    Returns
    -------
    DisplacementQuotient : above 0 the zone gained too (diffusion), below 0 crime moved there; below −1 it outweighs
        the effect. A description: it has no standard error.

    Raises
    ------
    NotEstimable : no event in the control before or after.

    References
    ----------
    Bowers & Johnson (2003), *J Quantitative Criminology*.
    """
    rb, ra, db, da, cb, ca = _counts((*response, *zone, *control))
    if cb == 0 or ca == 0:
        raise NotEstimable("the control has no events before or after, so shares of it cannot be formed")
    success, moved = float(ra / ca - rb / cb), float(da / ca - db / cb)
    growth = ca / cb
    return DisplacementQuotient(
        wdq=moved / success if success < 0 else None,
        success=success,
        displacement=moved,
        gross=float(rb - ra),
        net=float(rb / cb - ra / ca),
        total_net=float(rb * growth - ra + db * growth - da),
    )


def e_test(first: int, second: int, *, exposure: Pair = (1.0, 1.0)) -> float:
    """P value of two small counts, without a normal approximation.

    Parameters
    ----------
    first, second : the counts.
    exposure : what each was counted over.

    Returns
    -------
    float : two-sided p value of equal rates.

    Notes
    -----
    All pairs of counts under the pooled rate, weighted by their probability, that are as far apart in ``(x1/n1 −
    x2/n2)/√(x1/n1² + x2/n2²)`` as those observed.

    Raises
    ------
    NotEstimable : two zeros, a negative count, or an exposure that is not positive.

    References
    ----------
    Krishnamoorthy & Thomson (2004), *J Stat Planning and Inference*.
    """
    counts = _counts((first, second))
    sizes = np.array(exposure, dtype=np.float64)
    if not (sizes > 0).all():
        raise NotEstimable("the exposure must be above 0")
    if counts.sum() == 0:
        raise NotEstimable("two zeros cannot be told apart")
    rate = counts.sum() / sizes.sum()
    observed = abs(_distance(counts[0], counts[1], sizes))
    grids = [np.arange(_highest(float(rate * size)) + 1, dtype=np.float64) for size in sizes]
    chances = [_poisson(grid, float(rate * size)) for grid, size in zip(grids, sizes, strict=True)]
    apart = np.abs(_distance(grids[0][:, None], grids[1][None, :], sizes))
    reached = apart >= observed * (1 - 1e-12)
    return min(1.0, float(chances[0] @ reached @ chances[1]))


def _distance(x: "float | FloatArray", y: "float | FloatArray", sizes: FloatArray) -> FloatArray:
    spread = np.sqrt(np.asarray(x / sizes[0] ** 2 + y / sizes[1] ** 2))
    gap = np.asarray(x / sizes[0] - y / sizes[1], dtype=np.float64)
    found = np.zeros(np.shape(gap))
    np.divide(gap, spread, out=found, where=spread > 0)
    return found


def _highest(mean: float) -> int:
    """The count above which less than a negligible tail is left."""
    high = int(mean + 10 * math.sqrt(mean) + 20)
    while special.pdtrc(high, mean) > TAIL:
        high *= 2
    return high


def _poisson(counts: FloatArray, mean: float) -> FloatArray:
    return np.asarray(np.exp(counts * math.log(mean) - mean - special.gammaln(counts + 1)))


def _difference(estimate: float, variance: float, alpha: float) -> CountDifference:
    if not variance > 0:
        raise NotEstimable("there are no events to compare")
    error = math.sqrt(variance)
    low, high = distributions.interval(estimate, error, None, alpha)
    return CountDifference(estimate, error, low, high, distributions.p_value(estimate / error, None))


def _counts(values: Sequence[float]) -> FloatArray:
    found = np.array(values, dtype=np.float64)
    if not np.isfinite(found).all() or (found < 0).any():
        raise NotEstimable("a count must be a number from 0 up")
    return found
