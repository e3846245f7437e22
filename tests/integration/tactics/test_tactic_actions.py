"""Propose, edit, publish: who may, what is refused, what stays on record."""

from decimal import Decimal
from typing import Any

import pytest

from centre.errors import Invalid, NotPermitted
from centre.models import AuditEvent
from tactics.actions import tactics
from tactics.actions.tactics import AlreadyPublished, StaleForm, details_of
from tactics.models import Tactic
from tests.integration.tactics.library import details, proposed, published

pytestmark = pytest.mark.django_db


def test_force_users_tactic_belongs_to_their_force(force_user: Any, force: Any) -> None:
    tactic = proposed(force_user)
    assert (tactic.force, tactic.slug, tactic.version) == (force, "follow-up-visits-after-a-burglary", 1)
    assert details_of(tactic) == details()
    assert AuditEvent.objects.filter(event="tactic.proposed").count() == 1


def test_force_user_cannot_propose_for_another_force(force_user: Any, other_force: Any) -> None:
    with pytest.raises(NotPermitted):
        tactics.propose(details=details(), by=force_user, force=other_force)


@pytest.mark.parametrize("who", ["anonymous", "researcher", "analyst", "reviewer", "checker"])
def test_others_cannot_propose(cast: Any, who: str) -> None:
    with pytest.raises(NotPermitted):
        proposed(getattr(cast, who))
    assert not Tactic.objects.exists()


def test_same_name_gets_another_address(registrar: Any) -> None:
    assert [proposed(registrar, "Compare").slug for _ in range(2)] == ["compare-2", "compare-3"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": ""}, "name", "Enter a tactic name"),
        ({"name": "\u200b\u00a0"}, "name", "Enter a tactic name"),
        ({"name": "x" * 10_001}, "name", "Tactic name must be 200 characters or fewer"),
        ({"name": "a\u202eb"}, "name", "Tactic name contains a character we cannot accept (U+202E)"),
        ({"summary": "a\x00b"}, "summary", "Summary contains a character we cannot accept (U+0000)"),
        (
            {"mechanism": "ring 07700 900123"},
            "mechanism",
            "This looks like personal data: remove a phone number",
        ),
        ({"cost_band": 6}, "cost_band", "Choose a cost from 1 to 5"),
        ({"stage": "dreamt"}, "stage", "Choose how far the practice has come"),
        ({"hours_basis": ""}, "hours_basis", "Say how the hours are known"),
        ({"hours_per_100_incidents": None}, "hours_basis", "Enter the hours, or clear how they are known"),
        (
            {"hours_per_100_incidents": Decimal("1e30")},
            "hours_per_100_incidents",
            "Hours must be a number from -100,000 to 100,000",
        ),
        ({"problems": ("nothing",)}, "problems", "Choose problems from the list"),
        ({"main_outcome": "nothing"}, "main_outcome", "Choose an outcome from the list"),
    ],
)
def test_bad_details_name_their_field_and_save_nothing(
    registrar: Any, changes: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        proposed(registrar, **changes)
    assert [(p.pointer, p.message) for p in refusal.value.problems] == [(field, message)]
    assert not Tactic.objects.exists()


def test_every_problem_is_named_at_once(registrar: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        proposed(registrar, name="", summary="", cost_band=9)
    assert {problem.pointer for problem in refusal.value.problems} == {"name", "summary", "cost_band"}


def test_script_is_stored_as_text(registrar: Any) -> None:
    assert proposed(registrar, summary="<script>alert(1)</script>").summary == "<script>alert(1)</script>"


def test_edit_counts_versions_and_records_the_fields(force_user: Any) -> None:
    tactic = proposed(force_user)
    edited = tactics.edit(tactic=tactic, details=details(summary="Another"), version=1, by=force_user)
    assert (edited.version, edited.summary) == (2, "Another")
    assert AuditEvent.objects.get(event="tactic.edited").detail == {"changed": ["summary"], "version": 2}


def test_edit_without_change_is_no_event(force_user: Any) -> None:
    tactic = proposed(force_user)
    assert tactics.edit(tactic=tactic, details=details(), version=1, by=force_user).version == 1
    assert not AuditEvent.objects.filter(event="tactic.edited").exists()


def test_stale_edit_carries_both_versions(force_user: Any, registrar: Any) -> None:
    tactic = proposed(force_user)
    tactics.edit(tactic=tactic, details=details(summary="Theirs"), version=1, by=registrar)
    with pytest.raises(StaleForm) as refusal:
        tactics.edit(tactic=tactic, details=details(summary="Mine"), version=1, by=force_user)
    assert (refusal.value.theirs.summary, refusal.value.yours.summary) == ("Theirs", "Mine")
    assert refusal.value.differing == ["summary"]
    tactic.refresh_from_db()
    assert tactic.summary == "Theirs"


def test_other_force_cannot_edit(force_user: Any, other_force_user: Any) -> None:
    tactic = proposed(force_user)
    with pytest.raises(NotPermitted):
        tactics.edit(tactic=tactic, details=details(), version=1, by=other_force_user)


def test_force_cannot_edit_what_is_published(force_user: Any, registrar: Any) -> None:
    tactic = tactics.publish(tactic=proposed(force_user), by=registrar)
    with pytest.raises(AlreadyPublished):
        tactics.edit(tactic=tactic, details=details(summary="New"), version=1, by=force_user)
    assert tactics.edit(tactic=tactic, details=details(summary="New"), version=1, by=registrar).version == 2


def test_published_tactic_cannot_lose_what_it_needs(registrar: Any) -> None:
    tactic = published(registrar)
    with pytest.raises(Invalid) as refusal:
        tactics.edit(tactic=tactic, details=details(mechanism=""), version=1, by=registrar)
    assert refusal.value.problems[0].pointer == "mechanism"


def test_publish_names_what_is_missing(registrar: Any) -> None:
    tactic = proposed(registrar, mechanism="", problems=())
    with pytest.raises(Invalid) as refusal:
        tactics.publish(tactic=tactic, by=registrar)
    assert {problem.pointer for problem in refusal.value.problems} == {"mechanism", "problems"}
    tactic.refresh_from_db()
    assert not tactic.is_published


def test_publish_once(registrar: Any, publisher: Any) -> None:
    tactic = published(registrar)
    with pytest.raises(AlreadyPublished):
        tactics.publish(tactic=tactic, by=publisher)


@pytest.mark.parametrize("who", ["anonymous", "force_user", "reviewer", "analyst", "researcher"])
def test_others_cannot_publish(cast: Any, who: str) -> None:
    tactic = proposed(cast.registrar)
    with pytest.raises(NotPermitted):
        tactics.publish(tactic=tactic, by=getattr(cast, who))


def test_draft_is_known_to_its_people_only(cast: Any) -> None:
    draft = proposed(cast.force_user)

    def knows(user: Any) -> bool:
        return Tactic.objects.visible_to(user).filter(pk=draft.pk).exists()

    assert knows(cast.force_user)
    assert knows(cast.registrar)
    assert knows(cast.analyst)
    assert not knows(cast.other_force_user)
    assert not knows(cast.researcher)
    assert not knows(cast.anonymous)
