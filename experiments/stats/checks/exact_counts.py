"""Exact p values of counts that a draw could have given: every other way to share the same number is weighed."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_WAYS = 200_000
TIE = 1e-9  # of a log probability: ways as likely as the observed one count, whatever rounding says


def ways(total: int, parts: int) -> int:
    """In how many ways `total` units can be shared among `parts` arms."""
    return math.comb(total + parts - 1, parts - 1)


def multinomial_p(counts: Sequence[int], shares: FloatArray) -> float:
    """P of all counts no likelier than those observed, each unit drawn by itself with the same shares.

    Parameters
    ----------
    counts : (k,) units by arm.
    shares : (k,) positive, of sum 1.
    """

    def log_weight(table: IntArray) -> FloatArray:
        return np.asarray((table * np.log(shares) - gammaln(table + 1)).sum(axis=1), dtype=np.float64)

    return _p(counts, [sum(counts)] * len(counts), log_weight)


def hypergeometric_p(counts: Sequence[int], drawn: Sequence[int]) -> float:
    """P of all counts no likelier than those observed, as many of the drawn taken without regard to their arm.

    Parameters
    ----------
    counts : (k,) units by arm that were taken.
    drawn : (k,) units by arm of which they were taken.
    """
    limits = np.asarray(drawn)

    def log_weight(table: IntArray) -> FloatArray:
        return np.asarray(-(gammaln(table + 1) + gammaln(limits - table + 1)).sum(axis=1), dtype=np.float64)

    return _p(counts, drawn, log_weight)


def _p(counts: Sequence[int], limits: Sequence[int], log_weight: Callable[[IntArray], FloatArray]) -> float:
    every = log_weight(_shared(sum(counts), limits))
    observed = float(log_weight(np.asarray(counts)[None, :])[0])
    weight = np.exp(every - every.max())
    return min(1.0, math.fsum(weight[every <= observed + TIE]) / math.fsum(weight))


def _shared(total: int, limits: Sequence[int]) -> IntArray:
    """Every way to share `total` among parts with upper limits, (R, k)."""
    table = np.zeros((1, 0), dtype=np.int64)
    for limit in limits[:-1]:
        left = total - table.sum(axis=1)
        choices = np.minimum(left, limit) + 1
        part = np.arange(int(choices.sum())) - np.repeat(np.cumsum(choices) - choices, choices)
        table = np.column_stack([np.repeat(table, choices, axis=0), part])
    last = total - table.sum(axis=1)
    fits = last <= limits[-1]
    return np.column_stack([table[fits], last[fits]])
