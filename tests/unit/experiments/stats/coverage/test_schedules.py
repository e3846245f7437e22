"""Size of what replays a schedule, at 6, 10, 20 and 40 clusters.

Where the test is exact any number of draws will do; where it leans on a t, only the clusters of its domain are asked.
"""

import numpy as np
import pytest
from scipy import special

from experiments.stats.regression.assignments import assignments
from experiments.stats.regression.cells import Redrawn, cells, redrawn_schedules
from experiments.stats.regression.two_way import fit_long
from tests.unit.experiments.stats.coverage.measure import (
    autoregressive,
    chances,
    keeps_its_size,
    long_codes,
    normals,
)
from tests.unit.experiments.stats.coverage.test_draws import EXACT_DRAWS, FEWER

pytestmark = pytest.mark.slow

PERIODS = 5


def wedges(clusters: int) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes (R, G, T) of clusters that remember the month before, and which crossing each drew (R, G)."""
    y = autoregressive(normals(f"wedges of {clusters}", FEWER, clusters, PERIODS))
    y += normals(f"levels of {clusters}", FEWER, clusters, 1)
    order = np.argsort(chances(f"orders of {clusters}", FEWER, clusters), axis=1)
    return y, (np.arange(clusters) % (PERIODS - 1) + 1)[order]


@pytest.mark.parametrize("clusters", [6, 10, 20, 40])
def test_the_order_of_a_stepped_wedge_dealt_out_anew_keeps_its_size(clusters: int) -> None:
    y, start = wedges(clusters)
    cluster, period = long_codes(clusters, PERIODS)
    paths = (np.arange(PERIODS) >= np.arange(PERIODS)[:, None]).astype(float)
    block = np.zeros(clusters, dtype=np.intp)

    def p_value(r: int) -> float:
        drawn = assignments(start[r].astype(float), block, EXACT_DRAWS, 0.05, r, "H1")
        schedules = (Redrawn(paths[part.astype(int)]) for part in drawn.blocks())
        data = cells(y[r].ravel(), cluster, period)
        found = redrawn_schedules(data, paths[start[r]], schedules, is_exact=drawn.is_enumerated)
        return found.draws.p_at(0.0)

    keeps_its_size(np.array([p_value(r) for r in range(FEWER)]))


@pytest.mark.parametrize("clusters", [20, 40])
def test_cr2_of_a_stepped_wedge_keeps_its_size(clusters: int) -> None:
    y, start = wedges(clusters)
    cluster, period = long_codes(clusters, PERIODS)

    def p_value(r: int) -> float:
        status = (period >= start[r][cluster]).astype(float)[:, None]
        fit = fit_long(
            y[r].ravel(), status, ["treatment"], unit=cluster, period=period, cluster=cluster, kind="CR2"
        )
        t = abs(fit.coefficients[0]) / np.sqrt(fit.covariance[0, 0])
        return float(2 * special.stdtr(fit.df(np.ones(1)), -t))

    keeps_its_size(np.array([p_value(r) for r in range(FEWER)]))
