"""The counts that a result document carries beside its estimates: none may give a few people away by subtraction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.disclosure.policy import PEOPLE, Policy

Document = Mapping[str, Any]
Row = Mapping[str, Any]
OF_AN_ESTIMATE = ("n_obs", "n_units", "n_treated")


def is_about_people(row: Row, subjects: Mapping[str, str]) -> bool:
    """Return whether an estimate is about people; an outcome that is not named is taken to be."""
    return subjects.get(row["outcome"], "person") in PEOPLE


def numbers(row: Row) -> dict[str, int]:
    """Return the counts of data subjects of an estimate that was made, the untreated among them."""
    return {
        **{name: row[name] for name in OF_AN_ESTIMATE},
        "n_untreated": row["n_units"] - row["n_treated"],
    }


def is_near(one: Row, other: Row, policy: Policy) -> str | None:
    """Return which of the counts of two estimates differ, but by fewer than the threshold."""
    mine, theirs = numbers(one), numbers(other)
    near = [name for name, n in mine.items() if 0 < abs(n - theirs[name]) < policy.threshold]
    return near[0] if near else None


def hidden_counts(document: Document, subjects: Mapping[str, str], policy: Policy) -> frozenset[str]:
    """Find the estimates whose counts are not shown: an earlier one of the same outcome has almost the same.

    The difference would be a small count: those left out of one of them.
    """
    hidden: set[str] = set()
    shown: list[Row] = []
    for row in document["estimates"]:
        if row["status"] != "ok" or not is_about_people(row, subjects):
            continue
        if any(one["outcome"] == row["outcome"] and is_near(one, row, policy) for one in shown):
            hidden.add(row["id"])
        else:
            shown.append(row)
    return frozenset(hidden)


def is_rows_used_hidden(document: Document, subjects: Mapping[str, str], policy: Policy) -> bool:
    """Return whether the rows used differ from the rows read by so few people that one of the two is not shown."""
    if not any(is_about_people(row, subjects) for row in document["estimates"]):
        return False
    data = document.get("data", {})
    read, used = data.get("rows"), data.get("rows_used")
    return isinstance(read, int) and isinstance(used, int) and 0 < read - used < policy.threshold
