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


def has_people(document: Document, subjects: Mapping[str, str]) -> bool:
    """Return whether any of it is about people."""
    return any(is_about_people(row, subjects) for row in document["estimates"])


def is_rows_hidden(document: Document, subjects: Mapping[str, str], policy: Policy) -> bool:
    """Return whether the rows read are not shown: an estimate, or all together, left out only a few people of them."""
    read = document.get("data", {}).get("rows")
    if not isinstance(read, int) or not has_people(document, subjects):
        return False
    used = [document["data"].get("rows_used"), *(row["n_obs"] for row in document["estimates"])]
    return any(isinstance(n, int) and 0 < abs(read - n) < policy.threshold for n in used)
