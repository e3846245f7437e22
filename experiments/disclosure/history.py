"""Count tables about the same people, released one after another: interim and final, with and without one force.

Two tables that differ by a group of people give the group's table away by subtraction. So every release is judged
together with all earlier ones: each group by which releases differ is a table of its own that nobody shows, and its
small counts are protected like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.disclosure.feasible import Counts, Hidden, Line
from experiments.disclosure.policy import DEFAULT, Policy
from experiments.disclosure.suppression import hidden_cells

Groups = frozenset[str]


@dataclass(frozen=True, slots=True)
class ReleasedCounts:
    """A table of any number of dimensions with its totals last on every axis.

    Attributes
    ----------
    counts : exact counts, totals included. They stay inside.
    hidden : True where the count is not shown.
    """

    counts: Counts
    hidden: Hidden


@dataclass(slots=True)
class History:
    """The count tables of one trial in one classification, in the order of their release.

    Attributes
    ----------
    groups : the table of each disjoint group of people, without totals.
    released : what was released, by the groups that it counts together.
    """

    policy: Policy = DEFAULT
    groups: dict[str, Counts] = field(default_factory=dict)
    released: dict[Groups, ReleasedCounts] = field(default_factory=dict)

    def release(self, groups: Mapping[str, Any]) -> ReleasedCounts:
        """Release one table: the sum of its groups, protected together with all earlier releases.

        Parameters
        ----------
        groups : for each disjoint group of people ("until the interim, force A"), their counts by category: arrays
            of one shape, 0 or more, without totals. What only earlier releases count is theirs already.

        Raises
        ------
        ValueError : another shape, a negative count, or other counts for a group than before.
        """
        self._add(groups)
        wanted = frozenset(groups)
        if wanted not in self.released:
            self.released[wanted] = self._protected(wanted)
        return self.released[wanted]

    def split(self, name: str, into: Mapping[str, Any]) -> None:
        """Tell a group apart that was one before, because a later release counts only a part of it.

        Raises
        ------
        ValueError : the parts do not add up to the group, or it is not known.
        """
        if name not in self.groups:
            raise ValueError(f"group '{name}' is not known")
        if not np.array_equal(_added([np.array(counts) for counts in into.values()]), self.groups[name]):
            raise ValueError(f"the parts do not add up to group '{name}'")
        del self.groups[name]
        self._add(into)
        self.released = {
            (one - {name}) | set(into) if name in one else one: table for one, table in self.released.items()
        }

    def _add(self, groups: Mapping[str, Any]) -> None:
        if not groups:
            raise ValueError("a table counts at least one group")
        found = dict(self.groups)
        for name, given in groups.items():
            counts = np.array(given, dtype=np.int64)
            if counts.size == 0 or counts.ndim == 0 or (counts < 0).any():
                raise ValueError(f"group '{name}': a table holds counts of 0 or more")
            if not np.array_equal(found.setdefault(name, counts), counts):
                raise ValueError(f"group '{name}' was counted otherwise before: give it another name")
            if counts.shape != next(iter(found.values())).shape:
                raise ValueError(f"group '{name}' has another shape than the groups before it")
        self.groups = found

    def _protected(self, wanted: Groups) -> ReleasedCounts:
        earlier = list(self.released)
        # A table of one group is that group's own.
        single = {next(iter(one)) for one in (*earlier, wanted) if len(one) == 1}
        tables = [*earlier, wanted, *(frozenset({name}) for name in self.groups if name not in single)]
        full = [with_totals(_added([self.groups[name] for name in one])) for one in tables]
        place = {one: number for number, one in enumerate(tables)}
        size = full[0].size
        lines = [[cell + number * size for cell in line] for number in range(len(tables)) for line in
                 total_lines(full[0].shape)]  # fmt: skip
        for one in tables[: len(earlier) + 1]:
            if len(one) > 1:
                parts = [place[frozenset({name})] for name in sorted(one)]
                lines += [[cell + number * size for number in (*parts, place[one])] for cell in range(size)]
        nothing = np.zeros(size, dtype=bool)
        shown = [~self.released[one].hidden.ravel() for one in earlier]
        rest = [nothing] * (len(tables) - len(earlier) - 1)
        unseen = np.concatenate([*(~one for one in shown), nothing, *(~one for one in rest)])
        released = np.concatenate([*shown, nothing, *rest])
        cells = np.concatenate([table.ravel() for table in full])
        hidden = hidden_cells(cells, lines, self.policy, unseen=unseen, released=released)
        own = slice(len(earlier) * size, (len(earlier) + 1) * size)
        return ReleasedCounts(full[len(earlier)], hidden[own].reshape(full[0].shape))


def with_totals(counts: NDArray[np.int64]) -> Counts:
    """Add totals at the end of every axis, and totals of totals."""
    for axis in range(counts.ndim):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    return counts


def total_lines(shape: tuple[int, ...]) -> Iterator[Line]:
    """Every line of a table with totals: its cells along one axis, the total last."""
    places = np.arange(int(np.prod(shape))).reshape(shape)
    for axis, n in enumerate(shape):
        yield from np.moveaxis(places, axis, -1).reshape(-1, n).tolist()


def _added(tables: Sequence[Counts]) -> Counts:
    return np.asarray(np.sum(tables, axis=0), dtype=np.int64)
