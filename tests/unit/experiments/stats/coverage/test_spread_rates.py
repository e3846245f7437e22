"""Coverage of the negative binomial in trials of 6, 10, 20 and 40 clusters."""

import math

import numpy as np
import pytest

from experiments.stats import negative_binomial
from tests.unit.experiments.stats.coverage.measure import Found, Measured, chances, measured, normals, sound
from tests.unit.experiments.stats.coverage.test_counts import gamma, poisson

pytestmark = pytest.mark.slow

FEWER = 800  # replicates, each fitted in turns
ROOM = 4 * math.sqrt(0.95 * 0.05 / FEWER)


def spread_rates(n_clusters: int, effect: float, count: int = FEWER) -> Measured:
    """Six rows of unequal time by cluster, whose rates spread as a gamma and differ by 30 per cent between clusters."""
    name, codes = f"size of spread rates {n_clusters}", np.repeat(np.arange(n_clusters), 6)
    order = np.argsort(np.argsort(chances(f"{name} arm", count, n_clusters), axis=1), axis=1)
    z = (order < n_clusters // 2).astype(float)[:, codes]
    time = 1 + 4 * chances(f"{name} time", count, len(codes))
    own = 0.3 * normals(f"{name} own", count, n_clusters)[:, codes]
    means = time * np.exp(effect * z + own) * gamma(f"{name} rows", 2, count, len(codes))
    events = poisson(f"{name} events", means)

    def fit(r: int) -> dict[str, Found]:
        found = negative_binomial(events[r], z[r], exposure=time[r], clusters=codes)
        return {"effect": (found.estimate, found.std_error or 0.0, found.df)}

    return measured(fit, {"effect": effect}, count)["effect"]


@pytest.mark.parametrize("n_clusters", [6, 10, 20, 40])
def test_negative_binomial(n_clusters: int) -> None:
    sound(spread_rates(n_clusters, -0.4), 0.95 - ROOM, 0.95 + ROOM)
