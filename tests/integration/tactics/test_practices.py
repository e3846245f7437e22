"""Practice from forces: written, sent, checked outside the force, shown as its own account, never as evidence."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from centre.errors import Conflict, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent, Membership
from tactics.actions import practices
from tactics.models import Finding, Practice, PracticeVersion, Rating, Tactic
from tests.integration.tactics.library import published
from tests.integration.tactics.told import ACCOUNT, accepted, sent, written

pytestmark = pytest.mark.django_db


def invented(cast: Any) -> Tactic:
    """Return a public tactic that an invented force's account may stand on."""
    return published(cast.registrar, is_simulated=True)


def test_the_whole_way_in_pages(cast: Any, sign_in: Any) -> None:
    tactic = invented(cast)
    force, centre, anybody = sign_in(cast.force_user), sign_in(cast.registrar), sign_in(cast.anonymous)
    new = reverse("practice-new")
    assert cast.force_user.forces.get().name in force.get(new).content.decode()
    saved = force.post(new, {"title": "Evening visits"})
    practice = Practice.objects.get()
    assert saved.url == practice.get_absolute_url()
    assert "Fill in “Aim”" in force.get(saved.url).content.decode()
    send = reverse("practice-send", args=[practice.public_id])
    assert force.post(send).status_code == 422
    edit = reverse("practice-edit", args=[practice.public_id])
    assert force.post(edit, {**ACCOUNT, "edition": practice.edition}).status_code == 302
    assert force.post(send).status_code == 302
    assert anybody.get(saved.url).status_code == 404
    assert "Practice from forces to check" in centre.get(reverse("my-work")).content.decode()

    review = reverse("practice-review", args=[practice.public_id])
    page = centre.get(review).content.decode()
    assert "Each evening two officers visit ten homes." in page
    practice.refresh_from_db()
    answer = {
        "answer": "accept",
        "tactic": tactic.slug,
        "repeatable": "partly",
        "repeatable_because": "The list of homes is not described.",
        "edition": practice.edition,
    }
    assert centre.post(review, answer).status_code == 302
    shown = anybody.get(tactic.get_absolute_url()).content.decode()
    assert "Practice from forces" in shown
    assert "It is no evidence, and moves no rating" in shown
    assert "The list of homes is not described." in shown
    account = anybody.get(saved.url).content.decode()
    assert "the force's own account" in account
    assert "<li>Fewer burglaries</li>" in account
    assert not Finding.objects.exists()
    assert set(Rating.objects.values_list("label", flat=True)) == {"untested"}
    events = set(AuditEvent.objects.values_list("event", flat=True))
    assert {f"practice.{act}" for act in ("written", "saved", "sent", "accepted")} <= events


def test_a_correction_is_a_new_version(cast: Any, client: Any) -> None:
    tactic = invented(cast)
    practice = sent(cast.force_user)
    accepted(practice, tactic, cast.registrar)
    with pytest.raises(Conflict, match="Nothing has changed since version 1"):
        practices.send(practice=practice, by=cast.force_user)
    said = {**ACCOUNT, "summary": "Officers visit at six"}
    practices.save(practice=practice, said=said, edition=practice.edition, by=cast.force_user)
    assert "Officers visit at six" not in client.get(tactic.get_absolute_url()).content.decode()
    assert "Officers visit at six" not in client.get(practice.get_absolute_url()).content.decode()
    again = practices.send(practice=practice, by=cast.force_user)
    assert accepted(again, tactic, cast.reviewer).number == 2
    shown = client.get(tactic.get_absolute_url()).content.decode()
    assert "Officers visit at six" in shown
    assert shown.count("Evening visits") == 1
    with pytest.raises(Frozen):
        PracticeVersion.objects.update(number=9)
    with pytest.raises(Frozen):
        PracticeVersion.objects.all().delete()


def test_it_may_become_a_draft_tactic(cast: Any) -> None:
    made = accepted(sent(cast.force_user), None, cast.registrar)
    assert (made.tactic.name, made.tactic.is_published, made.tactic.is_simulated) == (
        "Evening visits",
        False,
        True,
    )
    assert made.tactic.implementation == ACCOUNT["description"]
    with pytest.raises(NotPermitted):
        accepted(sent(cast.force_user, title="Another"), None, cast.reviewer)


