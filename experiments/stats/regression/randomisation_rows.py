"""Redrawn regressions where each row was assigned alone, from sums over the treated rows.

A status is 0 or 1 and so its own square: the squared scores of a redrawn assignment are sums over its treated rows of
products of the outcome and the covariates, which one matrix product gives for many assignments at once.
"""

from collections.abc import Iterable
from functools import cache
from itertools import combinations_with_replacement
from math import comb

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

MOST_SUMS = 120  # beyond so many sums the scores themselves are cheaper


def n_sums(width: int) -> int:
    """How many sums a regression on so many columns, the constant among them, needs."""
    return comb(width + 2, 3) + 2 * comb(width + 1, 2) + 4 * width + 3


def row_statistics(
    assigned: Iterable[FloatArray], share: FloatArray, basis: FloatArray, left: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Numerators of outcome and treatment (R, 2), and squares of their scores (R, 3), by assignment.

    Parameters
    ----------
    assigned : blocks (r, N) of 0 and 1.
    share : (N,) weights.
    basis : (N, K) columns x that are orthonormal under the weights.
    left : (N,) residuals e of outcome and treatment on them.

    Notes
    -----
    With ``γ = Σ w z x``, ``g = γ′x``, ``h = z − g``: ``β = Σ w z e/(Σ w z − γ′γ)`` and the score of a row is ``w h (e −
    βh)``. Its square has the terms ``h²e² − 2βh³e + β²h⁴``, and as z² = z each is z times a polynomial in g, plus one
    without z.
    """
    columns = _Columns(basis)
    cubes, pairs, singles = columns.products(3), columns.products(2), columns.products(1)
    squared = share**2
    one, two = left
    crosses = [(one, one), (one, two), (two, two)]
    parts = [
        (singles * (squared * first * second)[:, None]) for first, second in crosses
    ]  # Σ z e e′ x; the constant is among the x
    by_error = [pairs * (squared * error)[:, None] for error in left]
    heavy = [*parts, *by_error, cubes * squared[:, None]]
    # Under equal weights the plain sums are among the others, since the constant is among the columns.
    is_plain = bool((share == 1).all())
    plain = [] if is_plain else [share[:, None] * basis, *(share * error for error in left)]
    matrix = np.column_stack([*heavy, *plain])
    fixed = _Fixed(columns, squared, left, crosses)
    return _from_sums(np.concatenate([block @ matrix for block in assigned]), columns, fixed)


class _Columns:
    """Products of columns of a basis, each set of columns once, and how often a full expansion has it."""

    def __init__(self, basis: FloatArray) -> None:
        self.basis = basis
        self.width = basis.shape[1]
        self.constant = float(1 / basis[0, 0])  # the first column is the constant
        self.sets = {
            degree: list(combinations_with_replacement(range(self.width), degree)) for degree in range(1, 5)
        }

    def products(self, degree: int) -> FloatArray:
        """(N, …) products of `degree` columns."""
        return np.column_stack([self.basis[:, list(each)].prod(axis=1) for each in self.sets[degree]])

    def expansion(self, gamma: FloatArray, degree: int, total: int) -> FloatArray:
        """(R, …) coefficients of g to a power, on products of `total` columns of which the rest are the constant."""
        sets = self.sets[total]
        place = {each: position for position, each in enumerate(sets)}
        found = np.zeros((len(gamma), len(sets)))
        if degree == 0:
            found[:, place[(0,) * total]] = 1.0
        else:
            for each in self.sets[degree]:
                times = _orders(each)
                target = tuple(sorted((*((0,) * (total - degree)), *each)))
                found[:, place[target]] += times * gamma[:, list(each)].prod(axis=1)
        return found * self.constant ** (total - degree)


class _Fixed:
    """The sums without z, over all rows."""

    def __init__(
        self,
        columns: _Columns,
        squared: FloatArray,
        left: tuple[FloatArray, FloatArray],
        crosses: list[tuple[FloatArray, FloatArray]],
    ) -> None:
        pairs, cubes = columns.products(2), columns.products(3)
        self.squares = [(squared * first * second) @ pairs for first, second in crosses]
        self.cubes = [(squared * error) @ cubes for error in left]
        self.fourth = squared @ columns.products(4)


def _from_sums(found: FloatArray, columns: _Columns, fixed: _Fixed) -> tuple[FloatArray, FloatArray]:
    width, n_pairs, n_cubes = columns.width, len(columns.sets[2]), len(columns.sets[3])
    bounds = np.cumsum([width, width, width, n_pairs, n_pairs, n_cubes])
    *parts, plain = np.split(found, bounds, axis=1)
    by_cross, by_error, cubes = parts[:3], parts[3:5], parts[5]
    if plain.shape[1]:
        gamma, tops = plain[:, :width], plain[:, width:]
    else:  # the sets of columns begin with the constant twice, and once more or another
        gamma = cubes[:, :width] * columns.constant**2
        tops = np.column_stack([one[:, 0] for one in by_error]) * columns.constant**2
    bread = columns.constant * gamma[:, 0] - (gamma**2).sum(axis=1)
    beta = np.divide(tops, bread[:, None], out=np.zeros_like(tops), where=bread[:, None] > 0)

    def g(degree: int, total: int) -> FloatArray:
        return columns.expansion(gamma, degree, total)

    second = g(0, 1) - 2 * g(1, 1)  # h² = z(1 − 2g) + g²
    third = g(0, 2) - 3 * g(1, 2) + 3 * g(2, 2)  # h³ = z(1 − 3g + 3g²) − g³
    fourth = g(0, 3) - 4 * g(1, 3) + 6 * g(2, 3) - 4 * g(3, 3)  # h⁴ = z(1 − 4g + 6g² − 4g³) + g⁴
    h2 = [(second * by_cross[k]).sum(axis=1) + g(2, 2) @ fixed.squares[k] for k in range(3)]
    h3 = [(third * by_error[k]).sum(axis=1) - g(3, 3) @ fixed.cubes[k] for k in range(2)]
    h4 = (fourth * cubes).sum(axis=1) + g(4, 4) @ fixed.fourth
    b1, b2 = beta.T
    squares = np.column_stack(
        [
            h2[0] - 2 * b1 * h3[0] + b1**2 * h4,
            h2[1] - b2 * h3[0] - b1 * h3[1] + b1 * b2 * h4,
            h2[2] - 2 * b2 * h3[1] + b2**2 * h4,
        ]
    )
    return tops, squares


@cache
def _orders(each: tuple[int, ...]) -> int:
    """In how many orders a set of columns stands in a full expansion."""
    found, left = 1, len(each)
    for column in set(each):
        count = each.count(column)
        found *= comb(left, count)
        left -= count
    return found
