"""What a list of the library asks of every tactic, in memory: which pass, how many each choice leaves, in what order.

Pure. A list of ten thousand tactics counts nine filters, each under all the others; as columns of small numbers that is
a few hundred microseconds, and in a database most of a second.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """The keys of the tactics that say one thing that is looked for, and for each the score of where it says it."""

    keys: NDArray[np.int64]
    scores: NDArray[np.int64]

    @classmethod
    def of(cls, found: Mapping[int, int]) -> "Hits":
        """Return the hits of a score by key."""
        count = len(found)
        return cls(
            np.fromiter(found.keys(), dtype=np.int64, count=count),
            np.fromiter(found.values(), dtype=np.int64, count=count),
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One value of each tactic, as the place of its name in `names`; "" is no value."""

    codes: NDArray[np.int16]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str]) -> "Column":
        """Return the column of some values."""
        names, codes = np.unique(np.asarray(values, dtype=np.str_), return_inverse=True)
        return cls(codes.astype(np.int16), tuple(map(str, names)))

    def is_(self, value: str) -> Mask:
        """Return which tactics have the value."""
        found: Mask = np.isin(self.codes, [code for code, name in enumerate(self.names) if name == value])
        return found

    def holds(self, test: Callable[[str], bool]) -> Mask:
        """Return which tactics have a value that passes."""
        passing = np.array([test(name) for name in self.names], dtype=bool)
        found: Mask = passing[self.codes] if len(self.names) else np.zeros(len(self.codes), dtype=bool)
        return found

    def counts(self, among: Mask) -> dict[str, int]:
        """Return how many of some tactics have each value."""
        counted = np.bincount(self.codes[among], minlength=len(self.names))
        return {name: int(n) for name, n in zip(self.names, counted, strict=True) if n and name != NOTHING}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every tactic of one audience, in the order of their names.

    `keys` are primary keys; `columns` have one value each; a row of `answered` is (place of the tactic, problem).
    """

    keys: NDArray[np.int64]
    columns: Mapping[str, Column]
    answered: NDArray[np.int64]
    problems: Column
    best: NDArray[np.int64]
    newest: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def everything(self) -> Mask:
        """Return that every tactic passes."""
        return np.ones(len(self), dtype=bool)

    def value(self, name: str, key: int) -> str:
        """Return the value of one tactic in a column."""
        column = self.columns[name]
        return column.names[int(column.codes[int(np.flatnonzero(self.keys == key)[0])])]

    def passing(self, name: str, value: str) -> Mask:
        """Return which tactics pass one filter: "3 or more" and "low or less" take all on their side."""
        if name == "problem":
            found = np.zeros(len(self), dtype=bool)
            found[self.answered[self.problems.is_(value)]] = True
            return found
        if name == "strength":
            return self.columns[name].holds(lambda one: one != NOTHING and int(one) >= int(value))
        if name == "cost":
            return self.columns[name].holds(lambda one: one != NOTHING and int(one) <= int(value))
        return self.columns[name].is_(value)

    def counts(self, name: str, among: Mask) -> dict[str, int]:
        """Return how many of some tactics have each value of a filter."""
        if name == "problem":
            return self.problems.counts(among[self.answered])
        return self.columns[name].counts(among)

    def scores(self, found: Iterable[Hits]) -> NDArray[np.int64]:
        """Return a score for each tactic: the sum of what each of the hits gives it; 0 for who is in none."""
        total = np.zeros(len(self), dtype=np.int64)
        if not len(self):
            return total
        order = np.argsort(self.keys)
        for one in found:
            place = np.minimum(np.searchsorted(self.keys, one.keys, sorter=order), len(self) - 1)
            known = self.keys[order[place]] == one.keys  # a draft of others is in no list of this audience
            total[order[place[known]]] += one.scores[known]
        return total

    def ordered(self, among: Mask, by: str = "", scores: NDArray[np.int64] | None = None) -> list[int]:
        """Return the keys of some tactics in order; equal ones by name."""
        places = np.flatnonzero(among)
        orders: dict[str, tuple[NDArray[Any], ...]] = {
            "strength": (-self._number("strength", missing=-1)[places],),
            "cost": (self._number("cost", missing=99)[places],),
            "newest": (-self.newest[places],),
            "name": (),
        }
        first = orders.get(by, (self.best[places],))
        if not by and scores is not None:
            first = (-scores[places], *first)
        if not first:
            return self._keys(places)
        # The last key is the first to sort by; the order of names is the order of the places themselves.
        return self._keys(places[np.lexsort((places, *reversed(first)))])

    def _number(self, name: str, missing: int) -> NDArray[np.int64]:
        column = self.columns[name]
        known = np.array([missing if one == NOTHING else int(one) for one in column.names], dtype=np.int64)
        return known[column.codes] if len(known) else np.zeros(0, dtype=np.int64)

    def _keys(self, places: NDArray[np.int64]) -> list[int]:
        return [int(key) for key in self.keys[places]]
