"""What a draw orders: the units of the list, or its clusters, by stratum and with their covariates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import isqrt

from experiments.randomise.scheme import (
    MAY_CLUSTER,
    MAY_STRATUM,
    NEEDS_CLUSTER,
    NEEDS_STRATUM,
    Scheme,
)
from experiments.randomise.units import Problem, Unit

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Things:
    """The list as one scheme draws it."""

    units: Sequence[Unit]
    scheme: Scheme

    @cached_property
    def by_cluster(self) -> bool:
        method = self.scheme.method
        return method in NEEDS_CLUSTER or (method in MAY_CLUSTER and any(unit.cluster for unit in self.units))

    @cached_property
    def by_stratum(self) -> bool:
        method = self.scheme.method
        return method in NEEDS_STRATUM or (method in MAY_STRATUM and any(unit.stratum for unit in self.units))

    @property
    def noun(self) -> str:
        return "clusters" if self.by_cluster else "units"

    def of(self, unit: Unit) -> str:
        """Return what is drawn for a unit: its cluster, or itself."""
        return unit.cluster if self.by_cluster else unit.id

    @cached_property
    def strata(self) -> dict[str, list[str]]:
        """The things of each stratum; both in the order of their code points."""
        found: dict[str, set[str]] = {}
        for unit in self.units:
            found.setdefault(unit.stratum, set()).add(self.of(unit))
        return {stratum: sorted(found[stratum]) for stratum in sorted(found)}

    @cached_property
    def ids(self) -> list[str]:
        """Every thing, in the order of its code points."""
        return sorted({self.of(unit) for unit in self.units})

    @cached_property
    def values(self) -> dict[str, tuple[int, ...]]:
        """Each thing's covariates as whole numbers: every column times the power of ten that clears its decimals.

        Distances and scores divide each covariate by its own spread, so the power of ten drops out of them: they
        are compared as whole numbers, and no machine can round them another way.
        """
        places = [_decimals(unit.value(name) for unit in self.units) for name in self.scheme.covariates]
        return {
            self.of(unit): tuple(
                int(Decimal(unit.value(name)).scaleb(place))
                for name, place in zip(self.scheme.covariates, places, strict=True)
            )
            for unit in self.units
        }


def membership_problems(things: Things) -> list[Problem]:
    """Everything that keeps the columns of this list from saying what the scheme draws."""
    rows = [(unit.row or place, unit) for place, unit in enumerate(things.units, start=1)]
    found = [*_columns(rows, things)]
    if things.by_cluster and not found:
        found += _clusters_in_two_strata(rows) if things.by_stratum else []
        found += _clusters_of_two_values(rows, things)
    return found


def _columns(rows: Sequence[tuple[int, Unit]], things: Things) -> Iterator[Problem]:
    """Find needed columns that are not full, and full columns that the draw would silently ignore."""
    for name, needed in (("stratum", things.by_stratum), ("cluster", things.by_cluster)):
        given = [(row, unit) for row, unit in rows if getattr(unit, name).strip()]
        if needed and len(given) < len(rows):
            have = {row for row, _ in given}
            yield from (
                Problem(row, f"Unit {unit.id} has no {name} (row {row})")
                for row, unit in rows
                if row not in have
            )
        if given and not needed:
            ignored = f"The list gives a {name} but a {things.scheme.method} draw ignores it"
            yield Problem(None, f"{ignored}; leave it out or change method")
    for row, unit in rows:
        for name in things.scheme.covariates:
            if not NUMBER.fullmatch(unit.value(name)):
                yield Problem(row, f"The {name} of unit {unit.id} (row {row}) is not a number such as 12.5")


def _clusters_in_two_strata(rows: Sequence[tuple[int, Unit]]) -> list[Problem]:
    found: list[Problem] = []
    first: dict[str, tuple[int, str]] = {}
    for row, unit in rows:
        earlier, stratum = first.setdefault(unit.cluster, (row, unit.stratum))
        if stratum != unit.stratum:
            both = f"{stratum} (row {earlier}) and {unit.stratum} (row {row})"
            found.append(Problem(row, f"Cluster {unit.cluster} is in two strata: {both}"))
    return found


def _clusters_of_two_values(rows: Sequence[tuple[int, Unit]], things: Things) -> list[Problem]:
    """Find a covariate that differs inside a cluster: it is the cluster that is drawn, so it needs one value."""
    found: list[Problem] = []
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for row, unit in rows:
        for name in things.scheme.covariates:
            value = unit.value(name)
            earlier, kept = first.setdefault((unit.cluster, name), (row, value))
            if Decimal(kept) != Decimal(value):
                both = f"{kept} (row {earlier}) and {value} (row {row})"
                found.append(Problem(row, f"Cluster {unit.cluster} has two values of {name}: {both}"))
    return found


def spread(values: Mapping[str, tuple[int, ...]]) -> list[list[int]]:
    """Return the covariance matrix times n(n − 1), exactly: n sums of products less the products of sums."""
    rows = list(values.values())
    n, columns = len(rows), range(len(rows[0]))
    sums = [sum(row[each] for row in rows) for each in columns]
    return [
        [n * sum(row[one] * row[two] for row in rows) - sums[one] * sums[two] for two in columns]
        for one in columns
    ]


def constant_problems(things: Things) -> list[Problem]:
    """Name each covariate that is the same everywhere: there is nothing to balance."""
    matrix = spread(things.values)
    return [
        Problem(None, f"The covariate {name} is the same for all {things.noun}; leave it out")
        for place, name in enumerate(things.scheme.covariates)
        if matrix[place][place] == 0
    ]


def decimal_text(value: Fraction, *, root: bool = False) -> str:
    """Return a number of 0 or more, or its square root, cut off after six decimals: the same on every machine."""
    scaled = value.numerator * 10**12 // value.denominator
    cut = isqrt(scaled) if root else scaled // 10**6
    return f"{cut // 10**6}.{cut % 10**6:06}"


def _decimals(texts: Iterable[str]) -> int:
    return max(len(text.partition(".")[2]) for text in texts)
