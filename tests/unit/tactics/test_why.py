"""Why a rating changed: each thing that moved has its sentence, and nothing else has."""

from dataclasses import replace
from typing import Any

from tactics.rating import Override, RegistryCounts
from tactics.why import FIRST, SAME, changes
from tactics.wording import Outcome
from tests.unit.tactics.rating.test_tactic import rated, trial

BURGLARY = Outcome("Burglary of homes", "burglaries", "lower")


def document(*trials: Any, **options: Any) -> dict[str, Any]:
    """Return a rating's document as it is stored; a trial's finding is its own name."""
    result = rated(*(replace(one, ref=one.ref or f"finding of {one.study}") for one in trials), **options)
    counts = options.get("registry", RegistryCounts())
    return {**result.as_json(), "registry": {"registered": counts.registered, "awaited": counts.awaited}}


def said(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    return changes(before, after, BURGLARY)


def test_the_first_rating_says_so() -> None:
    assert said(None, document()) == [FIRST, "The label is “Untested – new or innovative” (rule L8)."]
    lines = said(None, document(trial("a")))
    assert lines[:2] == [FIRST, "A result came in: “a”."]


def test_nothing_changed() -> None:
    assert said(document(trial("a")), document(trial("a"))) == [SAME]


def test_a_second_trial_moves_effect_strength_and_label() -> None:
    lines = said(document(trial("a")), document(trial("a"), trial("b", -0.25)))
    assert lines == [
        "A result came in: “b”.",
        "The pooled effect is 24% lower (between 19% and 29% lower); it was 26% lower (between 18% and 33% lower).",
        "No longer in the strength: One trial only (SK, at most 3).",
        "The strength of the evidence is 4 of 5; it was 3.",
        "The label is “Effective” (rule L2); it was “Promising”.",
    ]


def test_a_third_trial_brings_what_a_new_place_might_see() -> None:
    two = (trial("a"), trial("b", -0.25))
    lines = said(document(*two), document(*two, trial("c", -0.2)))
    assert any(line.startswith("A new place might see between") or "anywhere from" in line for line in lines)
    gone = said(document(*two, trial("c", -0.2)), document(*two))
    assert "“c” no longer counts: its result does not stand." in gone
    assert "What a new place might see can no longer be worked out." in gone


def test_a_trial_that_is_only_listed_and_one_that_is_replaced() -> None:
    weak = trial("b", -0.25, security=1)
    before = document(trial("a"), weak)
    assert (
        said(document(trial("a")), before)[0]
        == "A result came in: “b”, listed and not pooled: security 1 is below 2."
    )
    assert "“b” is pooled now; it was only listed." in said(
        before, document(trial("a"), replace(weak, security=4))
    )
    assert "“b” is no longer pooled: security 1 is below 2." in said(
        document(trial("a"), replace(weak, security=4)), before
    )
    newer = document(replace(trial("a", -0.1), ref="another"))
    assert said(document(trial("a")), newer)[0] == "The result of “a” has been replaced by a newer one."


def test_the_effect_that_cannot_be_pooled_any_more() -> None:
    same = [trial(name, -0.3) for name in "abc"]
    lines = said(document(*same[:2]), document(*same))
    assert any(line.startswith("There is no pooled effect any more; it was 26% lower") for line in lines)


def test_registered_trials_count_while_none_is_pooled() -> None:
    awaited = document(registry=RegistryCounts(registered=2, awaited=2))
    assert said(document(), awaited)[0] == "2 registered trials have results still to come; it was 0."
    assert said(awaited, document())[0] == "No registered trial has results still to come; it was 2."
    busy = document(trial("a"), registry=RegistryCounts(registered=9, awaited=9))
    assert said(document(trial("a")), busy) == [SAME]


def test_reviewers_step_and_another_version_of_the_rules() -> None:
    before = document(trial("a"))
    moved = document(trial("a"), override=Override(-1, "Delivery differed"))
    assert "New in the strength: Reviewers: Delivery differed (OVERRIDE, -1)." in said(before, moved)
    assert said(before, moved)[-1] == "The label stays “Promising”."
    assert (
        said(before, {**before, "rules_version": "RULES-1.1"})[0]
        == "The rules are RULES-1.1; they were RULES-1.0."
    )


def test_an_override_is_read_back_from_its_document() -> None:
    override = Override(-1, "Delivery differed")
    assert Override.of(document(trial("a"), override=override)) == override
    assert Override.of(document(trial("a"))) is None
