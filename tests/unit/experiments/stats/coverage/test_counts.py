"""Coverage of what compares counts: the two-way Poisson, and the rate ratios and differences of crime analysts."""

import math
from functools import cache

import numpy as np
import pytest
from scipy import special

from experiments.stats import dispersion, poisson_twfe, rirr, wdd
from tests.unit.experiments.stats.coverage.measure import (
    COUNT,
    Found,
    Measured,
    autoregressive,
    chances,
    long_codes,
    measured,
    normals,
    sound,
)

pytestmark = pytest.mark.slow

LOG_RATIO = -0.3


def poisson(purpose: str, means: np.ndarray) -> np.ndarray:
    """Return Poisson counts by inversion, one uniform draw each."""
    chance = chances(purpose, *means.shape)
    counts, probability = np.zeros(means.shape), np.exp(-means)
    below = probability.copy()
    while (waiting := chance > below).any():
        counts += waiting
        probability = probability * means / np.maximum(1.0, counts.max())
        below = below + probability
    return counts


def gamma(purpose: str, shape: float, *size: int) -> np.ndarray:
    """Return gamma draws of mean 1 and variance 1/shape."""
    return special.gammaincinv(shape, chances(purpose, *size)) / shape


@cache
def two_way() -> Measured:
    """Over-dispersed counts of 44 clusters of 2, half of them treated from the third of 5 periods on; a tenth are 0.

    The rates of a unit remember the period before, and the units of a cluster share shocks.
    """
    cluster = np.repeat(np.arange(44), 2)
    on = np.outer(cluster % 2 == 0, np.arange(5) >= 2).astype(float)
    log_rate = 0.3 * autoregressive(normals("rates", COUNT, 88, 5))
    log_rate += 0.3 * normals("rate shocks", COUNT, 44, 5)[:, cluster]
    log_rate += 0.4 * normals("rate levels", COUNT, 88, 1) + LOG_RATIO * on + 0.1 * np.sin(np.arange(5)) + 1.2
    counts = poisson("counts", np.exp(log_rate) * gamma("spread", 3, COUNT, 88, 5))
    unit, period = long_codes(88, 5)

    def fit(r: int) -> dict[str, Found]:
        found = poisson_twfe(counts[r].ravel(), on.ravel(), unit, period, cluster=cluster[unit])
        error = math.sqrt(float(found.covariance[0, 0]))
        return {"effect": (float(found.coefficients[0]), error, float(found.n_clusters - 1))}

    return measured(fit, {"effect": LOG_RATIO})["effect"]


def test_two_way_poisson() -> None:
    sound(two_way())


@cache
def four_counts() -> dict[str, Measured]:
    """Two areas before and after, by ratio and by difference."""
    means = np.array([60.0, 60 * math.exp(LOG_RATIO) * 1.1, 80.0, 88.0])
    counts = poisson("four counts", np.tile(means, (5 * COUNT, 1)))

    def fit(r: int) -> dict[str, Found]:
        a, b, c, d = counts[r]
        ratio, difference = rirr((a, b), (c, d)), wdd((a, b), (c, d))
        return {
            "rirr": (ratio.log, ratio.std_error, None),
            "wdd": (difference.estimate, difference.std_error, None),
        }

    true = {"rirr": LOG_RATIO, "wdd": float(means[1] - means[0] - (means[3] - means[2]))}
    return measured(fit, true, len(counts))


@pytest.mark.parametrize("which", ["rirr", "wdd"])
def test_four_counts(which: str) -> None:
    sound(four_counts()[which])


@cache
def over_dispersed() -> dict[str, Measured]:
    """30 areas by 24 periods, whose rates vary; φ is measured from the same table."""
    treated, post = np.arange(30) < 10, np.arange(24) >= 12
    counts = poisson("table", 6 * gamma("table", 3, 2 * COUNT, 30, 24))

    def fit(r: int) -> dict[str, Found]:
        pairs = [
            (float(counts[r][np.ix_(arm, ~post)].sum()), float(counts[r][np.ix_(arm, post)].sum()))
            for arm in (treated, ~treated)
        ]
        phi = dispersion(counts[r], treated, post)
        found, plain = rirr(pairs[0], pairs[1], dispersion=phi), rirr(pairs[0], pairs[1])
        return {"with": (found.log, found.std_error, None), "without": (plain.log, plain.std_error, None)}

    return measured(fit, {"with": 0.0, "without": 0.0}, len(counts))


def test_over_dispersed_counts_need_their_dispersion() -> None:
    sound(over_dispersed()["with"])
    assert over_dispersed()["without"].covered < 0.85
