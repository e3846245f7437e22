"""A two-way model seen through its cells, so that a redrawn schedule costs clusters times periods and not rows.

All rows of one cluster in one period share their treatment, so their sum of weights and their mean are all there is to
know of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.covariance import cr1_factor
from experiments.stats.resampling import StudentisedDraws

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

NUMBERS = 4_000_000  # numbers of redrawn schedules held at once
RANK = 1e-10  # of the largest eigenvalue


@dataclass(frozen=True, slots=True)
class Cells:
    """``weight`` (G, T) sums of weights, 0 where there is no row; ``outcome`` (G, T) means; ``n_obs`` rows."""

    weight: FloatArray
    outcome: FloatArray
    n_obs: int


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A block of schedules ``tables`` (r, G, T), 0 or 1, and the cells ``used`` (r, G, T) by each; None for all."""

    tables: FloatArray
    used: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class RedrawnSchedules:
    """The coefficient of a schedule, its CR1 error (with its ``factor``), and the draws that judge it."""

    estimate: float
    std_error: float
    factor: float
    draws: StudentisedDraws


def cells(
    outcome: FloatArray, cluster: IntArray, period: IntArray, weight: FloatArray | None = None
) -> Cells:
    """Rows collapsed to one cell for each cluster and period.

    Parameters
    ----------
    outcome, cluster, period : (N,) values, and codes without gaps.
    weight : (N,) positive analysis weights.
    """
    shape = int(cluster.max()) + 1, int(period.max()) + 1
    place = cluster * shape[1] + period
    weights = np.ones(len(outcome)) if weight is None else weight / weight.mean()
    total = np.bincount(place, weights=weights, minlength=shape[0] * shape[1]).astype(np.float64)
    level = outcome - weights @ outcome / weights.sum()
    summed = np.bincount(place, weights=weights * level, minlength=shape[0] * shape[1])
    means = np.divide(summed, total, out=np.zeros_like(total), where=total > 0)
    return Cells(total.reshape(shape), means.reshape(shape), len(outcome))


def redrawn_schedules(
    data: Cells, observed: FloatArray, schedules: Iterable[Redrawn], *, is_exact: bool
) -> RedrawnSchedules:
    """Two-way coefficients of redrawn schedules, studentised by CR1 over clusters.

    Parameters
    ----------
    data : the cells.
    observed : (G, T) the schedule as it was: 0 or 1.
    schedules : blocks of schedules; the first of all is the observed one.
    is_exact : whether they are all there are.

    Notes
    -----
    With ỹ and z̃ the outcome and a schedule without cluster and period effects, w the cells' weights:
    ``β = Σ w z̃ ỹ/Σ w z̃²``, scores ``s_c = Σ_t w z̃ (ỹ − β z̃)``, statistic ``Σ w z̃ ỹ/√(aΣ s_c²)``, a the CR1 factor.
    Linear in a constant effect, so the interval costs no new draw. A schedule from which nothing is left once the
    effects are out has no statistic, and counts as reaching the observed one.

    Raises
    ------
    NotEstimable : the observed schedule does not vary once cluster and period effects are taken out.
    """
    fixed = _Effects(data.weight)
    parts = [_statistics(part, data, observed, fixed) for part in schedules]
    tops = np.concatenate([part[0] for part in parts])
    squares = np.concatenate([part[1] for part in parts])
    bread = float(tops[0, 1])
    if not bread > 0:
        raise NotEstimable("'treatment' does not vary once unit and period effects are taken out")
    n_clusters, n_periods = data.weight.shape
    factor = cr1_factor(data.n_obs, 1 + n_periods, n_clusters)
    estimate = float(tops[0, 0]) / bread
    spread = float(squares[0, 0] - 2 * estimate * squares[0, 1] + estimate**2 * squares[0, 2])
    error = float(np.sqrt(factor * max(0.0, spread))) / bread
    return RedrawnSchedules(
        estimate, error, factor, StudentisedDraws.of(tops, factor * squares, is_exact=is_exact)
    )


def block_size(shape: tuple[int, ...]) -> int:
    """How many schedules of this shape are held at once."""
    return max(1, NUMBERS // (shape[0] * shape[1]))


class _Effects:
    """Takes cluster and period effects out of tables of cells (…, G, T); weights may differ by table or not."""

    def __init__(self, weight: FloatArray) -> None:
        total = weight.sum(axis=-1, keepdims=True)
        self.weight = weight
        self.share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        within = np.swapaxes(weight, -1, -2) @ self.share
        matrix = weight.sum(axis=-2)[..., None] * np.eye(weight.shape[-1]) - within
        self.inverse = np.linalg.pinv(matrix, rcond=RANK, hermitian=True)

    def out(self, tables: FloatArray) -> FloatArray:
        """Residuals of the tables; 0 where there is no weight."""
        own = (tables * self.share).sum(axis=-1)
        moved = ((tables - own[..., None]) * self.weight).sum(axis=-2)
        period = (moved[..., None, :] @ self.inverse)[..., 0, :]
        cluster = own - (self.share @ period[..., None])[..., 0]
        return np.where(self.weight > 0, tables - cluster[..., None] - period[..., None, :], 0.0)


def _statistics(
    part: Redrawn, data: Cells, observed: FloatArray, fixed: _Effects
) -> tuple[FloatArray, FloatArray]:
    """(r, 2) numerators of outcome and treatment, (r, 3) squares of their scores."""
    effects = fixed if part.used is None else _Effects(data.weight * part.used)
    weight = effects.weight
    schedule = effects.out(part.tables)
    own = (schedule**2 * weight).sum(axis=-1)
    bread = own.sum(axis=-1)
    varies = bread > RANK * (part.tables**2 * weight).sum(axis=(-1, -2))
    tops, scores = [], []
    for values in (data.outcome, observed):
        along = (schedule * (weight * effects.out(values))).sum(axis=-1)
        top = along.sum(axis=-1)
        beta = np.divide(top, bread, out=np.zeros_like(top), where=varies)
        tops.append(top * varies)
        scores.append((along - beta[:, None] * own) * varies[:, None])
    squares = [
        (scores[0] ** 2).sum(axis=1),
        (scores[0] * scores[1]).sum(axis=1),
        (scores[1] ** 2).sum(axis=1),
    ]
    return np.column_stack(tops), np.column_stack(squares)
