"""Group–time effects with covariates, one comparison of a cohort with its controls at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.aggregation import Combination
from experiments.stats.staggered.doubly_robust import Comparison, Estimation, two_period_effect
from experiments.stats.staggered.effects import Clusters, summed
from experiments.stats.staggered.group_time import Cell
from experiments.stats.staggered.group_time_means import selection

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

REMEMBERED = 25_000_000  # influence values kept between the two passes: 0.2 GB, beyond it made again


class AdjustedEffects:
    """Effects and influence values with covariates, one comparison at a time."""

    def __init__(
        self,
        outcome: FloatArray,
        cohort: IntArray,
        weight: FloatArray,
        covariates: FloatArray,
        table: tuple[Cell, ...],
        estimation: Estimation,
    ) -> None:
        self.outcome, self.cohort, self.weight = outcome, cohort, weight
        self.covariates, self.estimation = covariates, estimation
        self.members = [np.flatnonzero(cohort == c) for c in range(int(cohort.max()) + 1)]
        self.effects = np.full(len(table), np.nan)
        self.trimmed = 0
        self._remembered: dict[int, tuple[IntArray, Comparison]] = {}
        self._room = REMEMBERED
        reasons: dict[int, str] = {}
        for positions in _alike(table):
            try:
                units, comparison = self._compare(table[positions[0]], [table[s].period for s in positions])
            except NotEstimable as refusal:
                reasons |= dict.fromkeys(positions, refusal.reason)
                continue
            self.effects[positions] = comparison.effect
            self.trimmed += comparison.trimmed
            if comparison.influence.size <= self._room:
                self._room -= comparison.influence.size
                self._remembered[positions[0]] = units, comparison
        self.table = tuple(
            replace(cell, reason=reasons[s]) if s in reasons else cell for s, cell in enumerate(table)
        )

    def _compare(self, cell: Cell, periods: list[int]) -> tuple[IntArray, Comparison]:
        controls = np.concatenate([self.members[c] for c in cell.controls])
        units = np.concatenate([self.members[cell.cohort], controls])
        treated = np.arange(len(units)) < len(units) - len(controls)
        design = np.column_stack([np.ones(len(units)), self.covariates[units, cell.base]])
        change = self.outcome[units][:, periods] - self.outcome[units, cell.base][:, None]
        return units, two_period_effect(
            change, treated, design, self.weight[units], estimation=self.estimation
        )

    def covariance(
        self, combinations: Sequence[Combination], clusters: Clusters, keep_scores: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        return summed(self.influence(combinations), clusters, len(combinations), keep_scores)

    def loading(self, combination: Combination) -> None:
        """None: what is adjusted for covariates is no sum of means."""
        return None

    def influence(self, combinations: Sequence[Combination]) -> Iterator[tuple[IntArray, FloatArray]]:
        """All units as one block: cells that share a comparison are added in one product."""
        n_units = len(self.outcome)
        loading = selection(combinations, len(self.table)).T.tocsr()
        total = np.zeros((n_units, len(combinations)))
        for positions in _alike(self.table):
            part = loading[positions]
            touched = np.unique(part.indices)
            if len(touched):
                units, comparison = self._remembered.get(positions[0]) or self._compare(
                    self.table[positions[0]], [self.table[s].period for s in positions]
                )
                values = comparison.influence @ part[:, touched].toarray() * (n_units / len(units))
                total[np.ix_(units, touched)] += values
        shares = np.array([combination.share_weights for combination in combinations]).T
        yield np.arange(n_units), total + self.weight[:, None] * shares[self.cohort]


def _alike(table: tuple[Cell, ...]) -> list[list[int]]:
    """Estimable cells that share cohort, base and controls, and so one fit."""
    groups: dict[tuple[int, int, tuple[int, ...]], list[int]] = {}
    for s, cell in enumerate(table):
        if cell.estimable:
            groups.setdefault((cell.cohort, cell.base, cell.controls), []).append(s)
    return list(groups.values())
