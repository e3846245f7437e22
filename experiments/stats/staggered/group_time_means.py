"""Group–time effects without covariates, from the cohorts' period means alone.

Every effect is linear in the C × T table of cohort means, so a unit's influence value
for any combination of cells is one product of its outcomes with a vector that its whole
cohort shares. There is no loop over cells and units.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from experiments.stats.staggered.aggregation import Combination
from experiments.stats.staggered.effects import Clusters, summed
from experiments.stats.staggered.group_time import Cell

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

UNIT_BLOCK = 512  # units whose influence values are in memory at once


class MeanEffects:
    """Effects and influence values of a table of cells, from cohort means: no covariates."""

    trimmed = 0

    def __init__(
        self,
        outcome: FloatArray,
        cohort: IntArray,
        weight: FloatArray,
        n_cohorts: int,
        table: tuple[Cell, ...],
    ) -> None:
        self.table = table
        self.means = _cohort_means(outcome, cohort, weight, n_cohorts)
        self.effects, self.contrast, self.constant = _effects(self.means, table)

    def loading(self, combination: Combination) -> FloatArray:
        """(C, T) weights over the cohorts' means of which a combination of cells is the sum."""
        row = selection((combination,), len(self.table)) @ self.contrast
        return np.asarray(row.todense()).reshape(self.means.mean.shape)

    def covariance(
        self, combinations: Sequence[Combination], clusters: Clusters, keep_scores: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        return summed(self.influence(combinations), clusters, len(combinations), keep_scores)

    def influence(self, combinations: Sequence[Combination]) -> Iterator[tuple[IntArray, FloatArray]]:
        return _influence_blocks(self.means, self.contrast, self.constant, combinations)


@dataclass(frozen=True, slots=True)
class _CohortMeans:
    """The panel seen through its cohorts.

    ``outcome`` (n, T) is centred on its grand mean; ``cohort`` (n,) indexes the cohorts;
    ``weight`` (n,) has mean one; ``total`` (C,) is each cohort's weight and ``mean``
    (C, T) its weighted mean outcome.
    """

    outcome: FloatArray
    cohort: IntArray
    weight: FloatArray
    total: FloatArray
    mean: FloatArray


def _cohort_means(outcome: FloatArray, cohort: IntArray, weight: FloatArray, n_cohorts: int) -> _CohortMeans:
    """Collapse a panel to its cohorts' means.

    Parameters
    ----------
    outcome : (n, T) outcomes, one row per unit, none missing.
    cohort : (n,) cohort of each unit, 0 to ``n_cohorts`` − 1.
    weight : (n,) positive weights with mean one.
    """
    # The effects are contrasts, so a common level carries no information, only rounding.
    centred = outcome - outcome.mean()
    members = sparse.csr_array((weight, (cohort, np.arange(len(cohort)))), shape=(n_cohorts, len(cohort)))
    total = np.asarray(np.bincount(cohort, weights=weight, minlength=n_cohorts), dtype=np.float64)
    mean = np.asarray(members @ centred) / total[:, None]
    return _CohortMeans(centred, cohort, weight, total, mean)


def _effects(
    means: _CohortMeans, table: Sequence[Cell]
) -> tuple[FloatArray, sparse.csr_array, sparse.csr_array]:
    """Group–time effects, and the two sparse matrices that give their influence values.

    Returns
    -------
    effects : (S,) ATT(g, t), NaN for a cell that cannot be estimated.
    contrast : (S, C·T) weights over the cohorts' means, with effect ``contrast @ mean``.
    constant : (S, C) the part of the influence value that does not depend on the unit.

    Notes
    -----
    ``ATT(g, t) = Ȳ_g,t − Ȳ_g,b − Σ_h (n_h/n_C)(Ȳ_h,t − Ȳ_h,b)`` over the cohorts h that
    serve as controls; ``ψ_i = (n/n_c)·contrast_c·Y_i + constant_c``.
    """
    n_cohorts, n_periods = means.mean.shape
    n_units = float(means.total.sum())
    contrast, constant = Triplets(), Triplets()
    found = np.full(len(table), np.nan)
    for s, cell in enumerate(table):
        if not cell.estimable:
            continue
        controls = np.array(cell.controls, dtype=np.intp)
        size = float(means.total[controls].sum())
        share = means.total[controls] / size
        change = float(means.mean[cell.cohort, cell.period] - means.mean[cell.cohort, cell.base])
        drift = float(share @ (means.mean[controls, cell.period] - means.mean[controls, cell.base]))
        found[s] = change - drift
        members = np.append(controls, cell.cohort)
        signed = np.append(-share, 1.0)
        contrast.add(s, members * n_periods + cell.period, signed)
        contrast.add(s, members * n_periods + cell.base, -signed)
        constant.add(s, controls, np.full(len(controls), n_units / size * drift))
        constant.add(s, [cell.cohort], [-n_units / float(means.total[cell.cohort]) * change])
    shape = (len(table), n_cohorts * n_periods)
    return found, contrast.matrix(shape), constant.matrix((len(table), n_cohorts))


def _influence_blocks(
    means: _CohortMeans,
    contrast: sparse.csr_array,
    constant: sparse.csr_array,
    combinations: Sequence[Combination],
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Influence values of the combinations, a block of units at a time.

    Yields
    ------
    units : (m,) positions of the units of one block, all of one cohort.
    values : (m, E) influence values ψ, scaled so that the error of an effect is about ``Σψ/n``.
    """
    n_cohorts, n_periods = means.mean.shape
    pick = selection(combinations, contrast.shape[0])
    loadings = np.asarray((pick @ contrast).todense()).reshape(len(combinations), n_cohorts, n_periods)
    shift = np.asarray((pick @ constant).todense())
    n_units = float(means.total.sum())
    order = np.argsort(means.cohort, kind="stable")
    bounds = np.searchsorted(means.cohort[order], np.arange(n_cohorts + 1))
    for c in range(n_cohorts):
        slope = loadings[:, c, :].T * (n_units / means.total[c])
        level = shift[:, c] + np.array([combination.share_weights[c] for combination in combinations])
        for start in range(int(bounds[c]), int(bounds[c + 1]), UNIT_BLOCK):
            units = order[start : min(start + UNIT_BLOCK, int(bounds[c + 1]))]
            yield units, (means.outcome[units] @ slope + level) * means.weight[units, None]


def selection(combinations: Sequence[Combination], n_cells: int) -> sparse.csr_array:
    """Weights of the combinations over the cells, (E, S)."""
    triplets = Triplets()
    for e, combination in enumerate(combinations):
        triplets.add(e, combination.cells, combination.weights)
    return triplets.matrix((len(combinations), n_cells))


class Triplets:
    """Entries of a sparse matrix, gathered row by row."""

    def __init__(self) -> None:
        self.rows: list[IntArray] = []
        self.columns: list[IntArray] = []
        self.values: list[FloatArray] = []

    def add(self, row: int, columns: Sequence[int] | IntArray, values: Sequence[float] | FloatArray) -> None:
        self.rows.append(np.full(len(columns), row, dtype=np.intp))
        self.columns.append(np.asarray(columns, dtype=np.intp))
        self.values.append(np.asarray(values, dtype=np.float64))

    def matrix(self, shape: tuple[int, int]) -> sparse.csr_array:
        if not self.rows:
            return sparse.csr_array(shape, dtype=np.float64)
        entries = (np.concatenate(self.rows), np.concatenate(self.columns))
        return sparse.csr_array((np.concatenate(self.values), entries), shape=shape)
