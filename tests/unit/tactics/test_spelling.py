"""Which words a misspelt one may have meant."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactics.spelling import begun, distance, nearest, slips

LETTERS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("burglary", "burglary", 0),
        ("burglry", "burglary", 1),  # left out
        ("burgllary", "burglary", 1),  # put in
        ("burglery", "burglary", 1),  # changed
        ("bugrlary", "burglary", 1),  # swapped
        ("ca", "abc", 3),  # optimal string alignment: no letter moves twice
        ("kitten", "sitting", 3),
    ],
)
def test_distance(first: str, second: str, expected: int) -> None:
    assert distance(first, second, 9) == expected


@given(LETTERS, LETTERS)
def test_distance_is_the_same_both_ways_and_none_only_for_the_same_word(first: str, second: str) -> None:
    steps = distance(first, second, 9)
    assert steps == distance(second, first, 9)
    assert (steps == 0) == (first == second)
    for most in range(4):
        assert distance(first, second, most) == min(steps, most + 1)


def test_distance_finds_every_single_slip() -> None:
    word = "patrol"
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
    dropped = [word[:i] + word[i + 1 :] for i in range(len(word))]
    changed = [word[:i] + "x" + word[i + 1 :] for i in range(len(word))]
    assert {distance(other, word, 1) for other in itertools.chain(swapped, dropped, changed)} == {1}


@pytest.mark.parametrize(
    ("word", "expected"), [("anp", 0), ("knif", 1), ("burglry", 1), ("domestik", 2), ("co2x", 0)]
)
def test_how_many_slips_are_forgiven(word: str, expected: int) -> None:
    assert slips(word) == expected


def test_the_likeliest_word_comes_first() -> None:
    known = ["burglary", "burglar", "burger", "vulgar", "surgery"]
    assert nearest("burglry", known) == ["burglary", "burglar"][: len(nearest("burglry", known))]
    assert nearest("robery", ["robbery", "bobbery"]) == ["robbery"]
    assert nearest("vurglary", ["burglary"]) == ["burglary"]
    assert nearest("zeppelin", known) == []
    assert nearest("asb", ["ash"]) == []


def test_the_beginning_of_a_word_finds_the_whole() -> None:
    assert begun("burgl", ["burglary", "burgled", "burger"]) == ["burgled", "burglary"]
    assert begun("bur", ["burglary"]) == []
    assert begun("burglary", ["burglary"]) == []
