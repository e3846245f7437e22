"""The result document as it is released: rounded, and without small counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.disclosure.estimates import COUNTS, Document
from experiments.disclosure.policy import DEFAULT, PEOPLE, Policy
from experiments.disclosure.rounding import round_count, round_significant

# Stated by the plan or the software, not learnt from the data.
AS_STATED = frozenset({"conf_level", "result_version", "seed", "seconds", "threads", "level"})


def released_document(
    document: Document, *, subjects: Mapping[str, str], exception: str = "", policy: Policy = DEFAULT
) -> dict[str, Any]:
    """Round a result document for release.

    Effects, errors and test results go to significant figures; counts of people to the rounding base, and below
    the threshold they become null. Counts of places and forces stay exact, where the release carries the reason
    for the exception.

    Parameters
    ----------
    document, subjects, exception : as for `experiments.disclosure.check_document`.
    """
    rounded: dict[str, Any] = _rounded(document, policy, about_people=True)
    rows = document["estimates"]
    rounded["estimates"] = [
        _rounded(row, policy, about_people=subjects.get(row["outcome"], "person") in PEOPLE) for row in rows
    ]
    for name in ("rows", "rows_used"):
        if isinstance(count := document.get("data", {}).get(name), int):
            rounded["data"][name] = round_count(count, policy)
    rounded["provenance"] = document.get("provenance", {})
    rounded["disclosure"] = {
        "threshold": policy.threshold,
        "rounding_base": policy.rounding_base,
        "significant_figures": policy.significant_figures,
        "exception": exception.strip() or None,
    }
    return rounded


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
