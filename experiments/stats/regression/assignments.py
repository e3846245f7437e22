"""The ways in which a draw could have fallen: all of them where they are few, else as many as are asked for.

They come a block at a time, because ten thousand ways to treat tens of thousands of units do not fit in memory.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from experiments.stats.domain import LEAST_CLUSTERS
from experiments.stats.draws import BLOCK, keys, stream, uniforms
from experiments.stats.errors import NotEstimable
from experiments.stats.regression.large_draws import treated_by_chance

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Label = TypeVar("Label", np.float64, np.intp)

ENUMERATED = 20_000
DEFAULT_DRAWS = 9_999
NUMBERS = 4_000_000  # numbers of a block held at once
CACHED = 250_000  # of a large draw, so that it is still at hand when it is used
LARGE = 2_000  # units from which chance and a few changes are cheaper than an order
FEW_STRATA = 20


@dataclass(frozen=True, slots=True)
class Assignments:
    """Ways to deal out the ``labels`` (G,) that were dealt out, the observed one first.

    Attributes
    ----------
    labels : 1 for treated and 0 for control, or the code of a sequence.
    members : positions of each stratum, inside which the labels stay.
    possible : how many ways there are.
    every : (possible, G) all of them where they are all used, else None.
    draws, seed, estimate_id : of those that are drawn.
    allowed : (S, G) the ways of a constrained draw, where they are too many to use all.
    """

    labels: FloatArray
    members: tuple[IntArray, ...]
    possible: int
    every: FloatArray | None
    draws: int
    seed: int
    estimate_id: str
    allowed: FloatArray | None = None

    @property
    def is_constrained(self) -> bool:
        """Whether the draw was among listed ways only."""
        return self.allowed is not None or not self.members

    @property
    def is_enumerated(self) -> bool:
        return self.every is not None

    @property
    def count(self) -> int:
        """Draws besides the observed assignment, or all there are."""
        return self.draws if self.every is None else len(self.every)

    @property
    def table(self) -> FloatArray:
        """(R, G) every way that is used."""
        return np.concatenate([block.copy() for block in self.blocks()])

    def blocks(self) -> Iterator[FloatArray]:
        """The ways that are used, a block (r, G) at a time; a block lasts until the next one is asked for."""
        size = max(1, NUMBERS // len(self.labels))
        if self.every is not None:
            for start in range(0, len(self.every), size):
                yield self.every[start : start + size]
            return
        yield self.labels[None]
        if self.allowed is not None:
            yield from self._among(self.allowed, size)
            return
        is_binary = bool(np.isin(self.labels, (0.0, 1.0)).all())
        wanted = [int(self.labels[inside].sum()) for inside in self.members]
        # Putting keys in order would cost more than all that is done with so large a draw.
        is_large = is_binary and len(self.labels) > LARGE and len(wanted) <= FEW_STRATA
        size = max(1, (CACHED if is_large else NUMBERS) // len(self.labels))
        table = np.empty((size if is_large else 0, len(self.labels)))
        for number, start in enumerate(range(0, self.draws, BLOCK)):
            bits = stream(self.seed, self.estimate_id, "assignment", number)
            left = min(BLOCK, self.draws - start)
            if is_large:
                yield from treated_by_chance(bits, self.members, wanted, left, table)
                continue
            while left:
                part = min(size, left)
                yield self._dealt(keys(bits, (part, len(self.labels))), is_binary)
                left -= part

    def _among(self, allowed: FloatArray, size: int) -> Iterator[FloatArray]:
        bits = stream(self.seed, self.estimate_id, "constrained assignment")
        place = np.floor(uniforms(bits, (self.draws,)) * len(allowed)).astype(np.intp)
        for start in range(0, self.draws, size):
            yield allowed[place[start : start + size]]

    def _dealt(self, order: NDArray[np.uint64], is_binary: bool) -> FloatArray:
        found = np.zeros(order.shape)
        for inside in self.members:
            labels = np.sort(self.labels[inside])[::-1]
            part = order[:, inside]
            if is_binary and 0 < labels.sum() < len(labels):
                dealt = _lowest(part, int(labels.sum())).astype(np.float64)
            else:
                dealt = np.empty(part.shape)
                np.put_along_axis(dealt, np.argsort(part, axis=1, kind="stable"), labels[None], axis=1)
            found[:, inside] = dealt
        return found


def assignments(
    labels: FloatArray, block: IntArray, draws: int, alpha: float, seed: int, estimate_id: str
) -> Assignments:
    """Ways in which the labels could have been dealt out, each as often in every block as it was.

    Parameters
    ----------
    labels, block : (G,) what each unit or cluster was given (1 for treatment, or a sequence), and its stratum.
    draws : how many are drawn where there are more than 20,000; fewer are all used.
    alpha, seed, estimate_id : of the test.

    Raises
    ------
    NotEstimable : fewer than 6 clusters, or so few ways that no p value could reach `alpha`.
    """
    if len(labels) < LEAST_CLUSTERS:
        raise NotEstimable(
            f"{len(labels)} clusters are too few to judge by redrawing: at least {LEAST_CLUSTERS} are needed"
        )
    members = tuple(np.flatnonzero(block == b) for b in range(int(block.max()) + 1))
    possible = math.prod(_arrangements(labels[inside]) for inside in members)
    if possible < 1 / alpha:
        raise NotEstimable(
            f"the draw could have fallen in {possible} ways only, so no p value below 1/{possible} is possible "
            f"and the test can never reach {alpha:g}; synthetic_control or more units can help"
        )
    every = None
    if possible <= ENUMERATED:
        every = observed_first(_every(members, labels), labels)
    return Assignments(labels, members, possible, every, draws, seed, estimate_id)


def constrained_assignments(
    labels: FloatArray, allowed: FloatArray, draws: int, alpha: float, seed: int, estimate_id: str
) -> Assignments:
    """Ways of a draw that was made among listed ones.

    Parameters
    ----------
    labels : (G,) 1 for treated, 0 for control.
    allowed : (S, G) the ways; all are used where there are at most 20,000.
    draws, alpha, seed, estimate_id : of the test.

    Raises
    ------
    NotEstimable : what was drawn is not among them, or they are too few for `alpha`.
    """
    if not (allowed == labels).all(axis=1).any():
        raise NotEstimable(
            "what was drawn is not among the allocations that the registered draw was made from"
        )
    if len(allowed) < 1 / alpha:
        raise NotEstimable(
            f"the draw could have fallen in {len(allowed)} ways only, so no p value below 1/{len(allowed)} is possible "
            f"and the test can never reach {alpha:g}; synthetic_control or more units can help"
        )
    if len(allowed) <= ENUMERATED:
        every = observed_first(allowed, labels)
        return Assignments(labels, (), len(allowed), every, draws, seed, estimate_id)
    return Assignments(labels, (), len(allowed), None, draws, seed, estimate_id, allowed)


def observed_first(table: FloatArray, labels: FloatArray) -> FloatArray:
    """The same ways with the one that happened in front."""
    place = int(np.flatnonzero((table == labels).all(axis=1))[0])
    return table[np.r_[place, np.delete(np.arange(len(table)), place)]]


def in_words(drawn: Assignments, n_treated: int, n_clusters: int) -> str:
    """How a p value came about."""
    return f"{how_many(drawn)} ways in which {n_treated} of {n_clusters} could have been treated"


def how_many(drawn: Assignments) -> str:
    """How many ways were used, of how many."""
    if drawn.is_enumerated:
        return f"all {drawn.count:,}"
    return f"{drawn.count:,} of {in_figures(drawn.possible)}"


def in_figures(possible: int) -> str:
    """A number of ways; Python writes no whole number of more than 4,300 digits."""
    return f"{possible:,}" if possible < 10**9 else f"10^{math.floor(math.log10(possible))}"


def _lowest(order: NDArray[np.uint64], count: int) -> NDArray[np.bool_]:
    """Which `count` of each row have the lowest keys; equal keys go by their place."""
    chosen: NDArray[np.bool_] = order <= np.partition(order, count - 1, axis=1)[:, count - 1 : count]
    for row in np.flatnonzero(chosen.sum(axis=1) != count):
        chosen[row] = False
        chosen[row, np.argsort(order[row], kind="stable")[:count]] = True
    return chosen


def _arrangements(labels: FloatArray) -> int:
    """In how many orders these labels can stand."""
    found, left = 1, len(labels)
    for count in Counter(labels.tolist()).values():
        found *= math.comb(left, count)
        left -= count
    return found


def _every(members: Sequence[IntArray], labels: FloatArray) -> FloatArray:
    """(P, G) every way to deal the labels out inside the strata."""
    found = np.zeros((1, len(labels)))
    for inside in members:
        orders = every_order(np.sort(labels[inside]))
        found, n_before = np.repeat(found, len(orders), axis=0), len(found)
        found[:, inside] = np.tile(orders, (n_before, 1))
    return found


def every_order(labels: NDArray[Label]) -> NDArray[Label]:
    """(P, n) every order of sorted labels: the places of the lowest, and every order of the others in the rest."""
    count = int(np.count_nonzero(labels == labels[0]))
    if count == len(labels):
        return labels[None]
    n_ways = math.comb(len(labels), count)
    places = np.fromiter(chain.from_iterable(combinations(range(len(labels)), count)), dtype=np.intp)
    is_lowest = np.zeros((n_ways, len(labels)), dtype=bool)
    np.put_along_axis(is_lowest, places.reshape(n_ways, count), True, axis=1)
    others: NDArray[Label] = every_order(labels[count:])
    found = np.full((n_ways, len(others), len(labels)), labels[0])
    rest = np.nonzero(~is_lowest)[1].reshape(n_ways, 1, -1)
    np.put_along_axis(found, np.broadcast_to(rest, (n_ways, *others.shape)), others[None], axis=2)
    return found.reshape(-1, len(labels))
