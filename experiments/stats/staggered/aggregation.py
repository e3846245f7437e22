"""From group–time effects to the effects that are reported.

Every reported effect is a fixed combination of cells, with weights that are estimated
cohort shares; the shares add a term of their own to the influence values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.group_time import Cell

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

Aggregation = Literal["none", "simple", "dynamic", "group", "calendar"]


@dataclass(frozen=True, slots=True)
class Combination:
    """One reported effect as a combination of cells.

    ``cells`` (k,) are positions in the list of cells and ``weights`` (k,) their weights,
    summing to one; ``share_weights`` (C,) is what estimating the weights adds to the
    influence value of a unit of each cohort. ``left_out`` counts the cells of this
    effect that could not be estimated.
    """

    key: float | tuple[float, float] | None
    cells: IntArray
    weights: FloatArray
    share_weights: FloatArray
    left_out: int = 0


def aggregate(
    table: Sequence[Cell], effects: FloatArray, share: FloatArray, how: Aggregation
) -> tuple[tuple[Combination, ...], Combination]:
    """Combine cells into the terms and the overall effect.

    Parameters
    ----------
    table : the cells, in order.
    effects : (S,) group–time effects, NaN where a cell was left out.
    share : (C,) share of units (or of weight) in each cohort.
    how : ``none``: a term for each cell, overall as ``simple``; ``simple``: cells after
        adoption by cohort share; ``dynamic``: by event time, overall the plain mean from
        event time 0; ``group``: plain mean over each cohort's periods, overall by cohort
        share; ``calendar``: by period, overall the plain mean over periods.

    Raises
    ------
    NotEstimable : no cell after adoption can be estimated.

    References
    ----------
    Callaway & Sant'Anna (2021), *J Econometrics*, section 3.
    """
    combine = _Combiner(table, effects, share)
    post = [s for s, cell in enumerate(table) if cell.is_post]
    if not any(np.isfinite(effects[s]) for s in post):
        raise NotEstimable("no period after adoption has untreated units to compare with")
    if how == "simple":
        return (), combine.by_share(None, post)
    if how == "none":
        everything = [s for s in range(len(table)) if np.isfinite(effects[s])]
        terms = [combine.by_share((table[s].adopted, table[s].time), [s]) for s in everything]
        return tuple(terms), combine.by_share(None, post)
    if how == "dynamic":
        terms = combine.families(range(len(table)), lambda cell: cell.event_time, combine.by_share)
        return tuple(terms), combine.plain_mean([term for term in terms if _number(term) >= 0])
    if how == "calendar":
        terms = combine.families(post, lambda cell: cell.time, combine.by_share)
        return tuple(terms), combine.plain_mean(terms)
    terms = combine.families(post, lambda cell: cell.adopted, combine.plainly)
    return tuple(terms), combine.cohorts_by_share(terms)


def _number(term: Combination) -> float:
    if not isinstance(term.key, float):
        raise TypeError("this effect is not keyed by one number")
    return term.key


class _Combiner:
    """Weights over cells, given the cells' effects and the cohorts' shares."""

    def __init__(self, table: Sequence[Cell], effects: FloatArray, share: FloatArray) -> None:
        self.effects = effects
        self.share = share
        self.table = table
        self.cohort = np.array([cell.cohort for cell in table], dtype=np.intp)

    def families(
        self,
        members: Iterable[int],
        key: Callable[[Cell], float],
        combine: "Callable[[float, list[int]], Combination]",
    ) -> list[Combination]:
        """One combination for each distinct key that has an estimable cell."""
        groups: dict[float, list[int]] = {}
        for s in members:
            if not self.table[s].reference:
                groups.setdefault(key(self.table[s]), []).append(s)
        return [
            combine(value, groups[value])
            for value in sorted(groups)
            if any(np.isfinite(self.effects[s]) for s in groups[value])
        ]

    def by_share(self, key: float | tuple[float, float] | None, members: list[int]) -> Combination:
        """Cells weighted by the share of their cohort; the weights are estimated."""
        kept = self._kept(members)
        weights = self.share[self.cohort[kept]]
        total = float(weights.sum())
        weights = weights / total
        centred = self.effects[kept] - float(weights @ self.effects[kept])
        added = np.bincount(self.cohort[kept], weights=centred / total, minlength=len(self.share))
        share_weights = np.asarray(added, dtype=np.float64)
        return Combination(key, kept, weights, share_weights, len(members) - len(kept))

    def plainly(self, key: float, members: list[int]) -> Combination:
        """Cells weighted equally: nothing is estimated in the weights."""
        kept = self._kept(members)
        weights = np.full(len(kept), 1.0 / len(kept))
        return Combination(key, kept, weights, np.zeros(len(self.share)), len(members) - len(kept))

    def plain_mean(self, terms: Sequence[Combination]) -> Combination:
        """Average other combinations, each with the same weight."""
        mean = 1.0 / len(terms)
        return Combination(
            None,
            np.concatenate([term.cells for term in terms]),
            np.concatenate([term.weights for term in terms]) * mean,
            np.sum([term.share_weights for term in terms], axis=0) * mean,
            sum(term.left_out for term in terms),
        )

    def cohorts_by_share(self, terms: Sequence[Combination]) -> Combination:
        """Cohort effects weighted by the cohorts' shares, which are estimated."""
        cohorts = np.array([self.cohort[term.cells[0]] for term in terms], dtype=np.intp)
        values = np.array([float(term.weights @ self.effects[term.cells]) for term in terms])
        total = float(self.share[cohorts].sum())
        weights = self.share[cohorts] / total
        share_weights = np.zeros(len(self.share))
        share_weights[cohorts] = (values - float(weights @ values)) / total
        return Combination(
            None,
            np.concatenate([term.cells for term in terms]),
            np.concatenate([term.weights * weight for term, weight in zip(terms, weights, strict=True)]),
            share_weights,
            sum(term.left_out for term in terms),
        )

    def _kept(self, members: list[int]) -> IntArray:
        kept = np.array(members, dtype=np.intp)
        return kept[np.isfinite(self.effects[kept])]
