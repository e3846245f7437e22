"""Two reviewers, each alone, and what they agree on."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from tactics.emmie import BEST, DIMENSIONS, MODERATED, OWN, WORKING_TEXT, Entry, standing

START = datetime(2026, 11, 27, tzinfo=UTC)
ANN, BEN = 1, 2


def entries(*rows: tuple[int, int, str, int]) -> list[Entry]:
    """Return entries of (round, person, step, score), one minute apart."""
    return [
        Entry(
            person, f"Reviewer {person}", number, step, score, "Because.", START + timedelta(minutes=place), 1
        )
        for place, (number, person, step, score) in enumerate(rows)
    ]


def test_one_score_agrees_with_nobody_and_is_seen_by_nobody_else() -> None:
    now = standing(entries((1, ANN, OWN, 3)))
    assert now.agreed is None
    assert [entry.score for entry in now.seen_by(ANN)] == [3]
    assert now.seen_by(BEN) == []
    assert now.waits_for(BEN)
    assert not now.waits_for(ANN)


@pytest.mark.parametrize(("first", "second"), list(product(range(BEST + 1), repeat=2)))
def test_two_scores_settle_when_they_are_alike(first: int, second: int) -> None:
    now = standing(entries((1, ANN, OWN, first), (1, BEN, OWN, second)))
    if first == second:
        assert now.agreed is not None
        assert (now.agreed.score, now.agreed.was_moderated, now.open) == (first, False, ())
    else:
        assert now.agreed is None
        assert now.differ
        assert len(now.seen_by(ANN)) == len(now.seen_by(BEN)) == 2
        assert now.seen_by(3) == []


def test_a_difference_is_settled_by_both_saying_the_same() -> None:
    apart = [(1, ANN, OWN, 1), (1, BEN, OWN, 3)]
    assert standing(entries(*apart, (1, ANN, MODERATED, 2))).agreed is None
    assert standing(entries(*apart, (1, ANN, MODERATED, 2), (1, BEN, MODERATED, 3))).agreed is None
    now = standing(
        entries(*apart, (1, ANN, MODERATED, 2), (1, BEN, MODERATED, 3), (1, ANN, MODERATED, 3))
    ).agreed
    assert now is not None
    assert (now.score, now.was_moderated) == (3, True)
    assert now.at == START + timedelta(minutes=4)


def test_a_later_round_counts_only_once_it_is_settled() -> None:
    settled = [(1, ANN, OWN, 1), (1, BEN, OWN, 1)]
    now = standing(entries(*settled, (2, BEN, OWN, 4)))
    assert now.agreed is not None
    assert (now.agreed.score, now.last_round, len(now.open)) == (1, 2, 1)
    assert standing(entries(*settled, (2, BEN, OWN, 4), (2, 3, OWN, 4))).agreed.score == 4  # type: ignore[union-attr]


def test_the_order_of_rows_does_not_matter() -> None:
    rows = entries(
        (1, ANN, OWN, 1), (1, BEN, OWN, 2), (1, ANN, MODERATED, 2), (1, BEN, MODERATED, 2), (2, ANN, OWN, 0)
    )
    assert standing(rows) == standing(rows[::-1])


def test_every_level_has_a_text_of_its_own() -> None:
    assert set(WORKING_TEXT) == set(DIMENSIONS)
    for texts in WORKING_TEXT.values():
        assert len(set(texts)) == BEST + 1
