"""PURE: what a figure counts, and with it the scale on which its chance is even and its exact limits."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


class Family(StrEnum):
    """What a count is divided by: what it could happen in, or those of whom each one is counted or not."""

    RATE = "rate"  # Poisson: crimes for each resident
    PROPORTION = "proportion"  # binomial: files that were accepted, of all files


def steady(family: Family, share: Floats) -> Floats:
    """Return a rate or share on the scale on which its standard error is 1 / (2 sqrt(n)), whatever it is.

    The square root of a rate, the arcsine of the square root of a proportion (Spiegelhalter et al. 2012).
    """
    root = np.sqrt(share)
    return root if family is Family.RATE else np.arcsin(root)


def unsteady(family: Family, value: Floats) -> Floats:
    """Return what `steady` was made of; what lies beyond the scale's end is its end."""
    if family is Family.RATE:
        return np.asarray(np.maximum(value, 0.0) ** 2, dtype=float)
    return np.asarray(np.sin(np.clip(value, 0.0, np.pi / 2)) ** 2, dtype=float)


def std_error(denominator: Floats) -> Floats:
    """Return the standard error on the steady scale."""
    return 1 / (2 * np.sqrt(denominator))


def exact_limit(family: Family, share: float, denominator: Floats, probability: float) -> Floats:
    """Return the rate or share below which chance alone falls with this probability.

    Counts jump, so the limit is interpolated between them: with r the smallest count of which P(R <= r) is
    `probability` or more, it is (r - a) / n, a = (P(R <= r) - probability) / P(R = r) (Spiegelhalter 2005, A.1.1).
    """
    count = _quantile(family, share, denominator, probability)
    upto, before = (_lower_tail(family, share, denominator, one) for one in (count, count - 1))
    limit = (count - (upto - probability) / (upto - before)) / denominator
    return np.asarray(np.clip(limit, 0.0, None if family is Family.RATE else 1.0), dtype=float)


def _lower_tail(family: Family, share: float, denominator: Floats, count: Floats) -> Floats:
    """Return P(R <= count), which is 0 below 0."""
    at = np.maximum(count, 0.0)
    if family is Family.RATE:
        tail = special.pdtr(at, share * denominator)
    else:
        tail = special.bdtr(np.minimum(at, denominator), denominator.astype(np.int64), share)
    return np.where(count < 0, 0.0, tail)


def _quantile(family: Family, share: float, denominator: Floats, probability: float) -> Floats:
    """Return the smallest count of which P(R <= count) is `probability` or more."""
    if family is Family.RATE:
        near = special.pdtrik(probability, share * denominator)
    else:
        near = special.bdtrik(probability, denominator, share)
    # The continuous inverse is NaN where P(R = 0) is already enough, and may be one off by rounding.
    count = np.ceil(np.nan_to_num(near, nan=0.0))
    count = np.where(_lower_tail(family, share, denominator, count - 1) >= probability, count - 1, count)
    return np.where(_lower_tail(family, share, denominator, count) < probability, count + 1, count)
