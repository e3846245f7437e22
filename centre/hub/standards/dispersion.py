"""PURE: how much further forces lie apart than chance alone would have them (Spiegelhalter 2005, 2012)."""

import math

import numpy as np

from centre.distributions import quantile
from centre.hub.standards.families import Floats

WINSORISED = 0.1  # of the scores at each end


def winsorised(scores: Floats) -> Floats:
    """Return the scores with the lowest and the highest tenth pulled in to the next, so that the few cannot decide.

    A tenth is rounded down: of fewer than ten scores none is pulled in.
    """
    ordered, cut = np.sort(scores), _cut(len(scores))
    return np.clip(scores, ordered[cut], ordered[-1 - cut])


def phi(scores: Floats) -> float:
    """Return the mean of the squared winsorised scores, as a multiple of what it is by chance alone.

    The papers take the mean itself. Pulling a tenth in at each end leaves .68 of what chance alone gives, so that
    limits made of it are too narrow by a fifth; dividing by that share makes them hold what they say.
    """
    return float(np.mean(winsorised(scores) ** 2)) / _left_of_chance(_cut(len(scores)) / len(scores))


def tau_squared(scores: Floats, std_error: Floats) -> float:
    """Return the variance between forces beyond chance, on the scale of the standard errors; 0 where there is none.

    (I phi - (I - 1)) / (sum w - sum w^2 / sum w) with w = 1 / std_error^2 (Spiegelhalter 2005, after DerSimonian
    and Laird).
    """
    n, weights = len(scores), 1 / std_error**2
    beyond = n * phi(scores) - (n - 1)
    return max(0.0, beyond / float(weights.sum() - (weights**2).sum() / weights.sum()))


def _cut(n: int) -> int:
    return int(WINSORISED * n)


def _left_of_chance(share: float) -> float:
    """Return the mean square of standard normal scores of which this share is pulled in at each end."""
    if not share:
        return 1.0
    z = quantile(1 - share, None)
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * share - 2 * z * density + 2 * share * z * z
