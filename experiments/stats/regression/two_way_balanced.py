"""Two-way fixed effects of a balanced panel: residuals in cache-sized blocks, cross-products kept by unit.

In a balanced panel the residual on unit and period effects is ``a_it − ā_i − ā_t + ā``.
Blocks of units are made residual, multiplied and forgotten, so no second copy of the data
is ever held.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

UNIT_BLOCK = 512
RANK_TOLERANCE = 1e-10
OWN_TOLERANCE = 1e-8  # of a regressor's size: what effects leave of it below this is rounding


class Design(Protocol):
    """The regressors of a balanced panel, made residual a block at a time."""

    n_columns: int

    def sizes(self, weight: FloatArray) -> FloatArray:
        """Weighted sums of squares of the regressors as given, (k,)."""

    def blocks(self, weight: FloatArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield unit positions (m,) and their residual regressors (m or 1, k, T)."""


class DenseDesign:
    """Regressors that may differ for every unit: k columns of (n, T) each."""

    def __init__(self, columns: Sequence[FloatArray]) -> None:
        self.columns = tuple(columns)
        self.n_columns = len(self.columns)

    def sizes(self, weight: FloatArray) -> FloatArray:
        """Weighted sums of squares of the regressors as given, (k,)."""
        return np.array([weight @ np.einsum("nt,nt->n", column, column) for column in self.columns])

    def blocks(self, weight: FloatArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield blocks of up to 512 units, each with its own regressors."""
        means = np.stack([period_means(column, weight) for column in self.columns])
        for start in range(0, len(weight), UNIT_BLOCK):
            units = np.arange(start, min(start + UNIT_BLOCK, len(weight)))
            block = np.empty((len(units), *means.shape))
            for j, column in enumerate(self.columns):
                np.subtract(column[units[0] : units[-1] + 1], means[j], out=block[:, j])
            yield units, _less_unit_means(block)


class PatternedDesign:
    """Regressors that units of one pattern (a cohort) share: ``table`` (U, k, T), ``pattern`` (n,)."""

    def __init__(self, table: FloatArray, pattern: IntArray) -> None:
        self.table, self.pattern = table, pattern
        self.n_columns = table.shape[1]

    def sizes(self, weight: FloatArray) -> FloatArray:
        """Weighted sums of squares of the regressors as given, (k,)."""
        total = np.bincount(self.pattern, weights=weight, minlength=len(self.table))
        return np.asarray(total @ np.einsum("ukt,ukt->uk", self.table, self.table))

    def blocks(self, weight: FloatArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield all units of one pattern with their one set of regressors."""
        share = np.bincount(self.pattern, weights=weight, minlength=len(self.table)) / weight.sum()
        means = np.einsum("u,ukt->kt", share, self.table)
        residual = _less_unit_means(self.table - means)
        for u in range(len(self.table)):
            units = np.flatnonzero(self.pattern == u)
            if len(units):
                yield units, residual[u : u + 1]


@dataclass(frozen=True, slots=True)
class Moments:
    """Cross-products of the residual regressors and outcome.

    ``xx`` (U, k, k) for each distinct design, ``pattern`` (n,) which one a unit has,
    ``xy`` (n, k), ``yy`` (n,), all weighted; ``period_outcome`` (T,) the outcome's
    weighted period means.
    """

    xx: FloatArray
    pattern: IntArray
    xy: FloatArray
    yy: FloatArray
    period_outcome: FloatArray
    weight: FloatArray

    @property
    def total(self) -> FloatArray:
        """(k, k) cross-products of the regressors over all units."""
        counts = np.bincount(self.pattern, weights=self.weight, minlength=len(self.xx))
        return np.asarray(np.einsum("u,ukl->kl", counts, self.xx))

    def scores(self, coefficients: FloatArray) -> FloatArray:
        """(n, k) sums over periods of residual regressor times residual, weighted."""
        fitted = (self.xx @ coefficients)[self.pattern] * self.weight[:, None]
        return self.xy - fitted


def period_means(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted mean of (n, T) values in each period."""
    return np.asarray(weight @ values / weight.sum(), dtype=np.float64)


def moments(outcome: FloatArray, design: Design, weight: FloatArray) -> Moments:
    """Accumulate the cross-products of a two-way model over blocks of units.

    Parameters
    ----------
    outcome : (n, T).
    design : the regressors.
    weight : (n,) positive unit weights.
    """
    n_units = len(outcome)
    level = period_means(outcome, weight)
    xy = np.empty((n_units, design.n_columns))
    yy = np.empty(n_units)
    pattern = np.empty(n_units, dtype=np.intp)
    xx: list[FloatArray] = []
    count = 0
    for units, block in design.blocks(weight):
        response = residual_outcome(outcome, units, level)
        if len(block) == 1:
            xy[units] = response @ block[0].T
        else:
            xy[units] = np.matmul(block, response[:, :, None])[:, :, 0]
        yy[units] = np.einsum("nt,nt->n", response, response)
        xx.append(np.matmul(block, block.transpose(0, 2, 1)))
        pattern[units] = count + (np.arange(len(units)) if len(block) > 1 else 0)
        count += len(block)
    return Moments(np.concatenate(xx), pattern, xy * weight[:, None], yy * weight, level, weight)


def residual_outcome(outcome: FloatArray, units: IntArray, level: FloatArray) -> FloatArray:
    """Outcome of some units less period means and unit means, (m, T)."""
    first, last = int(units[0]), int(units[-1]) + 1
    raw = outcome[first:last] if last - first == len(units) else outcome[units]
    centred = raw - level
    centred -= centred.mean(axis=1, keepdims=True)
    return centred


def solve_moments(
    total: FloatArray, right: FloatArray, names: Sequence[str], sizes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Coefficients and inverse cross-products of residual regressors.

    Parameters
    ----------
    total, right : (k, k) and (k,) cross-products of the residual regressors, and with the residual outcome.
    names : (k,) for messages.
    sizes : (k,) sums of squares before the effects were taken out: what is left of a regressor that follows from the
        effects is not 0 but rounding of its size.

    Raises
    ------
    NotEstimable : a regressor that does not vary within units and periods, or follows from the others.
    """
    scale = np.sqrt(np.diag(total))
    for name, size, raw in zip(names, scale, np.sqrt(sizes), strict=True):
        if not size > OWN_TOLERANCE * raw:
            raise NotEstimable(f"'{name}' does not vary once unit and period effects are taken out")
    correlation = total / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] <= RANK_TOLERANCE * values[-1]:
        blamed = names[int(np.argmax(np.abs(vectors[:, 0])))]
        raise NotEstimable(
            f"'{blamed}' follows from the other regressors once unit and period effects are taken out"
        )
    inverse = (vectors / values) @ vectors.T / np.outer(scale, scale)
    return inverse @ right, inverse


def _less_unit_means(block: FloatArray) -> FloatArray:
    block -= block.mean(axis=2, keepdims=True)
    return block
