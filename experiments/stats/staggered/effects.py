"""From a table of estimated cells to the effects that are reported, whatever made the cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.aggregation import Aggregation, Combination, aggregate
from experiments.stats.staggered.group_time import Cell, ControlGroup

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class GroupTimeEffects:
    """Effects of staggered adoption, in the outcome's units.

    Attributes
    ----------
    overall, std_error : the aggregation's overall effect and its standard error.
    keys : what each of the E terms is: an event time, cohort, period or (cohort, period).
    estimates : (E,) the terms.
    covariance : (E, E) their covariance.
    left_out : (E,) cells of each term that could not be estimated.
    cells : every group–time cell, with the reason where it was left out.
    effects : (S,) the cells' effects, NaN where left out.
    scores : (G, E + 1) influence values summed within clusters and divided by n (terms,
        then overall), so that the covariance is ``scores.T @ scores``; None unless asked for.
    n_units, n_treated, n_clusters : what the effects rest on; rows that are not followed are units.
    trimmed : controls dropped in some comparison for a propensity near one.
    loading : (C, T) weights over cohorts' period means of which the overall effect is the sum; None with covariates.
    """

    overall: float
    std_error: float
    keys: tuple[float | tuple[float, float], ...]
    estimates: FloatArray
    covariance: FloatArray
    left_out: tuple[int, ...]
    cells: tuple[Cell, ...]
    effects: FloatArray
    scores: FloatArray | None
    n_units: int
    n_treated: int
    n_clusters: int
    trimmed: int = 0
    loading: FloatArray | None = None

    @property
    def std_errors(self) -> FloatArray:
        """(E,) standard errors of the terms."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which cluster each influence value belongs to, (N,) ``codes`` 0..count−1, and the number of units they share."""

    codes: IntArray
    count: int
    n_units: int

    @property
    def is_trivial(self) -> bool:
        """Whether every influence value is a cluster of its own."""
        return self.count == len(self.codes)


class Engine(Protocol):
    """What makes cells: their table with the reasons of those left out, and their effects with influence values."""

    @property
    def table(self) -> tuple[Cell, ...]: ...

    @property
    def effects(self) -> FloatArray: ...

    @property
    def trimmed(self) -> int: ...

    def covariance(
        self, combinations: Sequence[Combination], clusters: Clusters, keep_scores: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        """Covariance of combinations of cells, and the clusters' scores where they are kept."""
        ...

    def loading(self, combination: Combination) -> FloatArray | None:
        """(C, T) weights over the cohorts' period means of which a combination is the sum, if it is one."""
        ...


def assembled(
    engine: Engine,
    share: FloatArray,
    clusters: Clusters,
    *,
    aggregation: Aggregation,
    keep_scores: bool,
    n_treated: int,
) -> GroupTimeEffects:
    """Aggregate the cells of an engine, with their covariance.

    Parameters
    ----------
    share : (C,) share of units (or of weight) in each cohort.
    """
    _refuse_without_effect(engine.table, engine.effects)
    terms, overall = aggregate(engine.table, engine.effects, share, aggregation)
    combinations = (*terms, overall)
    covariance, scores = engine.covariance(combinations, clusters, keep_scores)
    values = np.array([float(part.weights @ engine.effects[part.cells]) for part in combinations])
    return GroupTimeEffects(
        overall=float(values[-1]),
        std_error=float(np.sqrt(covariance[-1, -1])),
        keys=tuple(term.key for term in terms if term.key is not None),
        estimates=values[:-1],
        covariance=covariance[:-1, :-1],
        left_out=tuple(term.left_out for term in terms),
        cells=engine.table,
        effects=engine.effects,
        scores=scores,
        n_units=clusters.n_units,
        n_treated=n_treated,
        n_clusters=clusters.count,
        trimmed=engine.trimmed,
        loading=engine.loading(overall),
    )


def summed(
    blocks: Iterator[tuple[IntArray, FloatArray]], clusters: Clusters, n_effects: int, keep_scores: bool
) -> tuple[FloatArray, FloatArray | None]:
    """Covariance of the effects from blocks of influence values, summed within clusters."""
    if clusters.is_trivial and not keep_scores:
        covariance = np.zeros((n_effects, n_effects))
        for _, values in blocks:
            covariance += values.T @ values
        return covariance / clusters.n_units**2, None
    scores = np.zeros((clusters.count, n_effects))
    for places, values in blocks:
        np.add.at(scores, clusters.codes[places], values)
    scores /= clusters.n_units
    return scores.T @ scores, scores if keep_scores else None


def _refuse_without_effect(table: tuple[Cell, ...], effects: FloatArray) -> None:
    """Name the commonest reason where no cell after adoption is left."""
    post = [(cell, effect) for cell, effect in zip(table, effects, strict=True) if cell.is_post]
    if any(np.isfinite(effect) for _, effect in post):
        return
    reasons = [cell.reason for cell, _ in post if cell.reason]
    detail = f" ({max(reasons, key=reasons.count)})" if reasons else ""
    raise NotEstimable(f"no effect after adoption can be estimated{detail}")


def refuse_empty(
    outcome: FloatArray,
    first_treated: FloatArray,
    first_period: float,
    clusters: IntArray,
    control_group: ControlGroup,
    *,
    word: str = "unit",
) -> None:
    """Refuse what no choice of cells could estimate.

    Parameters
    ----------
    outcome : of any shape.
    first_treated, clusters : (n,) by unit or by row, whichever ``word`` names.
    """
    treated = np.isfinite(first_treated)
    if not treated.any():
        raise NotEstimable(f"no {word} is treated within the periods of the data")
    if np.any(first_treated <= first_period):
        raise NotEstimable(f"a {word} is treated from the first period on: it has no period before treatment")
    if control_group == "never_treated" and treated.all():
        raise NotEstimable(
            f"no {word} is never treated, so there is nobody to compare with: "
            f"compare with {word}s not yet treated (control_group 'not_yet_treated')"
        )
    if np.all(first_treated == first_treated[0]):
        raise NotEstimable(
            f"every {word} is first treated in the same period: there is nobody to compare with"
        )
    if np.all(outcome == outcome.flat[0]):
        raise NotEstimable("the outcome is the same in every row")
    if treated.sum() < 2:
        raise NotEstimable(
            f"only one {word} is treated, so the spread between treated {word}s cannot be measured"
        )
    if np.all(clusters[treated] == clusters[treated][0]):
        raise NotEstimable(
            f"all treated {word}s are in one cluster, so the spread between clusters cannot be measured"
        )
