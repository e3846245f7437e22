"""What people type, as words to look for; what a tactic says, as words to be found."""

import pytest

from tactics.searching import LIMIT, Form, Sought, indexed, sought, stem, stems, words
from tactics.synonyms import same

NOTHING: dict[tuple[str, ...], tuple[str, ...]] = {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Burglary, at NIGHT!", ["burglary", "at", "night"]),
        ("Café naïve", ["cafe", "naive"]),
        ("anti-social body–worn", ["anti", "social", "body", "worn"]),
        ("officers' children's", ["officers", "childrens"]),
        ("a\x00b", ["a", "b"]),
        ("100% 'drop table;", ["100", "drop", "table"]),
        ("Ω", ["u3c9"]),  # a letter beyond ASCII is spelled by its number: no database's parser sees it
        ("x" * 50, ["x" * 40]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "alike",
    [
        ("patrol", "patrols", "patrolled", "patrolling"),
        ("burglary", "burglaries"),
        ("police", "policing", "policed"),
        ("abuse", "abuses", "abused", "abusing"),
        ("call", "calls", "called", "calling"),
        ("knife", "knives"),
        ("offence", "offences"),
        ("search", "searches", "searching"),
        ("box", "boxes"),
        ("child", "children"),
        ("stop", "stops", "stopped", "stopping"),
    ],
)
def test_forms_of_one_word_share_a_stem(alike: tuple[str, ...]) -> None:
    assert len({stem(word) for word in alike}) == 1


def test_words_that_only_look_like_forms_keep_their_end() -> None:
    unchanged = ("speed", "need", "string", "gas", "virus", "crisis", "2026s")
    assert [stem(word) for word in unchanged] == list(unchanged)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("what works to reduce", []),
        ("we have repeat burglary", ["repeat", "burglary"]),
        ("burglary burglaries", ["burglary"]),
        ("domestic abuse DA", ["domestic abuse"]),
        ("stop and search", ["stop and search"]),
        ("stop burglary", ["burglary"]),
    ],
)
def test_what_is_looked_for(text: str, expected: list[str]) -> None:
    assert [one.typed for one in sought(text, same())] == expected


def test_an_abbreviation_looks_for_what_it_stands_for() -> None:
    (found,) = sought("BWV", same())
    assert {form.words for form in found.forms} >= {"bwv", "body-worn video", "BWC", "body-worn cameras"}
    assert not found.is_plain


def test_known_words_are_looked_for_side_by_side_and_typed_ones_apart_too() -> None:
    (found,) = sought("hot spots", same())
    assert [form.stems for form in found.forms] == [("hotspot",), ("hot", "spot")]
    (broken,) = sought("break in", same())  # "in" says nothing, so the two count only side by side
    assert ("break", "in") not in [form.stems for form in broken.forms]


def test_only_so_many_words_count() -> None:
    assert len(sought(" ".join(f"word{number}" for number in range(50)), same())) == LIMIT


def test_the_index_keeps_each_stem_once_and_known_words_as_one() -> None:
    kept = indexed(["Hot spots, hot-spot policing", "a hotspot"], same())
    assert kept.split() == ["a", "hot", "hotspot", "polic", "spot"]
    assert indexed(["domestic life and abuse"], same()).split() == sorted(stems("domestic life and abuse"))
    assert "domesticabus" in indexed(["Domestic Abuse"], same()).split()


def test_a_match_names_the_best_place_and_the_form_found() -> None:
    one = Sought("da", (Form("da", ("da",)), Form("domestic abuse", ("domesticabus",))))
    said = {"name": frozenset({"video"}), "problems": frozenset({"domesticabus"}), "text": frozenset({"da"})}
    assert one.where(said) == ("problems", one.forms[1])
    assert Sought("x", (Form("x", ("x",)),)).where(said) is None


def test_all_stems_of_a_form_may_be_spread_over_the_places_but_not_for_the_name() -> None:
    one = Sought("hot spots", (Form("hot spots", ("hot", "spot")),))
    said = {"name": frozenset({"hot"}), "problems": frozenset(), "text": frozenset({"spot"})}
    assert one.where(said) == ("text", one.forms[0])
