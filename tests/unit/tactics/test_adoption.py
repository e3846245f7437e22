"""What a force may say of its use of a tactic, and who uses it now."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from centre.errors import Invalid
from tactics.adoption import AdoptionSaid, cleaned, uses

TODAY = date(2026, 6, 1)
SAID = AdoptionSaid(
    stage="adopted",
    since=date(2025, 3, 1),
    fidelity="mostly",
    scale="Two of six districts",
    contact="Neighbourhood policing team",
)


def problems(said: AdoptionSaid) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        cleaned(said, today=TODAY)
    return {one.pointer: one.message for one in refused.value.problems}


def test_what_is_whole_is_taken_and_tidied() -> None:
    assert cleaned(replace(SAID, scale=" Two of six districts\u200b "), today=TODAY) == SAID
    considered = AdoptionSaid(stage="considering", since=TODAY)
    assert cleaned(considered, today=TODAY) == considered


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"stage": "loved"}, "stage", "Choose how far your force has come"),
        ({"since": None}, "since", "Enter the date since when this is so"),
        (
            {"since": TODAY + timedelta(1)},
            "since",
            "The date must be today or in the past: say it when it is so",
        ),
        ({"fidelity": ""}, "fidelity", "Choose how closely it is done as designed"),
        ({"fidelity": "very"}, "fidelity", "Choose how closely it is done as designed"),
        ({"scale": ""}, "scale", "Say on what scale: for example two of six districts"),
        ({"scale": "x" * 201}, "scale", "Scale must be 200 characters or fewer"),
        ({"contact": "\u200b"}, "contact", "Enter a team that others can ask"),
        ({"stage": "adapted"}, "reason", "Say what you changed"),
        ({"stage": "stopped"}, "reason", "Say why you stopped"),
        ({"stage": "mistake"}, "reason", "Say what the mistake was"),
        ({"reason": "ask 07700 900123"}, "reason", "This looks like personal data: remove a phone number"),
        ({"reason": "a\u202eb"}, "reason", "Reason contains a character we cannot accept (U+202E)"),
    ],
)
def test_each_bad_answer_is_named(change: dict[str, Any], field: str, message: str) -> None:
    assert problems(replace(SAID, **change)) == {field: message}


def test_every_problem_is_named_at_once() -> None:
    assert set(problems(AdoptionSaid(stage="stopped", since=None, scale="\x00"))) == {
        "since",
        "reason",
        "scale",
    }


@dataclass(frozen=True)
class Row:
    pk: int
    force_id: int
    stage: str
    since: date
    corrects_id: int | None = None


LEDGER = [
    Row(1, 1, "piloting", date(2024, 1, 1)),
    Row(2, 1, "adopted", date(2025, 1, 1)),
    Row(3, 2, "stopped", date(2025, 1, 1)),
    Row(4, 3, "adopted", date(2025, 5, 1)),
    Row(5, 3, "piloting", date(2025, 2, 1), corrects_id=4),
    Row(6, 4, "adopted", date(2025, 5, 1)),
    Row(7, 4, "mistake", date(2025, 5, 1), corrects_id=6),
    Row(8, 1, "considering", date(2023, 1, 1)),  # said last, of an earlier time
]


def test_the_newest_date_is_what_a_force_says_now() -> None:
    found = {use.now.force_id: (use.now.pk, [one.pk for one in use.before]) for use in uses(LEDGER)}
    assert found == {1: (2, [1, 8]), 2: (3, []), 3: (5, [])}


def test_those_that_do_it_stand_first_whatever_the_order() -> None:
    assert [use.now.stage for use in uses(LEDGER)] == ["adopted", "piloting", "stopped"]
    shuffled = random.Random(7).sample(LEDGER, len(LEDGER))
    assert uses(shuffled) == uses(LEDGER)


def test_of_two_entries_of_one_day_the_later_said_counts() -> None:
    rows = [Row(1, 1, "piloting", TODAY), Row(2, 1, "stopped", TODAY)]
    assert uses(rows)[0].now.pk == 2
