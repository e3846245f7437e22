"""Normal values that units of a cluster and neighbouring periods share, and the way from them to an outcome.

An outcome is the quantile of its own distribution at the rank of a normal value (a Gaussian copula), so its mean and
its variance are exact. Ranks of counts and shares are less alike than the normal values behind them; `calibrated`
finds the correlation behind that gives the stated one on the outcome's own scale.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from experiments.stats.diagnosis.design import Kind
from experiments.stats.draws import standard_normals, stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TERMS = 60  # of the Hermite expansion
TAIL = 1e-12


def latent(
    seed: int,
    name: str,
    replicate: int,
    cluster: IntArray,
    n_periods: int,
    icc: float,
    autocorrelation: float,
) -> FloatArray:
    """Standard normal values, (n_units, n_periods).

    Two units of a cluster have the correlation `icc` in one period, and a unit ``autocorrelation**k`` with itself k
    periods on; the two multiply.
    """
    n_units, n_clusters = len(cluster), int(cluster.max()) + 1
    own = standard_normals(stream(seed, name, "own", replicate), (n_units, n_periods))
    values = np.sqrt(1 - icc) * own
    if icc > 0:
        shared = standard_normals(stream(seed, name, "shared", replicate), (n_clusters, n_periods))
        values += np.sqrt(icc) * shared[cluster]
    return _over_time(values, autocorrelation)


def _over_time(shocks: FloatArray, autocorrelation: float) -> FloatArray:
    values, scale = shocks.copy(), np.sqrt(1 - autocorrelation**2)
    for period in range(1, shocks.shape[1]):
        values[:, period] = autocorrelation * values[:, period - 1] + scale * shocks[:, period]
    return values


def quantile(values: FloatArray, kind: Kind, mean: float, spread: float) -> FloatArray:
    """The outcome at normal values; for a whole array of values with one mean."""
    if kind == "continuous":
        return mean + spread * values
    if kind == "binary":
        return (values > special.ndtri(1 - mean)).astype(np.float64)
    return np.searchsorted(thresholds(mean, spread), values, side="left").astype(np.float64)


@lru_cache(maxsize=256)
def thresholds(mean: float, dispersion: float) -> FloatArray:
    """Normal values above which a count is more than 0, 1, 2, …: Poisson, or negative binomial above 1."""
    most = int(np.ceil(mean + 12 * np.sqrt(dispersion * mean) + 12 * dispersion + 20))
    counts = np.arange(most)
    if dispersion == 1:
        below = special.gammaincc(counts + 1, mean)
        above = special.gammainc(counts + 1, mean)
    else:
        size, chance = mean / (dispersion - 1), 1 / dispersion
        below = special.betainc(size, counts + 1, chance)
        above = special.betaincc(size, counts + 1, chance)
    # Each tail from its own probability, so that neither loses digits.
    found = np.where(below < 0.5, special.ndtri(below), -special.ndtri(above))
    return np.asarray(found[above > TAIL], dtype=np.float64)


@lru_cache(maxsize=256)
def calibrated(correlation: float, kind: Kind, mean: float, spread: float) -> float:
    """The correlation of normal values that gives outcomes this correlation.

    Notes
    -----
    For ``f`` with Hermite coefficients ``a_k`` the correlation of ``f(Z)`` and ``f(Z')`` is
    ``Σ a_k² ρ^k / Σ a_k²`` (Mehler's formula). A count is a sum of steps at its thresholds ``q``, so
    ``a_k = Σ_q φ(q)·He_{k−1}(q)/√k!`` exactly.
    """
    if kind == "continuous" or correlation <= 0:
        return correlation
    steps = np.array([special.ndtri(1 - mean)]) if kind == "binary" else thresholds(mean, spread)
    weights = _hermite(steps[np.isfinite(steps)])
    variance = mean * (1 - mean) if kind == "binary" else spread * mean
    shares = weights**2 / variance
    rest = max(1 - float(shares.sum()), 0.0)
    powers = np.arange(1, TERMS + 1)

    def gap(behind: float) -> float:
        return float(shares @ behind**powers) + rest * behind ** (TERMS + 1) - correlation

    return float(optimize.brentq(gap, 0.0, 1.0))


def _hermite(steps: FloatArray) -> FloatArray:
    """``a_1 … a_TERMS`` of the sum of steps, by the recursion of the normalised polynomials."""
    density = np.exp(-(steps**2) / 2) / np.sqrt(2 * np.pi)
    before, now = np.zeros_like(steps), np.ones_like(steps)
    found = np.empty(TERMS)
    for k in range(1, TERMS + 1):
        found[k - 1] = float(density @ now) / np.sqrt(k)
        before, now = now, (steps * now - np.sqrt(k - 1) * before) / np.sqrt(k)
    return found
