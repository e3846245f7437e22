"""The checks of a result document: counts that add up to what is known, and shares that give counts away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from experiments.disclosure.counts import Document, Row
from experiments.disclosure.policy import DEFAULT, Concern, Policy
from experiments.disclosure.rates import check_share
from experiments.disclosure.suppression import hidden_cells

COUNTS = frozenset({"n", "count", "n_obs", "n_units", "n_clusters", "n_treated", "n_control"})
LOST = "lost_"
LEFT_OUT = ("cluster", "estimate")
Places = frozenset[tuple[int, str]]  # the place of a row and a key of it
HIDDEN_WORDS = "Small numbers of this check are not released."


def hidden_in_checks(
    document: Document, sizes: Mapping[str, int], policy: Policy = DEFAULT
) -> dict[str, Places]:
    """Find, in every check of a document about people, the numbers that may not be shown."""
    found = {}
    for name, check in document.get("checks", {}).items():
        few = frozenset(_left_out(document, check, policy)) if name == "leave_one_out" else frozenset()
        found[name] = hidden_numbers(name, check, sizes, policy) | few
    return found


def hidden_numbers(
    name: str, check: Mapping[str, Any], sizes: Mapping[str, int], policy: Policy = DEFAULT
) -> Places:
    """Find the numbers of one check that may not be shown, as the place of the row and the key.

    Parameters
    ----------
    name : of the check.
    check : as the engine made it, exact.
    sizes : how many units were assigned to each arm.

    Notes
    -----
    The counts of the rows are taken as parts of a total that is known: a small one takes a second with it. Where a
    count goes, the shares of all rows go, because they are counts under another name.
    """
    rows: list[Row] = list(check.get("rows", ()))
    keys = [key for key in sorted(COUNTS) if any(_is_count(row.get(key)) for row in rows)]
    hidden = {found for key in keys for found in _column(rows, key, policy)}
    if hidden:
        hidden |= {(place, "share") for place, row in enumerate(rows) if "share" in row}
    if name == "attrition":
        hidden |= set(_losses(rows, sizes, policy))
    if name == "dose":
        hidden |= set(_below_floor(rows, sizes, policy))
    return frozenset(hidden)


def shown_check(check: Mapping[str, Any], hidden: Places) -> dict[str, Any]:
    """Return the check without the numbers that may not be shown, nor words that may repeat them."""
    if not hidden:
        return dict(check)
    rows = [
        {key: None if (place, key) in hidden else value for key, value in row.items()}
        for place, row in enumerate(check["rows"])
    ]
    is_of_them = any(key.startswith(LOST) or key == "cluster" for _, key in hidden)
    statistic = None if is_of_them else check.get("statistic")
    return {**check, "rows": rows, "statistic": statistic, "explanation": HIDDEN_WORDS}


def small_counts(check: Mapping[str, Any], policy: Policy) -> Places:
    """Find the counts below the threshold, which rounding hides, whatever they count."""
    return frozenset(
        (place, key)
        for place, row in enumerate(check.get("rows", ()))
        for key in COUNTS & row.keys()
        if _is_count(row[key]) and row[key] < policy.threshold
    )


def hidden_concerns(name: str, hidden: Places, policy: Policy) -> Iterator[Concern]:
    """Say which numbers are hidden, for the checkers."""
    for place, key in sorted(hidden):
        rule = "small-cell" if key in COUNTS else "differencing" if key in LEFT_OUT else "share-small"
        message = f"{key} is hidden in the release: fewer than {policy.threshold}, or it would give such a count away"
        yield Concern(rule, f"checks/{name}/rows/{place}", message, blocks=False)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _column(rows: list[Row], key: str, policy: Policy) -> Iterator[tuple[int, str]]:
    places = [place for place, row in enumerate(rows) if _is_count(row.get(key))]
    counts = np.array([rows[place][key] for place in places], dtype=np.int64)
    cells = np.append(counts, counts.sum())
    # The total itself is told elsewhere in the document: it cannot be hidden here.
    known = np.append(np.zeros(len(places), dtype=bool), True)
    hidden = hidden_cells(cells, [range(len(cells))], policy, released=known)
    return ((place, key) for place, hide in zip(places, hidden, strict=False) if hide)


def _losses(rows: list[Row], sizes: Mapping[str, int], policy: Policy) -> Iterator[tuple[int, str]]:
    """Shares of units without an outcome. That nobody was lost, or everybody, says nothing of a person."""
    small = [
        place
        for place, row in enumerate(rows)
        if any(
            _is_small(row[key], sizes.get(key.removeprefix(LOST)), policy)
            for key in row
            if key.startswith(LOST)
        )
    ]
    for place in small:
        yield from ((place, key) for key in rows[place] if key.startswith(LOST))
        yield from ((place, key) for key in ("overall", "differential"))
    if small:  # what Lee's bounds trim is the difference of two losses
        yield from ((place, "trimmed") for place, row in enumerate(rows) if "trimmed" in row)


def _below_floor(rows: list[Row], sizes: Mapping[str, int], policy: Policy) -> Iterator[tuple[int, str]]:
    """Shares of units that got less than the floor."""
    for place, row in enumerate(rows):
        share = row.get("below_floor")
        if share is not None and _is_small(share, sizes.get(str(row.get("arm"))), policy):
            yield place, "below_floor"


def _left_out(document: Document, check: Mapping[str, Any], policy: Policy) -> Iterator[tuple[int, str]]:
    """Estimates without one cluster, where a cluster is few people: beside the whole they tell of those few."""
    made = {row["id"]: row for row in document["estimates"] if row["status"] == "ok"}
    for place, row in enumerate(check.get("rows", ())):
        whole = made.get(row.get("id"))
        if whole is None or whole["n_units"] < policy.threshold * whole["n_clusters"]:
            yield from ((place, key) for key in LEFT_OUT)


def _is_small(share: float, size: int | None, policy: Policy) -> bool:
    if share == 0:
        return False
    if size is None:
        return True  # of how many is not known, so it is not known to be enough
    part = round(share * size)
    return bool(check_share(part, size, where="", is_sensitive=False, policy=policy))
