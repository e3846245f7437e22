"""The one number that is left open: power by the noncentral t, the effect and the size by bisection on it."""

import math

from scipy import integrate, optimize, special

from centre.distributions import quantile
from experiments.stats.errors import NotEstimable
from experiments.stats.power.design import Design
from experiments.stats.power.precision import Precision, precision

MOST = 1e12  # beyond any size that could be asked for
NORMAL_FROM = 1e7  # degrees of freedom from which t is the normal to every digit printed


def power_of(found: Precision, alpha: float) -> float:
    """The chance that a two-sided test at `alpha` rejects, whichever side.

    Notes
    -----
    t² under the alternative is noncentral F(1, df) with noncentrality (effect/error)². Without df: normal, with the
    error under no effect setting the limit.
    """
    if found.df is not None and found.df < NORMAL_FROM:
        limit = quantile(1 - alpha / 2, found.df)
        missed = float(special.ncfdtr(1, found.df, found.noncentrality**2, limit**2))
        # Far out the function has no answer for some shifts, and gives NaN.
        return 1 - (missed if math.isfinite(missed) else _missed(limit, found.df, found.noncentrality))
    limit = quantile(1 - alpha / 2, None)
    if found.null_std_error is not None:
        if found.std_error == 0:
            return 1.0 if abs(found.signal) > limit * found.null_std_error else 0.0
        limit *= found.null_std_error / found.std_error
    shift = abs(found.signal) / found.std_error
    return float(special.ndtr(shift - limit) + special.ndtr(-shift - limit))


def _missed(limit: float, df: float, shift: float) -> float:
    """The chance that |t| stays within the limit, by integration over the quantiles of the variance."""

    def given(quantile_of_variance: float) -> float:
        reach = limit * math.sqrt(special.chdtri(df, 1 - quantile_of_variance) / df)
        return float(special.ndtr(reach - abs(shift)) - special.ndtr(-reach - abs(shift)))

    return float(integrate.quad(given, 0, 1, epsabs=1e-13)[0])


def solve(design: Design) -> Design:
    """The design with its open number filled in, unrounded.

    Raises
    ------
    NotEstimable : where no size or no effect reaches the power; the reason says what would.
    """
    if design.solve_for == "power":
        assert design.effect is not None
        return design.having(power=power_of(precision(design, design.effect), design.alpha))
    if design.solve_for == "effect":
        return design.having(effect=detectable(design))
    return design.having(**{design.solve_for: _size(design)})


def reached(design: Design) -> float:
    """The power of a design whose effect and sizes are known."""
    assert design.effect is not None
    return power_of(precision(design, design.effect), design.alpha)


def detectable(design: Design, *, rise: bool = False) -> float:
    """The smallest effect that is found with the design's power.

    For rates and proportions, where the two differ, it is a fall, or a rise where `rise` is set.

    Raises
    ------
    NotEstimable : where no such effect exists.
    """
    assert design.power is not None
    if design.design not in ("two_proportions", "poisson_cluster"):
        found = precision(design, 1.0)
        return found.std_error * noncentrality_for(design.power, found.df, design.alpha)
    largest = _largest(design, rise)
    target = design.power

    def short(effect: float) -> float:
        return power_of(precision(design, effect), design.alpha) - target

    if short(largest) < 0:
        raise NotEstimable(_no_effect(design, rise))
    return float(optimize.brentq(short, largest * 1e-9, largest, xtol=1e-13, rtol=1e-12))


def _largest(design: Design, rise: bool) -> float:
    if design.design == "poisson_cluster":
        return 10.0 if rise else -10.0
    # Not all the way to 1 or 0, where the error is nought.
    return (1 - design.baseline_rate if rise else -design.baseline_rate) * (1 - 1e-12)


def _no_effect(design: Design, rise: bool) -> str:
    if rise:
        return f"no rise is large enough to be found with power {design.power:g}"
    said = f"not even a fall to nothing would be found with power {design.power:g}"
    try:
        least = detectable(design, rise=True)
    except NotEstimable:
        return said
    words = (
        f"{100 * math.expm1(least):.3g} per cent" if design.design == "poisson_cluster" else f"{least:.3g}"
    )
    return f"{said}; the smallest rise that is found is {words}"


def noncentrality_for(power: float, df: float | None, alpha: float) -> float:
    """The effect in standard errors that is found with a power."""

    def short(shift: float) -> float:
        return power_of(Precision(shift, 1.0, df, 1.0), alpha) - power

    top = 10.0
    while short(top) < 0:
        top *= 2
    return float(optimize.brentq(short, 0, top, xtol=1e-13, rtol=1e-13))


def _size(design: Design) -> float:
    """The smallest size with the power; the smallest that the analysis takes where that has it already."""
    key, target = design.solve_for, design.power
    assert target is not None

    def short(logarithm: float) -> float:
        return reached(design.having(**{key: math.exp(logarithm)})) - target

    low, high = math.log(smallest(design)), math.log(MOST)
    if short(low) >= 0:
        return smallest(design)
    if short(high) < 0:
        raise NotEstimable(_no_size(design))
    return math.exp(optimize.brentq(short, low, high, xtol=1e-13, rtol=1e-13))


def smallest(design: Design) -> float:
    """The smallest size that can be analysed: two in each arm, one in a cluster, one degree of freedom."""
    if design.solve_for == "cluster_size":
        return 1.0
    if design.design == "stepped_wedge":
        return max(1.0, 3 / design.steps)
    return 2 / min(1.0, design.ratio)


def _no_size(design: Design) -> str:
    """Why no size is enough: the clusters are too few, however large each is."""
    said = f"no size reaches a power of {design.power:g}"
    if design.solve_for != "cluster_size":
        return f"{said} for so small an effect"
    largest = design.having(cluster_size=MOST, solve_for="effect", effect=None)
    try:
        least = f": the smallest effect that so many clusters of any size find is {detectable(largest):.4g}"
    except NotEstimable:
        least = ""
    return f"{said}, however large each cluster is{least}; more clusters are needed, or clusters that are more alike"
