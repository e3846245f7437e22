"""The result document as it is released: rounded, and without small counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.disclosure.check_rows import COUNTS, hidden_in_checks, shown_check
from experiments.disclosure.counts import (
    OF_AN_ESTIMATE,
    Document,
    Row,
    has_people,
    hidden_counts,
    is_about_people,
    is_rows_hidden,
)
from experiments.disclosure.policy import DEFAULT, Policy
from experiments.disclosure.rounding import round_count, round_significant

# Stated by the plan or the software, not learnt from the data.
AS_STATED = frozenset({"conf_level", "result_version", "seed", "seconds", "threads", "level"})


def released_document(
    document: Document,
    *,
    subjects: Mapping[str, str],
    sizes: Mapping[str, int] | None = None,
    exception: str = "",
    policy: Policy = DEFAULT,
) -> dict[str, Any]:
    """Round a result document for release.

    Effects, errors and test results go to significant figures; counts of people to the rounding base, and below
    the threshold they become null. Counts of places and forces stay exact, where the release carries the reason
    for the exception.

    Parameters
    ----------
    document, subjects, sizes, exception : as for `experiments.disclosure.check_document`.
    """
    are_people = has_people(document, subjects)
    shown = {**document, "checks": _checks(document, sizes or {}, policy)} if are_people else document
    rounded: dict[str, Any] = _rounded(shown, policy, about_people=True)
    near = hidden_counts(document, subjects, policy)
    rounded["estimates"] = [
        _rounded(
            _without_counts(row) if row["id"] in near else row,
            policy,
            about_people=is_about_people(row, subjects),
        )
        for row in document["estimates"]
    ]
    for name in ("rows", "rows_used"):
        if isinstance(count := document.get("data", {}).get(name), int):
            rounded["data"][name] = round_count(count, policy)
    if is_rows_hidden(document, subjects, policy):
        rounded["data"]["rows"] = None
    rounded["provenance"] = document.get("provenance", {})
    rounded["disclosure"] = {
        "threshold": policy.threshold,
        "rounding_base": policy.rounding_base,
        "significant_figures": policy.significant_figures,
        "exception": exception.strip() or None,
    }
    if policy.version:
        rounded["disclosure"]["policy_version"] = policy.version
    return rounded


def _checks(document: Document, sizes: Mapping[str, int], policy: Policy) -> dict[str, Any]:
    hidden = hidden_in_checks(document, sizes, policy)
    return {name: shown_check(check, hidden[name]) for name, check in document.get("checks", {}).items()}


def _without_counts(row: Row) -> dict[str, Any]:
    return {**row, **dict.fromkeys(OF_AN_ESTIMATE)}


def _rounded(value: Any, policy: Policy, *, about_people: bool, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {k: _rounded(inner, policy, about_people=about_people, key=k) for k, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner, policy, about_people=about_people) for inner in value]
    if key in COUNTS and isinstance(value, int) and about_people:
        return round_count(value, policy)
    if isinstance(value, float) and key not in AS_STATED:
        return round_significant(value, policy.significant_figures)
    return value
