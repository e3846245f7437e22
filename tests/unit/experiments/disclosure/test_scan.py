"""Texts that are to be released: what looks personal is named by kind and place, and never repeated."""

from __future__ import annotations

import pytest

from experiments.disclosure import check_document, check_file_name, check_text, is_blocked
from tests.unit.experiments.disclosure.test_documents import PEOPLE, document


@pytest.mark.parametrize(
    ("text", "value"),
    [("Ring 07700 900123.", "07700"), ("Born on 3 March 1988.", "1988"), ("See 42/123456/24.", "123456"),
     ("jo@force.example", "jo@"), ("At 51.50735, -0.12776.", "51.5"), ("SW1A 1AA", "1AA")],
)  # fmt: skip
def test_personal_data_blocks_and_is_not_repeated(text: str, value: str) -> None:
    [found] = check_text(text, where="note")
    assert (found.rule, found.where, found.blocks) == ("text-personal", "note", True)
    assert value not in found.message


@pytest.mark.parametrize("text", ["Dr Smith left.", "It was PC Bloggs.", "See Sgt. Jones"])
def test_a_person_looks_at_names(text: str) -> None:
    [found] = check_text(text, where="note")
    assert (found.rule, found.blocks) == ("text-personal", False)
    assert text.split()[-1].strip(".") not in found.message


@pytest.mark.parametrize(
    "text", ["SE1", "412 units, 203 treated", "2026-11", "CPP-2026-0001-9", "The PCSO plan", "0.123 (0.01, 0.2)"]
)  # fmt: skip
def test_ordinary_words_and_numbers(text: str) -> None:
    assert check_text(text, where="note") == []


def test_every_text_of_a_document_but_no_hash() -> None:
    named = document(warnings=["Ring 07700 900123 about it."])
    named["checks"]["balance"]["explanation"] = "Dr Smith knows."
    found = check_document(named, subjects=PEOPLE)
    assert [(one.where, one.blocks) for one in found] == [
        ("estimates/0/warnings/0", True), ("checks/balance/explanation", False)]  # fmt: skip
    hashes = document()
    hashes["data"]["sha256"] = "a0123456789" + "f" * 53  # it would pass for a telephone number
    hashes["provenance"]["code"] = "0712345678901"
    assert check_document(hashes, subjects=PEOPLE) == []


@pytest.mark.parametrize(
    ("text", "is_read"),
    [("3 units have no baseline.", True), ("It rests on 4.", True), ("p = 0.05, 95 % of 412 units", False),
     ("event_time=3 of HS-014 in 2026-11-03", False), ("412 units in 12 blocks", False), ("3.5, 1,234 and 5 %", False)],
)  # fmt: skip
def test_small_numbers_in_words_are_read_by_a_person(text: str, is_read: bool) -> None:
    made = document(warnings=[text])
    found = [one for one in check_document(made, subjects=PEOPLE) if one.rule == "text-reason"]
    assert [(one.where, one.blocks) for one in found] == [("estimates/0/warnings/0", False)] * is_read
    assert check_document(made, subjects={"calls": "place"}) == []


@pytest.mark.parametrize(
    ("name", "blocks"),
    [("estimates.csv", False), ("event-study-h1.svg", False), ("../x", True), ("J Bloggs", True), ("x" * 121, True)],
)  # fmt: skip
def test_file_names(name: str, blocks: bool) -> None:
    assert is_blocked(check_file_name(name, where="files/1")) == blocks
