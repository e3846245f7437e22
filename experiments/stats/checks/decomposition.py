"""Goodman-Bacon's decomposition: every two-by-two inside a two-way coefficient, with its weight and its estimate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.bacon_weights import Comparison, comparisons

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decomposition:
    """``parts`` with their ``estimates`` (in the outcome's units); their weighted sum is the two-way ``estimate``."""

    parts: tuple[Comparison, ...]
    estimates: FloatArray
    estimate: float


def bacon(outcome: FloatArray, first_treated: FloatArray, periods: FloatArray) -> Decomposition:
    """Take a two-way coefficient apart.

    Parameters
    ----------
    outcome : (n, T) outcomes of a balanced panel, in the outcome's units.
    first_treated : (n,) first treated period, ``inf`` for never; nobody is treated in the first period.
    periods : (T,) the periods, increasing.

    Returns
    -------
    Decomposition : the comparisons by type, and the coefficient that they add up to.

    Raises
    ------
    NotEstimable : nobody is treated within the periods, or there is nobody to compare with.

    References
    ----------
    Goodman-Bacon (2021), *J Econometrics*. Same numbers as R bacondecomp.
    """
    parts = comparisons(first_treated, periods)
    if not parts:
        raise NotEstimable(
            "there is no comparison to take apart: nobody is treated, or nobody is left to compare with"
        )
    means = {date: outcome[first_treated == date].mean(axis=0) for date in np.unique(first_treated).tolist()}
    estimates = np.array([_change(part, means, periods) for part in parts])
    weights = np.array([part.weight for part in parts])
    return Decomposition(parts, estimates, float(weights @ estimates))


def _change(part: Comparison, means: dict[float, FloatArray], periods: FloatArray) -> float:
    """Change of those who start less change of the others, within the periods of the comparison."""
    inside = (periods >= part.start) & (periods < part.end)
    after = periods >= part.treated
    gap = means[part.treated] - means[part.control]
    return float(gap[inside & after].mean() - gap[inside & ~after].mean())
