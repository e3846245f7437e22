"""A line of trials is walked back to its end, once round at most."""

import pytest

from experiments.protocol.succession import comes_back

LINE = {"C": {"B", "X"}, "B": {"A"}, "A": set(), "X": set(), "P": {"Q"}, "Q": {"P"}}


@pytest.mark.parametrize(
    ("first", "own", "comes"),
    [
        ("A", "A", True),
        ("C", "A", True),
        ("A", "C", False),
        ("X", "A", False),
        ("Z", "A", False),
        ("P", "A", False),
    ],
)
def test_comes_back(first: str, own: str, comes: bool) -> None:
    assert comes_back(first, own, LINE) is comes
