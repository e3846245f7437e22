"""Ten thousand trials as they might come, and not one small count in what is released of them.

The reader of the released documents is written apart from the rules: any whole number under any key is looked at, and
what two of them leave by subtraction.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from experiments.disclosure import Policy, check_document, is_blocked, released_document
from tests.unit.experiments.disclosure.test_documents import ROW

PEOPLE = {"calls": "person", "harm": "incident"}
SIZES = ("a", "b", "c")
# Whole numbers that are no counts of anybody.
STATED = frozenset(
    {"result_version", "conf_level", "df", "threshold", "rounding_base", "significant_figures", "seed"}
)


def trial(rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, int]]:
    """A result document with small numbers in many places, and the sizes of its arms."""
    sizes = {
        arm: int(n) for arm, n in zip(SIZES, np.exp(rng.uniform(2, 6.5, size=3)).astype(int), strict=True)
    }
    if rng.random() < 0.7:
        sizes.pop("c")
    lost = {arm: int(min(n, rng.poisson(rng.choice([0.3, 4, 20])))) for arm, n in sizes.items()}
    read = sum(sizes.values())
    estimates = []
    for number in range(int(rng.integers(1, 4))):
        used = {
            arm: max(1, n - lost[arm] - int(rng.poisson(rng.choice([0.0, 2.0, 15.0]))))
            for arm, n in sizes.items()
        }
        n_units = sum(used.values())
        estimates.append(
            {**ROW, "id": f"H{number}", "outcome": str(rng.choice(["calls", "calls", "harm"])), "n_units": n_units,
             "n_obs": n_units, "n_treated": n_units - used["a"], "n_clusters": int(rng.integers(3, 60)),
             "df": float(rng.integers(4, 200))}
        )  # fmt: skip
    used_most = max(row["n_obs"] for row in estimates)
    shares = {f"lost_{arm}": lost[arm] / sizes[arm] for arm in sizes}
    checks = {
        "sample_ratio": {"statistic": 1.2, "verdict": "ok", "explanation": "…",
                         "rows": [{"arm": arm, "n": n, "share": n / read} for arm, n in sizes.items()]},
        "allocation_match": {"statistic": None, "verdict": "ok", "explanation": "…", "rows": [
            {"registered": arm, "analysed": other, "n_obs": n, "n_units": n}
            for (arm, size), other in itertools.product(sizes.items(), sizes)
            for n in [size if arm == other else int(rng.poisson(2))] if n]},
        "attrition": {"statistic": max(shares.values()), "verdict": "ok", "explanation": "…", "rows": [
            {"outcome": "calls", "level": "units", "overall": sum(lost.values()) / read,
             "differential": max(shares.values()) - min(shares.values()), **shares}]},
    }  # fmt: skip
    return {
        "result_version": 1, "estimates": estimates, "checks": checks,
        "data": {"sha256": "a" * 64, "rows": read, "rows_used": used_most,
                 "rows_dropped": [{"reason": "missing", "count": read - used_most}] if read > used_most else []},
        "plan_sha256": "b" * 64, "provenance": {},
    }, sizes  # fmt: skip


def whole_numbers(value: Any, key: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in STATED:
                yield from whole_numbers(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from whole_numbers(inner, key)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield key, value


def small_counts(exact: dict[str, Any], released: dict[str, Any], sizes: dict[str, int]) -> list[str]:
    """What an attacker reads, subtracts or multiplies out of a released document."""
    read = [f"{key} {n}" for key, n in whole_numbers(released) if n < 10 or n % 5]
    return [
        *read,
        *_subtracted(exact, released),
        *_multiplied(released, sizes),
        *_by_the_total(exact, released),
    ]


def _is_small_between(one: Any, other: Any, true: int, also: int) -> bool:
    return one is not None and other is not None and 0 < abs(true - also) < 10


def _subtracted(exact: dict[str, Any], released: dict[str, Any]) -> Iterator[str]:
    pairs = list(zip(released["estimates"], exact["estimates"], strict=True))
    for row, true in pairs:
        if _is_small_between(row["n_units"], row["n_treated"], true["n_units"], true["n_treated"]):
            yield f"untreated of {row['id']}"
    for (one, true), (other, also) in itertools.combinations(pairs, 2):
        for key in ("n_units", "n_obs", "n_treated"):
            is_small = _is_small_between(one[key], other[key], true[key], also[key])
            if is_small and one["outcome"] == other["outcome"]:
                yield f"{key} of {one['id']} less {other['id']}"
    read, used = ([document["data"][key] for document in (released, exact)] for key in ("rows", "rows_used"))
    if _is_small_between(read[0], used[0], read[1], used[1]):
        yield "rows less rows used"
    for row, true in pairs:
        if _is_small_between(read[0], row["n_obs"], read[1], true["n_obs"]):
            yield f"rows less those of {row['id']}"


def _multiplied(released: dict[str, Any], sizes: dict[str, int]) -> Iterator[str]:
    for row in released["checks"]["sample_ratio"]["rows"]:
        if row["share"] is not None and row["share"] * sum(sizes.values()) < 9.5:
            yield f"share of {row['arm']}"
    for arm, n in sizes.items():
        share = released["checks"]["attrition"]["rows"][0][f"lost_{arm}"]
        if share is not None and 0 < round(share * n) < 10:
            yield f"lost of {arm}"


def _by_the_total(exact: dict[str, Any], released: dict[str, Any]) -> Iterator[str]:
    for name, key in (("sample_ratio", "n"), ("allocation_match", "n_units")):
        rows = list(zip(released["checks"][name]["rows"], exact["checks"][name]["rows"], strict=True))
        hidden = [true[key] for row, true in rows if row[key] is None]
        if hidden and sum(hidden) < 10:
            yield f"{name}: what is hidden, subtracted from the total"


def released_trials(n: int, seed: int, policy: Policy) -> tuple[int, list[str]]:
    """How many trials could be released, and every small count that was found in them."""
    rng, released, found = np.random.default_rng(seed), 0, []
    for _ in range(n):
        made, sizes = trial(rng)
        if is_blocked(check_document(made, subjects=PEOPLE, sizes=sizes, policy=policy)):
            continue
        released += 1
        found += small_counts(
            made, released_document(made, subjects=PEOPLE, sizes=sizes, policy=policy), sizes
        )
    return released, found


@pytest.mark.slow
def test_no_small_count_in_a_thousand_released_trials() -> None:
    released, found = released_trials(1000, 20261127, Policy())
    assert released > 300
    assert found == []


@pytest.mark.bench
def test_no_small_count_in_ten_thousand_generated_trials() -> None:
    released, found = released_trials(10_000, 7, Policy())
    assert released > 3000
    assert found == []


def test_the_same_reader_finds_them_where_nothing_is_protected() -> None:
    released, found = released_trials(200, 20261127, Policy(threshold=1, residual_df=1))
    assert len(found) > released / 2
