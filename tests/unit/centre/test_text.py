"""Which characters are refused, and what counts as empty."""

import pytest

from centre import text


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("a\u202eb", "U+202E"),
        ("a\x00b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("a\u2066b", "U+2066"),
        ("a\ud800b", "U+D800"),
    ],
)
def test_names_the_refused_character(value: str, name: str) -> None:
    assert text.refused_character(value) == name


@pytest.mark.parametrize(
    "value", ["plain", "Dŵr a thân", "two\nlines\tand a tab", "£5 – 10 %", "日本語", "a\u00a0b", "👮‍♀️"]
)
def test_accepts_what_people_write(value: str) -> None:
    assert text.refused_character(value) is None


@pytest.mark.parametrize("value", ["", "  ", "\u200b", "\u00a0 \u200b\n", "\ufeff"])
def test_invisible_text_is_blank(value: str) -> None:
    assert text.is_blank(value)
    assert text.tidied(value) == ""


def test_tidied_keeps_the_inside() -> None:
    assert text.tidied(" a \r\n b\u00a0") == "a \n b"
