"""What people type, as words to look for."""

import pytest

from tactics.searching import LIMIT, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("what works to reduce", []),
        ("burglaries", [("burglaries", "burglary")]),
        ("Repeat BURGLARY", [("repeat",), ("burglary",)]),
        ("hot spots", [("hot",), ("spots", "spot")]),
        ("dv", [("domestic abuse",)]),
        ("knives", [("knives", "knive", "knife", "serious violence")]),
        ("burglary burglary", [("burglary",)]),
        ("anti-social", [("anti-social",)]),
        ("100% 'drop table;", [("100",), ("drop",), ("table",)]),
    ],
)
def test_terms(text: str, expected: list[tuple[str, ...]]) -> None:
    assert terms(text) == expected


def test_only_so_many_words_count() -> None:
    assert len(terms(" ".join(f"word{number}" for number in range(50)))) == LIMIT
