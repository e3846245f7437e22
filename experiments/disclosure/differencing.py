"""A new release against all earlier ones of its trial: whom they count differs by nobody, or by enough people.

Two looks. `check_differences` compares the counts that the documents carry. `check_groups` knows who is counted, and
puts all releases together: three that each differ by many may still, together, count a few apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.disclosure.check_rows import COUNTS
from experiments.disclosure.counts import Document, Row, is_about_people, is_near
from experiments.disclosure.feasible import Room
from experiments.disclosure.policy import DEFAULT, Concern, Policy

_SAID = {
    "n_units": "units",
    "n_obs": "rows",
    "n_treated": "treated units",
    "n_untreated": "untreated units",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """Who is counted by a release: for each outcome, the units of each arm that have it."""

    name: str
    units: Mapping[str, Mapping[str, frozenset[str]]]


def check_differences(
    document: Document,
    earlier: Sequence[tuple[str, Document]],
    *,
    subjects: Mapping[str, str],
    policy: Policy = DEFAULT,
) -> list[Concern]:
    """Find numbers that differ from an earlier release of the trial by a few people.

    Subtracting one from the other would show those few.

    Parameters
    ----------
    earlier : name and result document (counts exact) of every earlier release of the trial.
    """
    found = []
    for name, other in earlier:
        for row in _made(document, subjects):
            for old in _made(other, subjects):
                if old["outcome"] == row["outcome"] and (key := is_near(row, old, policy)):
                    message = f"Fewer than {policy.threshold} {_SAID[key]} apart from {old['id']} of {name}"
                    found.append(Concern("differencing", f"estimates/{row['id']}", message, blocks=True))
        found += _check_rows(document, name, other, policy)
    return found


def check_groups(
    new: Counted, earlier: Sequence[Counted], *, subjects: Mapping[str, str], policy: Policy = DEFAULT
) -> list[Concern]:
    """Find groups of fewer people than the threshold that the new release and all earlier ones, together, count apart.

    Parameters
    ----------
    new, earlier : who is counted by each release.

    Notes
    -----
    The units are split into the groups that no release splits further; each release counts some of them together.
    A small group is found where a linear programme over all of these counts, arm by arm, leaves it an interval
    narrower than the threshold.
    """
    found = []
    for outcome, arms in new.units.items():
        others = [one for one in earlier if outcome in one.units]
        if not others or not is_about_people({"outcome": outcome}, subjects):
            continue
        names = ", ".join(one.name for one in others)
        for arm, mine in sorted(arms.items()):
            theirs = [one.units[outcome].get(arm, frozenset()) for one in others]
            where = f"outcomes/{outcome}"
            if _gives_away([mine, *theirs], policy):
                message = f"Fewer than {policy.threshold} people in {arm} are told apart by this and {names}"
                found.append(Concern("differencing", where, message, blocks=True))
            elif any(_is_few(mine - other, policy) or _is_few(other - mine, policy) for other in theirs):
                message = f"A few people in {arm} are counted by one of this and {names} and not by another"
                found.append(Concern("differencing-unseen", where, message, blocks=False))
    return found


def _is_few(group: frozenset[str], policy: Policy) -> bool:
    return 0 < len(group) < policy.threshold


def _gives_away(sets: Sequence[frozenset[str]], policy: Policy) -> bool:
    """Return whether the sizes of the sets, all known, pin down a small group of some and not of others."""
    if len(sets) < 2 or not any(sets):
        return False
    member = Counter(tuple(unit in one for one in sets) for unit in frozenset().union(*sets))
    kinds = sorted(member)
    counts = np.array([*(member[kind] for kind in kinds), *(len(one) for one in sets)], dtype=np.int64)
    n = len(kinds)
    lines = [
        [*(at for at in range(n) if kinds[at][number]), n + number] for number, one in enumerate(sets) if one
    ]
    hidden = np.arange(len(counts)) < n
    small = np.flatnonzero(hidden & (counts < policy.threshold))
    return Room(counts, lines).narrow(small, hidden, policy.threshold) is not None


def _made(document: Document, subjects: Mapping[str, str]) -> Iterator[Row]:
    return (row for row in document["estimates"] if row["status"] == "ok" and is_about_people(row, subjects))


def _check_rows(document: Document, name: str, other: Document, policy: Policy) -> Iterator[Concern]:
    """Counts in the rows of the checks, by what each row is about."""
    old = dict(_labelled(other))
    for (where, label, key), n in _labelled(document):
        before = old.get((where, label, key))
        if before is not None and 0 < abs(n - before) < policy.threshold:
            message = f"{key} is fewer than {policy.threshold} apart from {name}"
            yield Concern("differencing", f"checks/{where}/{'/'.join(label)}", message, blocks=True)


def _labelled(document: Document) -> Iterator[tuple[tuple[str, tuple[str, ...], str], int]]:
    for check, body in document.get("checks", {}).items():
        for row in body.get("rows", ()):
            label = tuple(str(value) for _, value in sorted(row.items()) if isinstance(value, str))
            for key in sorted(COUNTS & row.keys()):
                if isinstance(value := row[key], int):
                    yield (check, label, key), value
