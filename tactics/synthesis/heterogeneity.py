"""Between-study variance (tau squared): eight estimators, its Q-profile interval, I squared."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from centre.distributions import chi_square_quantile
from tactics.synthesis.errors import NotEstimable

Floats = NDArray[np.float64]
Method = Literal["REML", "ML", "DL", "PM", "HE", "SJ", "EB", "FE"]
METHODS: tuple[Method, ...] = get_args(Method)

TOLERANCE = 1e-12
MAX_STEPS = 500


def projection(weights: Floats, design: Floats) -> Floats:
    """``P = W - W X (X'WX)^-1 X'W``: what is left after the weighted fit."""
    weighted = design * weights[:, None]
    projected: Floats = np.diag(weights) - weighted @ np.linalg.solve(design.T @ weighted, weighted.T)
    return projected


def residual_q(tau2: float, y: Floats, v: Floats, design: Floats) -> float:
    """Weighted residual sum of squares at ``tau2`` (Cochran's Q at 0)."""
    return float(y @ projection(1 / (v + tau2), design) @ y)


def tau_squared(y: Floats, v: Floats, design: Floats, method: Method) -> float:
    """Estimate the between-study variance.

    Parameters
    ----------
    y, v : (k,) effects and their sampling variances.
    design : (k, p) moderators, with the constant first.
    method : REML, ML, DL (DerSimonian-Laird), PM (Paule-Mandel), HE (Hedges), SJ (Sidik-Jonkman),
        EB (empirical Bayes) or FE (fixed effect: 0).

    Notes
    -----
    Effects are first divided by a typical standard error, so that the stopping tolerance (1e-12) means
    the same whatever the unit of measurement.

    Raises
    ------
    NotEstimable : the iteration has not settled in 500 steps.

    References
    ----------
    Viechtbauer (2005), J Educ Behav Stat 30:261; DerSimonian and Laird (1986); Paule and Mandel (1982);
    Sidik and Jonkman (2005); agrees with R metafor 3.8.
    """
    if method == "FE":
        return 0.0
    scale = float(np.exp(np.mean(np.log(v))))
    estimate = _ESTIMATORS[method](y / scale**0.5, v / scale, design)
    return max(0.0, estimate) * scale


def _hedges(y: Floats, v: Floats, design: Floats) -> float:
    plain = projection(np.ones_like(v), design)
    return float((y @ plain @ y - np.sum(np.diag(plain) * v)) / (len(y) - design.shape[1]))


def _dersimonian_laird(y: Floats, v: Floats, design: Floats) -> float:
    p = projection(1 / v, design)
    return float((y @ p @ y - (len(y) - design.shape[1])) / np.trace(p))


def _sidik_jonkman(y: Floats, v: Floats, design: Floats) -> float:
    k, p = design.shape
    start = float(np.var(y))
    if start == 0:
        return 0.0
    # Weights relative to the crude variance: q scales it, so the answer is positive by construction.
    return float(start * residual_q(start, y, v, design) / (k - p))


def _paule_mandel(y: Floats, v: Floats, design: Floats) -> float:
    return _solve_q(y, v, design, target=float(len(y) - design.shape[1]))


def _solve_q(y: Floats, v: Floats, design: Floats, *, target: float) -> float:
    """Return the tau squared at which the residual Q, which falls as it grows, equals ``target``."""

    def excess(tau2: float) -> float:
        return residual_q(tau2, y, v, design) - target

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.var(y)) + float(np.mean(v))
    for _ in range(200):
        if excess(high) < 0:
            return float(optimize.brentq(excess, 0.0, high, xtol=1e-14, rtol=1e-14, maxiter=1000))
        high *= 2
    raise NotEstimable("the limit of the between-study variance lies beyond any sensible value")


def _scored(
    step: Callable[[Floats, Floats, Floats, int], float],
) -> Callable[[Floats, Floats, Floats], float]:
    """Fisher scoring from the Hedges estimate; a step that would go below 0 is halved."""

    def estimate(y: Floats, v: Floats, design: Floats) -> float:
        tau2 = max(0.0, _hedges(y, v, design))
        for _ in range(MAX_STEPS):
            w = 1 / (v + tau2)
            change = step(projection(w, design), w, y, design.shape[1])
            if tau2 == 0 and change <= 0:
                return 0.0
            while tau2 + change < 0:
                change /= 2
            tau2 += change
            if abs(change) <= TOLERANCE * max(1.0, tau2):
                # Halving creeps towards the border without reaching it: there the answer is 0.
                return tau2 if tau2 > 100 * TOLERANCE else 0.0
        raise NotEstimable(
            f"the between-study variance did not settle in {MAX_STEPS} steps (tolerance {TOLERANCE})"
        )

    return estimate


def _reml_step(p: Floats, w: Floats, y: Floats, terms: int) -> float:
    py = p @ y
    return float((py @ py - np.trace(p)) / np.sum(p * p))


def _ml_step(p: Floats, w: Floats, y: Floats, terms: int) -> float:
    py = p @ y
    return float((py @ py - np.sum(w)) / np.sum(w * w))


def _eb_step(p: Floats, w: Floats, y: Floats, terms: int) -> float:
    k = len(y)
    return float((y @ p @ y * k / (k - terms) - k) / np.sum(w))


_ESTIMATORS: dict[Method, Callable[[Floats, Floats, Floats], float]] = {
    "REML": _scored(_reml_step),
    "ML": _scored(_ml_step),
    "EB": _scored(_eb_step),
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "HE": _hedges,
    "SJ": _sidik_jonkman,
}


def q_profile(y: Floats, v: Floats, design: Floats, *, level: float = 0.95) -> tuple[float, float]:
    """Confidence limits for tau squared: the values at which Q meets the chi-squared quantiles.

    Notes
    -----
    A limit is 0 where Q at 0 already lies below the quantile.

    References
    ----------
    Viechtbauer (2007), Stat Med 26:37.
    """
    df = len(y) - design.shape[1]
    scale = float(np.exp(np.mean(np.log(v))))
    y, v = y / scale**0.5, v / scale
    low, high = (
        _solve_q(y, v, design, target=chi_square_quantile(share, df))
        for share in (0.5 + level / 2, 0.5 - level / 2)
    )
    return low * scale, high * scale


def inconsistency(tau2: float, q: float, v: Floats, design: Floats, method: Method) -> tuple[float, float]:
    """I squared in per cent and H squared.

    ``I2 = tau2 / (tau2 + s2)`` with the typical sampling variance ``s2 = (k - p) / tr(P)``; for a fixed
    effect, where tau squared is 0 by choice, both come from Q instead (Higgins and Thompson 2002).
    """
    df = len(v) - design.shape[1]
    if method == "FE":
        return (max(0.0, 100 * (q - df) / q) if q > 0 else 0.0), q / df
    typical = df / float(np.trace(projection(1 / v, design)))
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1
