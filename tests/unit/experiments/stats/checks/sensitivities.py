"""Event studies for the sensitivity tests, and what they read from an answer."""

import math

import numpy as np
from numpy.typing import NDArray

from experiments.stats.checks.honest import Sensitivity
from experiments.stats.draws import standard_normals, stream

FloatArray = NDArray[np.float64]

# Vector E: four effects before adoption, three after.
E = np.array([0.01, -0.012, 0.015, 0.004, 0.06, 0.075, 0.08])
V = 0.0004 * (0.6 * np.eye(7) + 0.4)
STEP = 40 * 0.02 / 999
BOTH = ("relative_magnitude", "smoothness")


def ends(found: Sensitivity) -> list[tuple[float | None, float | None]]:
    return [(row.conf_low, row.conf_high) for row in found.rows]


def bounded(found: Sensitivity) -> FloatArray:
    """Return the ends as numbers; one that is None fails the test."""
    assert all(end is not None for row in ends(found) for end in row)
    return np.array(ends(found), dtype=np.float64)


def drawn(seed: int, n: int) -> tuple[FloatArray, FloatArray]:
    """Return made-up estimates of about one standard error, and a covariance without any pattern."""
    bits = stream(seed, "honest", "design")
    root = standard_normals(bits, (n, n)) / math.sqrt(n) + 0.5 * np.eye(n)
    return 0.1 * standard_normals(bits, (n,)), 0.01 * root @ root.T
