"""Group–time effects of rows that are not followed, with covariates: one comparison at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.aggregation import Combination
from experiments.stats.staggered.doubly_robust import Estimation
from experiments.stats.staggered.doubly_robust_rows import two_period_effect_of_rows
from experiments.stats.staggered.effects import Clusters, summed
from experiments.stats.staggered.group_time import Cell
from experiments.stats.staggered.group_time_adjusted import REMEMBERED
from experiments.stats.staggered.group_time_means import selection
from experiments.stats.staggered.row_table import RowTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Compared:
    """One cell's rows, those of its period (``n_post``) before those of its base, with their influence values."""

    rows: IntArray
    n_post: int
    influence: FloatArray


class AdjustedRows:
    """Effects and influence values with covariates, one comparison at a time."""

    def __init__(
        self, rows: RowTable, covariates: FloatArray, table: Sequence[Cell], estimation: Estimation
    ) -> None:
        self.rows, self.covariates, self.estimation = rows, covariates, estimation
        order = np.argsort(rows.place, kind="stable")
        ends = np.searchsorted(rows.place[order], np.arange(rows.n_cohorts * rows.n_periods + 1))
        self._members = [order[start:end] for start, end in pairwise(ends.tolist())]
        self.effects = np.full(len(table), np.nan)
        self.trimmed = 0
        self._remembered: dict[int, _Compared] = {}
        self._room = REMEMBERED
        self.table = tuple(self._made(s, cell) for s, cell in enumerate(rows.observed(table)))

    def loading(self, combination: Combination) -> None:
        """None: what is adjusted for covariates is no sum of means."""
        return None

    def covariance(
        self, combinations: Sequence[Combination], clusters: Clusters, keep_scores: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        return summed(self._influence(combinations), clusters, len(combinations), keep_scores)

    def _made(self, s: int, cell: Cell) -> Cell:
        """The cell with its effect noted, or with the reason why it has none."""
        if not cell.estimable:
            return cell
        try:
            self.effects[s], compared = self._compare(cell, count=True)
        except NotEstimable as refusal:
            return replace(cell, reason=refusal.reason)
        if compared.influence.size <= self._room:
            self._room -= compared.influence.size
            self._remembered[s] = compared
        return cell

    def _compare(self, cell: Cell, *, count: bool = False) -> tuple[float, _Compared]:
        parts, treated = [], []
        for period in (cell.period, cell.base):
            for cohort in (cell.cohort, *cell.controls):
                parts.append(self._members[cohort * self.rows.n_periods + period])
                treated.append(np.full(len(parts[-1]), cohort == cell.cohort))
        rows = np.concatenate(parts)
        n_post = sum(len(part) for part in parts[: len(parts) // 2])
        found = two_period_effect_of_rows(
            self.rows.outcome[rows],
            np.concatenate(treated),
            np.arange(len(rows)) < n_post,
            np.column_stack([np.ones(len(rows)), self.covariates[rows]]),
            self.rows.weight[rows],
            estimation=self.estimation,
        )
        if count:
            self.trimmed += found.trimmed
        return float(found.effect[0]), _Compared(rows, n_post, found.influence[:, 0])

    def _influence(self, combinations: Sequence[Combination]) -> Iterator[tuple[IntArray, FloatArray]]:
        """Influence values of the combinations, one period's rows at a time."""
        loading = selection(combinations, len(self.table)).T.tocsr()
        spans = list(pairwise(loading.indptr.tolist()))
        shares = np.array([combination.share_weights for combination in combinations]).T
        place = np.zeros(len(self.rows.outcome), dtype=np.intp)
        for period in range(self.rows.n_periods):
            members = np.flatnonzero(self.rows.period == period)
            place[members] = np.arange(len(members))
            total = self.rows.carried[members, None] * shares[self.rows.cohort[members]]
            for s, cell in enumerate(self.table):
                if cell.estimable and period in (cell.period, cell.base) and spans[s][0] < spans[s][1]:
                    touched, weights = loading.indices[slice(*spans[s])], loading.data[slice(*spans[s])]
                    compared = self._remembered.get(s) or self._compare(cell)[1]
                    here = slice(compared.n_post) if period == cell.period else slice(compared.n_post, None)
                    values = compared.influence[here, None] * (self.rows.n_units / len(compared.rows))
                    total[np.ix_(place[compared.rows[here]], touched)] += values * weights
            yield members, total
