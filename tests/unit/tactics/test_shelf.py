"""The shelf answers what lists ask, as a plain search through all tactics would."""

import random
from typing import Any

import numpy as np
import pytest

from tactics.shelf import Column, Hits, Shelf

PROBLEMS = ("burglary", "robbery", "violence")
VALUES: dict[str, tuple[str, ...]] = {
    "setting": ("homes", "shops", ""),
    "strength": ("", "0", "1", "2", "3", "4", "5"),
    "cost": ("", "1", "2", "3", "4", "5"),
    "tested": ("now", "none"),
}


def made(n: int, seed: int = 1) -> tuple[Shelf, list[dict[str, Any]]]:
    """Return a shelf of `n` tactics, and the tactics as they would be read one by one."""
    draw = random.Random(seed)
    keys = draw.sample(range(1, 10 * n + 1), n)
    rows: list[dict[str, Any]] = [
        {
            "key": key,
            "problems": draw.sample(PROBLEMS, draw.randint(0, 2)),
            "best": draw.randint(0, 4),
            "newest": float(draw.randint(0, 9)),
            **{name: draw.choice(values) for name, values in VALUES.items()},
        }
        for key in keys
    ]
    answered = [(place, slug) for place, row in enumerate(rows) for slug in row["problems"]]
    shelf = Shelf(
        keys=np.array(keys, dtype=np.int64),
        columns={name: Column.of([row[name] for row in rows]) for name in VALUES},
        answered=np.array([place for place, _ in answered], dtype=np.int64),
        problems=Column.of([slug for _, slug in answered]),
        best=np.array([row["best"] for row in rows], dtype=np.int64),
        newest=np.array([row["newest"] for row in rows], dtype=np.float64),
    )
    return shelf, rows


def passes(row: dict[str, Any], name: str, value: str) -> bool:
    if name == "problem":
        return value in row["problems"]
    if name == "strength":
        return row[name] != "" and int(row[name]) >= int(value)
    if name == "cost":
        return row[name] != "" and int(row[name]) <= int(value)
    return bool(row[name] == value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("problem", "robbery"), ("problem", "fraud"), ("setting", "homes"), ("strength", "3"), ("cost", "2")],
)
def test_a_filter_passes_what_a_plain_search_passes(name: str, value: str) -> None:
    shelf, rows = made(200)
    assert shelf.passing(name, value).tolist() == [passes(row, name, value) for row in rows]


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_a_plain_search(seed: int) -> None:
    shelf, rows = made(200, seed)
    among = shelf.passing("tested", "now")
    left = [row for row in rows if row["tested"] == "now"]
    for name in ("setting", "strength", "cost"):
        expected = {value: sum(row[name] == value for row in left) for value in VALUES[name] if value}
        assert shelf.counts(name, among) == {value: n for value, n in expected.items() if n}
    answered = {slug: sum(slug in row["problems"] for row in left) for slug in PROBLEMS}
    assert shelf.counts("problem", among) == {slug: n for slug, n in answered.items() if n}


def test_order_is_by_score_then_rating_then_name() -> None:
    shelf, rows = made(100)
    scores = np.array([row["key"] % 3 for row in rows], dtype=np.int64)
    by_name = range(len(rows))
    best = sorted(by_name, key=lambda place: (-scores[place], rows[place]["best"], place))
    assert shelf.ordered(shelf.everything, scores=scores) == [rows[place]["key"] for place in best]
    rated = sorted(by_name, key=lambda place: (rows[place]["best"], place))
    assert shelf.ordered(shelf.everything, "rated", scores) == [rows[place]["key"] for place in rated]
    strong = sorted(by_name, key=lambda place: (-int(rows[place]["strength"] or -1), place))
    assert shelf.ordered(shelf.everything, "strength") == [rows[place]["key"] for place in strong]
    cheap = sorted(by_name, key=lambda place: (int(rows[place]["cost"] or 99), place))
    assert shelf.ordered(shelf.everything, "cost") == [rows[place]["key"] for place in cheap]
    new = sorted(by_name, key=lambda place: (-rows[place]["newest"], place))
    assert shelf.ordered(shelf.everything, "newest") == [rows[place]["key"] for place in new]
    assert shelf.ordered(shelf.passing("tested", "now"), "name") == [
        row["key"] for row in rows if row["tested"] == "now"
    ]


def test_scores_add_up_and_leave_out_who_is_not_on_the_shelf() -> None:
    shelf, rows = made(50)
    first, second = rows[0]["key"], rows[1]["key"]
    scores = shelf.scores([Hits.of({first: 103, 9_999: 101}), Hits.of({first: 101, second: 102})])
    assert scores[:3].tolist() == [204, 102, 0]
    assert int(scores.sum()) == 306


def test_an_empty_shelf_answers_nothing() -> None:
    shelf, _ = made(0)
    assert len(shelf) == 0
    assert shelf.ordered(shelf.everything) == []
    assert shelf.ordered(shelf.everything, "strength") == []
    assert shelf.counts("problem", shelf.everything) == {}
    assert shelf.scores([Hits.of({1: 101})]).tolist() == []
    assert shelf.passing("strength", "3").tolist() == []