def test_nobody_of_the_force_accepts_it(cast: Any, sign_in: Any) -> None:
    practice = sent(cast.force_user)
    Membership.objects.create(user=cast.reviewer, role="force_user", force=practice.force)
    reviewer = type(cast.reviewer).objects.get(pk=cast.reviewer.pk)
    with pytest.raises(NotPermitted, match="You work in the force"):
        accepted(practice, invented(cast), reviewer)
    assert practice not in Practice.objects.to_review(reviewer)
    assert practice in Practice.objects.to_review(cast.second_reviewer)
    with pytest.raises(DatabaseError), transaction.atomic():
        PracticeVersion.objects.create(
            practice=practice,
            tactic=Tactic.objects.get(),
            number=1,
            answers={},
            sent_at=timezone.now(),
            sent_by=cast.force_user,
            repeatable="yes",
            repeatable_because="It is all there.",
            accepted_at=timezone.now(),
            accepted_by=reviewer,
        )
    for person, status in {
        "other_force_user": 404,
        "researcher": 404,
        "force_user": 403,
        "analyst": 403,
    }.items():
        page = reverse("practice-review", args=[practice.public_id])
        assert sign_in(getattr(cast, person)).get(page).status_code == status, person


def test_changes_are_asked_for_and_it_may_be_declined(cast: Any, sign_in: Any) -> None:
    practice = sent(cast.force_user)
    review = reverse("practice-review", args=[practice.public_id])
    centre = sign_in(cast.reviewer)
    assert centre.post(review, {"answer": "change", "because": ""}).status_code == 422
    assert (
        centre.post(review, {"answer": "change", "because": "Say how homes are chosen."}).status_code == 302
    )
    force = sign_in(cast.force_user)
    assert "Say how homes are chosen." in force.get(practice.get_absolute_url()).content.decode()
    assert centre.post(review, {"answer": "decline", "because": "No."}).status_code == 409
    practices.send(practice=practice, by=cast.force_user)
    with pytest.raises(practices.WithTheCentre):
        practices.save(practice=practice, said=ACCOUNT, edition=practice.edition, by=cast.force_user)
    assert centre.post(review, {"answer": "decline", "because": "It names a suspect."}).status_code == 302
    shown = force.get(practice.get_absolute_url()).content.decode()
    assert "It names a suspect." in shown
    assert "Send it to the Centre" in shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": "\u200b"}, "Enter the name of the practice"),
        ({"email": "the team"}, "Enter the e-mail address of a team"),
        ({"contact": "Sgt Lee, 07700 900123"}, "This looks like personal data: remove a phone number"),
        ({"description": "Write to a@b.example"}, "This looks like personal data: remove an e-mail address"),
        ({"start_date": "last spring"}, "Start date must be a day such as 2026-04-01"),
        ({"topics": ["nothing"]}, "Choose topics from the list"),
        ({"stage": "done"}, "Stage of practice: choose from the list"),
        ({"summary": "x" * 301}, "One-line summary must be 300 characters or fewer"),
        ({"aim": "a\u202eb"}, "Aim contains a character we cannot accept (U+202E)"),
    ],
)
def test_each_bad_answer_has_its_message(
    cast: Any, sign_in: Any, change: dict[str, Any], message: str
) -> None:
    response = sign_in(cast.force_user).post(reverse("practice-new"), {**ACCOUNT, **change})
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert "Prevention team" in html or "contact" in change
    assert not Practice.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").exists()


def test_saving_over_somebody_else_is_said_first(cast: Any, sign_in: Any) -> None:
    practice = written(cast.force_user)
    edit = reverse("practice-edit", args=[practice.public_id])
    response = sign_in(cast.force_user).post(edit, {**ACCOUNT, "title": "Mine", "edition": 0})
    assert response.status_code == 409
    assert "Somebody else has saved this account" in response.content.decode()
    assert 'value="Mine"' in response.content.decode()
    assert f'name="edition" value="{practice.edition}"' in response.content.decode()


def test_a_bad_answer_of_the_centre_is_named(cast: Any, sign_in: Any) -> None:
    practice = sent(cast.force_user)
    review = reverse("practice-review", args=[practice.public_id])
    tactic = published(cast.registrar, "A real one")
    response = sign_in(cast.registrar).post(review, {"answer": "accept", "edition": practice.edition})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Say whether another force could repeat it" in html
    assert "Say what another force would need" in html
    with pytest.raises(Exception, match="There is a problem with the answer"):
        accepted(practice, tactic, cast.registrar)
    with pytest.raises(practices.StaleAccount):
        practices.accept(
            practice=practice,
            tactic=invented(cast),
            repeatable="yes",
            repeatable_because="All is there.",
            edition=practice.edition + 1,
            by=cast.registrar,
        )
