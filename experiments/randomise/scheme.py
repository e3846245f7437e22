"""The scheme of an allocation: which method, which arms, in which ratio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from experiments.randomise.units import Problem, Unit, unacceptable

Method = Literal["complete", "stratified", "cluster", "stratified_cluster"]
METHODS: tuple[Method, ...] = get_args(Method)
MAX_RATIO = 1000


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm and its whole-number share of the units."""

    label: str
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is drawn and how. The order of the arms matters: the first arm takes the lowest tags."""

    method: Method
    arms: tuple[Arm, ...]

    @property
    def by_stratum(self) -> bool:
        return self.method in ("stratified", "stratified_cluster")

    @property
    def by_cluster(self) -> bool:
        return self.method in ("cluster", "stratified_cluster")

    @property
    def probabilities(self) -> dict[str, Fraction]:
        """Each unit's exact probability of each arm, the same in every stratum and for every cluster."""
        total = sum(arm.ratio for arm in self.arms)
        return {arm.label: Fraction(arm.ratio, total) for arm in self.arms}


def scheme_problems(scheme: Scheme) -> list[Problem]:
    """Everything wrong with the scheme, whatever the list."""
    return [Problem(None, message) for message in _scheme_messages(scheme)]


def _scheme_messages(scheme: Scheme) -> Iterator[str]:
    if scheme.method not in METHODS:
        yield f"Unknown method '{scheme.method}'; choose one of {', '.join(METHODS)}"
    yield from arm_messages(scheme.arms)


def arm_messages(arms: Sequence[Arm]) -> Iterator[str]:
    """Yield what is wrong with the arms of any scheme."""
    if len(arms) < 2:
        yield "Add at least two arms"
    for label, times in Counter(arm.label for arm in arms).items():
        if times > 1:
            yield f"Arm '{label}' appears {times} times"
    for arm in arms:
        yield from _arm_messages(arm)


def _arm_messages(arm: Arm) -> Iterator[str]:
    if not arm.label.strip():
        yield "Each arm needs a name"
    elif reason := unacceptable(arm.label):
        yield f"The name of an arm {reason}"
    if isinstance(arm.ratio, bool) or not isinstance(arm.ratio, int):
        yield "Each arm's share must be a whole number"
    elif arm.ratio < 1:
        yield "Each arm needs a share above 0"
    elif arm.ratio > MAX_RATIO:
        yield f"Each arm's share must be {MAX_RATIO:,} or less"


def fit_problems(units: Sequence[Unit], scheme: Scheme) -> list[Problem]:
    """Everything that keeps this list from being drawn by this scheme."""
    rows = [(unit.row or position, unit) for position, unit in enumerate(units, start=1)]
    found = [*_membership_problems(rows, scheme)]
    if scheme.by_cluster and not found:
        found += _clusters_in_two_strata(rows) if scheme.by_stratum else []
    return found or _size_problems(units, scheme)


def _membership_problems(rows: Sequence[tuple[int, Unit]], scheme: Scheme) -> Iterator[Problem]:
    """Find needed columns that are not full, and full columns that the draw would silently ignore."""
    for name, needed in (("stratum", scheme.by_stratum), ("cluster", scheme.by_cluster)):
        given = [(row, unit) for row, unit in rows if getattr(unit, name).strip()]
        if needed and len(given) < len(rows):
            have = {row for row, _ in given}
            yield from (
                Problem(row, f"Unit {unit.id} has no {name} (row {row})")
                for row, unit in rows
                if row not in have
            )
        if given and not needed:
            ignored = f"The list gives a {name} but a {scheme.method} draw ignores it"
            yield Problem(None, f"{ignored}; leave it out or change method")


def _clusters_in_two_strata(rows: Sequence[tuple[int, Unit]]) -> list[Problem]:
    found: list[Problem] = []
    first: dict[str, tuple[int, str]] = {}
    for row, unit in rows:
        earlier, stratum = first.setdefault(unit.cluster, (row, unit.stratum))
        if stratum != unit.stratum:
            both = f"{stratum} (row {earlier}) and {unit.stratum} (row {row})"
            found.append(Problem(row, f"Cluster {unit.cluster} is in two strata: {both}"))
    return found


def _size_problems(units: Sequence[Unit], scheme: Scheme) -> list[Problem]:
    """Every stratum needs at least as many things to draw as there are arms."""
    drawn = "clusters" if scheme.by_cluster else "units"
    identifiers = {(unit.stratum, unit.cluster if scheme.by_cluster else unit.id) for unit in units}
    arms = len(scheme.arms)
    if not scheme.by_stratum:
        if len(identifiers) >= arms:
            return []
        return [Problem(None, f"{arms} arms need at least {arms} {drawn}; the list has {len(identifiers)}")]
    sizes = Counter(stratum for stratum, _ in identifiers)
    small = sorted(stratum for stratum, size in sizes.items() if size < arms)
    if not small:
        return []
    strata = "1 stratum leaves" if len(sizes) == 1 else f"{len(sizes)} strata leave"
    few = "1 stratum" if len(small) == 1 else f"{len(small)} strata"
    named = ", ".join(small[:10]) + (", …" if len(small) > 10 else "")
    return [
        Problem(None, f"{strata} fewer than {arms} {drawn} in {few}"),
        Problem(None, f"Merge or drop the small strata: {named}"),
    ]
