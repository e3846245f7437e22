"""Histories of releases: known answers, and what cannot be a history."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.disclosure import History, Policy


def shown(history: History, groups: dict[str, list[int]]) -> list[int | None]:
    released = history.release(groups)
    return [None if hide else int(n) for n, hide in zip(released.counts, released.hidden, strict=True)]


def test_a_final_table_that_adds_a_few_to_the_interim_one() -> None:
    """Three more with the first outcome: its final count goes, and one more, lest the total give it back."""
    history = History()
    assert shown(history, {"interim": [40, 50, 60]}) == [40, 50, 60, 150]
    final = shown(history, {"interim": [40, 50, 60], "since": [3, 20, 30]})
    assert final[0] is None
    assert sum(n is None for n in final) == 2


def test_a_final_table_that_adds_enough() -> None:
    history = History()
    history.release({"interim": [40, 50, 60]})
    assert shown(history, {"interim": [40, 50, 60], "since": [10, 20, 30]}) == [50, 70, 90, 210]


def test_the_same_table_again_is_the_same() -> None:
    history = History()
    first = history.release({"A": [3, 40, 25]})
    assert history.release({"A": [3, 40, 25]}) is first


def test_one_force_less() -> None:
    """Force A has 4 of the first outcome: with all shown before, the table without A shows what does not give it."""
    history = History()
    assert shown(history, {"A": [4, 30], "B": [50, 60]}) == [54, 90, 144]
    assert shown(history, {"B": [50, 60]})[0] is None


def test_a_group_that_is_told_apart_later() -> None:
    history = History()
    history.release({"all": [54, 90]})
    history.split("all", {"A": [4, 30], "B": [50, 60]})
    assert shown(history, {"B": [50, 60]})[0] is None
    with pytest.raises(ValueError, match=r"^the parts do not add up to group 'A'$"):
        history.split("A", {"x": [1, 1], "y": [1, 1]})
    with pytest.raises(ValueError, match=r"^group 'C' is not known$"):
        history.split("C", {"x": [1, 1]})


def test_three_dimensions() -> None:
    counts = np.full((2, 2, 2), 30)
    counts[0, 0, 0] = 4
    released = History().release({"A": counts})
    assert released.hidden.shape == (3, 3, 3)
    assert released.hidden[:2, :2, :2].all()  # the corners of a cube
    assert not released.hidden[2, 2, 2]


def test_what_cannot_be() -> None:
    history = History(Policy())
    history.release({"A": [20, 30]})
    for groups, message in (
        ({}, "^a table counts at least one group$"),
        ({"B": [-1, 2]}, "^group 'B': a table holds counts of 0 or more$"),
        ({"B": []}, "^group 'B': a table holds counts of 0 or more$"),
        ({"B": 7}, "^group 'B': a table holds counts of 0 or more$"),
        ({"A": [20, 31]}, "counted otherwise before"),
        ({"B": [1, 2, 3]}, "another shape"),
    ):
        with pytest.raises(ValueError, match=message):
            history.release(groups)
