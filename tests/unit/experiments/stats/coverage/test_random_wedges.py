"""Coverage of a stepped wedge with random cluster effects, at 6, 10, 20 and 40 clusters.

The effect alone is fitted, without those by time since the crossing.
"""

import math
from functools import cache

import numpy as np
import pytest

from experiments.stats.regression.linear import least_squares
from experiments.stats.regression.nested_intercepts import nested_intercepts
from tests.unit.experiments.stats.coverage.measure import (
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

PERIODS, ROWS, EFFECT = 5, 4, 0.3
FEWER = 500  # replicates, each fitted by its own search
ROOM = 4 * math.sqrt(0.95 * 0.05 / FEWER)


@cache
def wedges(
    clusters: int,
    *,
    between: float = 0.08,
    by_period: float = 0.02,
    memory: float = 0.0,
    count: int = FEWER,
) -> Measured:
    """Five periods; shares of a variance of 1 between clusters and their periods, which have a `memory` of the last."""
    name = f"random wedge {clusters}"
    cluster, period = (np.repeat(codes, ROWS) for codes in long_codes(clusters, PERIODS))
    order = np.argsort(chances(f"{name} order", count, clusters), axis=1)
    start = (np.arange(clusters) % (PERIODS - 1) + 1)[order]
    level = math.sqrt(between) * normals(f"{name} levels", count, clusters)
    own = math.sqrt(by_period) * autoregressive(normals(f"{name} periods", count, clusters, PERIODS), memory)
    months = (period[:, None] == np.arange(1, PERIODS)).astype(float)
    names = ("treatment", *(f"period {t}" for t in range(1, PERIODS)))
    noise = math.sqrt(1 - between - by_period) * normals(f"{name} rows", count, len(cluster))

    def fit(r: int) -> dict[str, Found]:
        status = (period >= start[r][cluster]).astype(float)
        y = level[r][cluster] + own[r][cluster, period] + 0.2 * period + EFFECT * status + noise[r]
        plain = least_squares(np.column_stack([status, months]), y, names)
        found, contrast = nested_intercepts(plain, cluster, period), plain.contrast("treatment")
        estimate = float(contrast @ found.coefficients)
        return {"effect": (estimate, found.std_error(contrast), found.df(contrast))}

    return measured(fit, {"effect": EFFECT}, count)["effect"]


@pytest.mark.parametrize("clusters", [6, 10, 20, 40])
def test_a_stepped_wedge_with_random_cluster_effects(clusters: int) -> None:
    """Kenward and Roger's error is a little wide with few clusters that differ little, never too narrow."""
    sound(wedges(clusters), 0.95 - ROOM, 0.95 + ROOM if clusters > 10 else 1.0)
