"""Sensitivity intervals over many draws: they cover as often as they say where the departure is the worst allowed.

Every seed is fixed, and a bound is four Monte-Carlo standard errors around what is claimed.
"""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from experiments.stats.checks.honest import honest_did
from experiments.stats.draws import standard_normals, stream
from tests.unit.experiments.stats.checks.sensitivities import FloatArray, bounded

pytestmark = pytest.mark.slow

COVARIANCE = 0.0004 * (0.6 * np.eye(5) + 0.4)


def covers(effect: float, estimates: FloatArray, **how: Any) -> float:
    """Return the share of intervals that cover, with three periods before adoption and two after."""
    found = [bounded(honest_did(one, COVARIANCE, 3, 2, **how))[0].tolist() for one in estimates]
    return float(np.mean([low <= effect <= high for low, high in found]))


def noisy(mean: FloatArray, count: int, purpose: str) -> FloatArray:
    normals = standard_normals(stream(7, "honest", purpose), (count, len(mean)))
    return np.asarray(mean + normals @ np.linalg.cholesky(COVARIANCE).T)


def from_seconds(seconds: FloatArray) -> FloatArray:
    """Return the departure with these second differences and no slope at the reference."""
    slopes = np.concatenate([[0.0], np.cumsum(seconds)])
    path = np.concatenate([[0.0], np.cumsum(slopes)])
    times = np.arange(6) - 3
    path = path - path[3] - times * (path[4] - path[3])
    return np.asarray(np.delete(path, 3))


def test_smoothness_covers_the_worst_departure_as_often_as_it_says() -> None:
    m, count = 0.02, 1_500
    # The centre is linear in the estimates, so unit vectors read its loadings off.
    loadings = np.array(
        [bounded(honest_did(unit, COVARIANCE, 3, 2, method="smoothness", m=[m])).mean() for unit in np.eye(5)]
    )
    departures = [m * from_seconds(np.array(signs)) for signs in itertools.product([-1.0, 1.0], repeat=4)]
    worst = max(departures, key=lambda delta: float(loadings @ delta))
    drift = 0.1 * np.array([-3, -2, -1, 1, 2])  # of any steepness
    effect = -float(worst[3] + drift[3])
    mean = worst + drift + effect * np.array([0, 0, 0, 1, 1])
    estimates = noisy(mean, count, "smoothness")
    share = covers(effect, estimates, method="smoothness", m=[m])
    assert abs(share - 0.95) < 4 * math.sqrt(0.95 * 0.05 / count)
    # Half as much allowed as there is must fail, or the test could not see a fault.
    assert covers(effect, estimates[:500], method="smoothness", m=[m / 2]) < 0.9


@pytest.mark.parametrize("m", [0.5, 1.0])
def test_relative_magnitude_covers_the_largest_departure_as_often_as_it_says(m: float) -> None:
    """One change stands out before adoption and goes on m times as large: the test has its exact size there."""
    count = 500
    steps = 0.02 * np.array([0.5, 12, -0.3, 12 * m, 12 * m])
    path = np.concatenate([[0.0], np.cumsum(steps)])
    delta = np.delete(path - path[3], 3)
    # The effect hides the departure, so that no time goes into the breakdown.
    mean = delta * np.array([1, 1, 1, 0, 0])
    estimates = noisy(mean, count, f"relative {m}")
    share = covers(-float(delta[3]), estimates, m=[m])
    assert abs(share - 0.95) < 4 * math.sqrt(0.95 * 0.05 / count)
    assert covers(-float(delta[3]), estimates[:200], m=[0.7 * m]) < 0.85


@pytest.mark.parametrize("size", [0.0, 1.0, 3.0])
def test_relative_magnitude_covers_at_least_so_often_where_changes_are_alike(size: float) -> None:
    count = 300
    path = np.concatenate([[0.0], np.cumsum(0.02 * size * np.array([1, -1, 1, 1, 1]))])
    delta = np.delete(path - path[3], 3)
    estimates = noisy(delta * np.array([1, 1, 1, 0, 0]), count, f"alike {size}")
    how: dict[str, Any] = {"m": [1.0], "weights": [0.5, 0.5]}
    share = covers(-float(delta[3:].mean()), estimates, **how)
    assert share > 0.95 - 4 * math.sqrt(0.95 * 0.05 / count)
