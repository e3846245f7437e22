"""Group–time effects of rows that are not followed, without covariates: from the means of cohorts in periods.

A row's influence value for any combination of cells is linear in its outcome, with a slope and a level that all rows
of its cohort and period share. Their covariance needs three sums of squares and products for each cohort and period, or
three sums for each of them within clusters: no pass over rows and effects together.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from experiments.stats.staggered.aggregation import Combination
from experiments.stats.staggered.effects import Clusters
from experiments.stats.staggered.group_time import Cell
from experiments.stats.staggered.group_time_means import Triplets, selection
from experiments.stats.staggered.row_table import RowTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

PARTS = 3  # of an influence value: the slope's, the level's, and the estimated shares'


class RowMeans:
    """Effects and their covariance from the means of cohorts in periods: no covariates."""

    trimmed = 0

    def __init__(self, rows: RowTable, table: Sequence[Cell]) -> None:
        self.rows, self.table = rows, rows.observed(table)
        self._place = rows.place
        shape = (rows.n_cohorts, rows.n_periods)
        self._total = _sums(self._place, rows.weight, shape)
        with np.errstate(invalid="ignore"):  # a cohort without rows in a period has no mean
            self._mean = _sums(self._place, rows.weight * rows.outcome, shape) / self._total
        self._mean[self._total == 0] = 0.0
        self.effects, self._contrast, self._constant = self._cells()

    def loading(self, combination: Combination) -> None:
        """None: dates are not dealt out anew over rows that are seen once."""
        return None

    def covariance(
        self, combinations: Sequence[Combination], clusters: Clusters, keep_scores: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        residual = self.rows.outcome - self._mean.ravel()[self._place]
        # On one scale, the three parts lose no digits to one another.
        spread = float(np.sqrt(np.mean(residual**2))) or 1.0
        parts = (self.rows.weight * residual / spread, self.rows.weight, self.rows.carried)
        coefficients = self._coefficients(combinations, spread)
        if clusters.is_trivial and not keep_scores:
            root = self._roots(parts) @ coefficients
            flat = root.reshape(-1, len(combinations)) / clusters.n_units
            return flat.T @ flat, None
        columns = np.concatenate([PARTS * self._place + part for part in range(PARTS)])
        entries = (np.concatenate(parts), (np.tile(clusters.codes, PARTS), columns))
        sums = sparse.csr_array(entries, shape=(clusters.count, PARTS * self._total.size))
        scores = np.asarray(sums @ coefficients.reshape(-1, len(combinations))) / clusters.n_units
        return scores.T @ scores, scores if keep_scores else None

    def _cells(self) -> tuple[FloatArray, sparse.csr_array, sparse.csr_array]:
        """Effects (S,), and over cohorts and periods what each cell adds to a row's slope and level, (S, C·T).

        ``ATT(g, t) = Ȳ_g,t − Ȳ_g,b − (Ȳ_C,t − Ȳ_C,b)``, with Ȳ_C the mean of all rows of the comparison: a row of a
        control cohort counts from that mean and not from its own cohort's.
        """
        n_periods = self.rows.n_periods
        contrast, constant = Triplets(), Triplets()
        found = np.full(len(self.table), np.nan)
        for s, cell in enumerate(self.table):
            if not cell.estimable:
                continue
            controls = np.array(cell.controls, dtype=np.intp)
            found[s] = 0.0
            for period, sign in ((cell.period, 1.0), (cell.base, -1.0)):
                share = self._total[controls, period] / self._total[controls, period].sum()
                pooled = float(share @ self._mean[controls, period])
                found[s] += sign * (float(self._mean[cell.cohort, period]) - pooled)
                contrast.add(s, [cell.cohort * n_periods + period], [sign])
                contrast.add(s, controls * n_periods + period, -sign * share)
                gap = self._mean[controls, period] - pooled
                constant.add(s, controls * n_periods + period, -sign * share * gap)
        shape = (len(self.table), self._total.size)
        return found, contrast.matrix(shape), constant.matrix(shape)

    def _coefficients(self, combinations: Sequence[Combination], spread: float) -> FloatArray:
        """(C·T, 3, E) what each part of an influence value is multiplied by."""
        pick = selection(combinations, len(self.table))
        scale = np.zeros(self._total.size)
        np.divide(self.rows.n_units, self._total.ravel(), out=scale, where=self._total.ravel() > 0)
        shares = np.array([combination.share_weights for combination in combinations])
        made = np.empty((self._total.size, PARTS, len(combinations)))
        made[:, 0] = (pick @ self._contrast).toarray().T * scale[:, None] * spread
        made[:, 1] = (pick @ self._constant).toarray().T * scale[:, None]
        made[:, 2] = np.repeat(shares, self.rows.n_periods, axis=1).T
        return made

    def _roots(self, parts: Sequence[FloatArray]) -> FloatArray:
        """(C·T, 3, 3) roots R with ``R′R`` the moments of the three parts among the rows of a cohort in a period."""
        moments = np.empty((self._total.size, PARTS, PARTS))
        for i, one in enumerate(parts):
            for j, other in enumerate(parts[: i + 1]):
                sums = np.bincount(self._place, weights=one * other, minlength=self._total.size)
                moments[:, i, j] = moments[:, j, i] = sums
        values, vectors = np.linalg.eigh(moments)
        return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, :, None] * vectors.swapaxes(1, 2))


def _sums(place: IntArray, values: FloatArray, shape: tuple[int, int]) -> FloatArray:
    found = np.bincount(place, weights=values, minlength=shape[0] * shape[1])
    return np.asarray(found, dtype=np.float64).reshape(shape)
