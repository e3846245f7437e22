"""An attacker who puts all releases of a trial together, and the histories of releases that are attacked.

Written apart from what it attacks: its unknowns are the people of each group in each inner cell, totals are sums, and
whole histories stand beside one another in one linear programme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from experiments.disclosure import History, round_count

Floats = np.ndarray
THRESHOLD = 10
MOST = 1e5
Seen = list[
    tuple[Floats, float, float]
]  # which inner cells a shown count sums, and what it is at least and at most


@dataclass(frozen=True)
class Case:
    """Counts by group, and which groups each release counts together."""

    groups: dict[str, np.ndarray]
    releases: list[frozenset[str]]

    @property
    def shape(self) -> tuple[int, ...]:
        return next(iter(self.groups.values())).shape

    @property
    def truth(self) -> Floats:
        return np.concatenate([self.groups[name].ravel() for name in sorted(self.groups)]).astype(float)

    def sums(self, names: frozenset[str]) -> Iterator[Floats]:
        """Which inner cells each cell of a table sums, totals included, in the order of a table with totals."""
        places = np.arange(int(np.prod(self.shape))).reshape(self.shape)
        in_groups = np.array([name in names for name in sorted(self.groups)])
        for index in product(*(range(n + 1) for n in self.shape)):
            chosen = tuple(
                slice(None) if at == n else slice(at, at + 1) for at, n in zip(index, self.shape, strict=True)
            )
            inside = np.isin(places, places[chosen]).ravel()
            yield np.outer(in_groups, inside).ravel().astype(float)

    def targets(self) -> list[Floats]:
        """Every small count of a group, of a release, and of those by whom two releases differ."""
        apart = [b - a for a, b in [*combinations(self.releases, 2)] if a < b]
        apart += [a - b for a, b in [*combinations(self.releases, 2)] if b < a]
        tables = {*self.releases, *apart, *(frozenset({name}) for name in self.groups)}
        found = [one for names in sorted(tables, key=sorted) for one in self.sums(names)]
        return [one for one in found if one @ self.truth < THRESHOLD]


SHAPES = [(2,), (3,), (5,), (6,), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4), (2, 2, 2), (2, 2, 3)]
SCENARIOS = [
    ("one table", ["A"]),
    ("interim, final", ["A", "AB"]),
    ("with, then without one force", ["ABC", "BC"]),
    ("without, then with one force", ["BC", "ABC"]),
    ("subgroups that overlap", ["AB", "BC"]),
    ("three looks", ["A", "AB", "ABC"]),
    ("interim, final, final without one force", ["AB", "ABCD", "BD"]),
    ("each force left out in turn", ["ABC", "BC", "AC", "AB"]),
]


def histories(n: int, seed: int) -> list[Case]:
    """Random tables and histories of releases, most of them with small counts."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(n):
        shape = SHAPES[int(rng.integers(len(SHAPES)))]
        _, releases = SCENARIOS[number % len(SCENARIOS)]
        names = sorted(set("".join(releases)))
        means = np.exp(rng.uniform(np.log(1), np.log(60), size=len(names)))
        groups = {
            name: rng.negative_binomial(1.5, 1.5 / (1.5 + mean), size=shape)
            for name, mean in zip(names, means, strict=True)
        }
        made.append(Case(groups, [frozenset(one) for one in releases]))
    return made


def protected(case: Case) -> Seen:
    """What our releases show, to an attacker who sees exact counts: the strongest there is."""
    history, seen = History(), []
    for names in case.releases:
        released = history.release({name: case.groups[name] for name in sorted(names)})
        for sums, hide in zip(case.sums(names), released.hidden.ravel(), strict=True):
            if not hide:
                seen.append((sums, sums @ case.truth, sums @ case.truth))
    return seen


def hiding_small_counts_only(case: Case) -> Seen:
    """A naive releaser: round, and hide what is small. Its attacker knows of the rounding."""
    found = []
    for names in case.releases:
        for sums in case.sums(names):
            found += _rounded(sums, round_count(int(sums @ case.truth)))
    return found


def each_table_alone(case: Case) -> Seen:
    """A better one: every table is protected well, and none remembers the others."""
    found = []
    for names in case.releases:
        table = History()
        released = table.release({"all": sum(case.groups[name] for name in names)})
        for sums, hide in zip(case.sums(names), released.hidden.ravel(), strict=True):
            found += _rounded(sums, None if hide else round_count(int(sums @ case.truth)))
    return found


def _rounded(sums: Floats, shown: int | None) -> Seen:
    return [] if shown is None else [(sums, max(shown - 2, THRESHOLD), shown + 2)]


def recovered(cases: Sequence[Case], releaser: Callable[[Case], Seen], batch: int = 25) -> tuple[int, int]:
    """Attack; return how many small counts were narrowed to less than the threshold, and how many there are."""
    caught = total = 0
    for start in range(0, len(cases), batch):
        attacks = [_Attack(case, releaser(case)) for case in cases[start : start + batch]]
        _attack([one for one in attacks if len(one.targets)])
        caught += sum(one.caught for one in attacks)
        total += sum(len(one.targets) for one in attacks)
    return caught, total


class _Attack:
    """One history under attack: the intervals of its small counts as far as solutions have shown them wide."""

    def __init__(self, case: Case, seen: Seen) -> None:
        self.truth = case.truth
        self.targets = np.array(case.targets()).reshape(-1, len(self.truth))
        self.sums = np.array([sums for sums, _, _ in seen]).reshape(-1, len(self.truth))
        self.least = np.array([low for _, low, _ in seen])
        self.most = np.array([high for _, _, high in seen])
        self.low = self.targets @ self.truth
        self.high = self.low.copy()
        self.open = np.ones(len(self.targets), dtype=bool)
        self.caught = 0

    def learn(self, solution: Floats) -> None:
        values = self.targets @ solution
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)
        self.open &= self.high - self.low < THRESHOLD - 1e-6

    def close(self, target: int) -> None:
        """Its smallest and largest value are known, and it is still narrow."""
        if self.open[target]:
            self.caught += 1
            self.open[target] = False


def _attack(attacks: list[_Attack]) -> None:
    for sign in (-1.0, 1.0):
        _solve(attacks, [sign * one.targets[one.open].sum(axis=0) for one in attacks])
    while attacks := [one for one in attacks if one.open.any()]:
        chosen = [int(np.flatnonzero(one.open)[0]) for one in attacks]
        for sign in (-1.0, 1.0):
            _solve(attacks, [sign * one.targets[at] for one, at in zip(attacks, chosen, strict=True)])
        for one, at in zip(attacks, chosen, strict=True):
            one.close(at)


def _solve(attacks: list[_Attack], targets: list[Floats]) -> None:
    sums = sparse.block_diag([one.sums for one in attacks], format="csr")
    least, most = (np.concatenate([getattr(one, end) for one in attacks]) for end in ("least", "most"))
    exact = least == most
    solved = linprog(
        np.concatenate(targets),
        A_ub=sparse.vstack([sums[~exact], -sums[~exact]]) if (~exact).any() else None,
        b_ub=np.concatenate([most[~exact], -least[~exact]]) if (~exact).any() else None,
        A_eq=sums[exact] if exact.any() else None,
        b_eq=most[exact] if exact.any() else None,
        bounds=(0, MOST),
        method="highs",
    )
    assert solved.x is not None, solved.message
    start = 0
    for one in attacks:
        one.learn(solved.x[start : start + len(one.truth)])
        start += len(one.truth)
