"""What people type: the catalogue's inputs 1 to 6 and 30."""

import pytest

from centre.errors import Invalid
from centre.text import clean_text, folded, is_blank, personal_detail, refused_character, tidied


def title(value: str) -> str:
    return clean_text(value, label="Title", maximum=200, required="Enter a title")


@pytest.mark.parametrize("value", ["", "   ", "\u200b\u200b", "\u00a0 \u202f", "\ufeff", "\n\t"])
def test_text_that_nobody_can_see_is_empty(value: str) -> None:
    assert is_blank(value)
    with pytest.raises(Invalid, match="Enter a title"):
        title(value)


def test_too_long_names_the_limit() -> None:
    assert title("x" * 200)
    with pytest.raises(Invalid, match="Title must be 200 characters or fewer"):
        title("x" * 10_001)


@pytest.mark.parametrize(
    ("character", "code"),
    [("\u202e", "U+202E"), ("\x00", "U+0000"), ("\x1b", "U+001B"), ("\ud800", "U+D800"), ("\x85", "U+0085")],
)
def test_unacceptable_character_is_named(character: str, code: str) -> None:
    assert refused_character(f"a{character}b") == code
    with pytest.raises(
        Invalid, match=rf"Title contains a character we cannot accept \({code[:1]}\+{code[2:]}\)"
    ):
        title(f"a{character}b")


def test_script_stays_text() -> None:
    assert title("<script>alert(1)</script>") == "<script>alert(1)</script>"


def test_one_line_means_one_line() -> None:
    with pytest.raises(Invalid, match="must be on one line"):
        title("a\nb")
    assert clean_text("a\r\nb ", label="Text", maximum=10, multiline=True) == "a\nb"


def test_optional_text_may_be_empty() -> None:
    assert clean_text(" \u200b", label="Text", maximum=10) == ""


def test_joiners_inside_words_stay() -> None:
    assert tidied(" न\u200dम ") == "न\u200dम"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("ask jo.bloggs@force.example", "an e-mail address"),
        ("ring 07700 900123", "a phone number"),
        ("ring +44 7700 900 123", "a phone number"),
        ("at SW1A 1AA", "a postcode"),
        ("see 42/123456/24", "a crime number"),
        ("crime no. 4567", "a crime number"),
        ("he was born on 3 March 1988", "a date of birth"),
        ("DOB: 03/03/1988", "a date of birth"),
        ("d.o.b. 1988-03-03", "a date of birth"),
        ("QQ 12 34 56 C is none, AB123456C is", "a National Insurance number"),
        ("PNC 2008/1234567X", "a PNC number"),
        ("PNC 99/123456X", "a PNC number"),
        ("PC 1234 attended", "a collar or warrant number"),
        ("collar no. 4411", "a collar or warrant number"),
        ("at 51.50735, -0.12776", "coordinates"),
        ("at 53.48095 -2.23743", "coordinates"),
        ("at TQ 30012 80456", "a grid reference"),
    ],
)
def test_personal_details_are_recognised(value: str, kind: str) -> None:
    assert personal_detail(value) == kind


@pytest.mark.parametrize(
    "value",
    [
        "2024-25",
        "1,000,000 crimes in 2024",
        "p = 0.05",
        "10.1007/s11292-015-9238-7",
        "ISO 8601",
        "SE1 and W12",
        "CPP-2026-0001-9",
        "410 units in 2026-11",
        "CR2 with HC3",
        "-0.1234, 0.5678",
        "51.2 (49.8, 52.6)",
        "55.12345, 57.98765",
        "PC 12",
        "Washington, DC 1979",
        "30/11/2026",
        "born in 1988",
        "Lin (2013)",
        "OA 12345 of LSOA E01000001",
    ],
)
def test_ordinary_numbers_are_not_personal(value: str) -> None:
    assert personal_detail(value) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("  Café\tVISITS ", "cafe visits"),
        ("CPP-2026-0001-9", "cpp-2026-0001-9"),
        ("Straße ﬁre™", "strasse firetm"),
        ("ŁÓDŹ Ørsted", "łodz ørsted"),  # a stroke is part of the letter, not an accent
        ("", ""),
    ],
)
def test_words_are_folded_for_search(value: str, found: str) -> None:
    assert folded(value) == found
    assert folded(folded(value)) == found
