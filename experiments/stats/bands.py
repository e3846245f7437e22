"""Simultaneous confidence bands over several estimates.

With Gaussian multipliers a bootstrap of influence values is exactly a draw from
``N(0, V)``, so the band needs the terms' covariance alone and no draw over units.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

from centre.distributions import interval, quantile
from experiments.stats.draws import BLOCK, signs, standard_normals, stream, uniforms
from experiments.stats.results import Term

FloatArray = NDArray[np.float64]

FEW_TERMS = 500  # up to here 9,999 draws cost less than a second


def default_draws(terms: int) -> int:
    """Draws used when the plan names no number: fewer once the terms are many."""
    return 9_999 if terms <= FEW_TERMS else 1_999


def gaussian_critical_value(
    covariance: FloatArray,
    *,
    alpha: float,
    seed: int,
    estimate_id: str,
    df: float | None = None,
    draws: int | None = None,
) -> float:
    """Critical value of the largest absolute t over all terms, by Gaussian draws.

    Parameters
    ----------
    covariance : (E, E) covariance of the terms; rows of zero variance are left out.
    alpha : two-sided error rate of the whole band.
    seed, estimate_id : key of the random stream.
    df : degrees of freedom of a multivariate t; None for the normal.
    draws : number of draws; see :func:`default_draws`.

    Returns
    -------
    float
        The ⌈(1 − alpha)·draws⌉-th order statistic of ``max |Z_e|/SE_e``, and never
        less than the pointwise critical value.

    References
    ----------
    Callaway & Sant'Anna (2021), *J Econometrics*, section 4.1; Montiel Olea &
    Plagborg-Møller (2019), *J Applied Econometrics*.
    """
    variance = np.diag(covariance)
    kept = variance > 0
    floor = quantile(1 - alpha / 2, df)
    if kept.sum() < 2:
        return floor
    scale = np.sqrt(variance[kept])
    root = _root(covariance[np.ix_(kept, kept)] / np.outer(scale, scale))
    count = draws if draws is not None else default_draws(len(scale))
    largest = np.empty(count)
    for block, start in enumerate(range(0, count, BLOCK)):
        size = min(BLOCK, count - start)
        bits = stream(seed, estimate_id, "gaussian band", block)
        normals = standard_normals(bits, (size, len(scale)))
        found = np.abs(normals @ root.T).max(axis=1)
        if df is not None:
            found /= np.sqrt(special.chdtri(df, uniforms(bits, (size,))) / df)
        largest[start : start + size] = found
    return max(floor, _order_statistic(largest, alpha))


def multiplier_critical_value(
    scores: FloatArray, *, alpha: float, seed: int, estimate_id: str, draws: int | None = None
) -> float:
    """Critical value of the largest absolute t, by Rademacher multipliers over clusters.

    Parameters
    ----------
    scores : (G, E) influence values summed within clusters, in any common scale.
    alpha : two-sided error rate of the whole band.
    seed, estimate_id : key of the random stream.
    draws : number of draws; see :func:`default_draws`.
    """
    scale = np.sqrt((scores**2).sum(axis=0))
    kept = scale > 0
    floor = quantile(1 - alpha / 2, None)
    if not kept.any():
        return floor
    ratios = scores[:, kept] / scale[kept]
    count = draws if draws is not None else default_draws(int(kept.sum()))
    largest = np.empty(count)
    for block, start in enumerate(range(0, count, BLOCK)):
        size = min(BLOCK, count - start)
        flips = signs(stream(seed, estimate_id, "multiplier band", block), (size, len(ratios)))
        largest[start : start + size] = np.abs(flips @ ratios).max(axis=1)
    return max(floor, _order_statistic(largest, alpha))


def banded_term(
    name: str, estimate: float, std_error: float, *, df: float | None, alpha: float, critical: float
) -> Term:
    """One term with its pointwise interval and its part of the simultaneous band."""
    if not std_error > 0:
        return Term(name, estimate, note="its standard error cannot be estimated: nothing varies around it")
    low, high = interval(estimate, std_error, df, alpha)
    half = critical * std_error
    return Term(name, estimate, std_error, low, high, estimate - half, estimate + half)


def _order_statistic(values: FloatArray, alpha: float) -> float:
    rank = min(len(values), math.ceil((1 - alpha) * len(values)))
    return float(np.partition(values, rank - 1)[rank - 1])


def _root(correlation: FloatArray) -> FloatArray:
    """Lower Cholesky factor; the ridge only lifts rounding below zero."""
    ridge = 1e-12
    while True:
        try:
            lifted = correlation + ridge * np.eye(len(correlation))
            return np.asarray(linalg.cholesky(lifted, lower=True), dtype=np.float64)
        except linalg.LinAlgError:
            ridge *= 100.0
            if ridge > 1e-4:
                raise
