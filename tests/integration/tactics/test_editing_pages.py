"""Propose, edit, publish in the browser's way: what was typed stays, and nothing half-done is saved."""

from typing import Any

import pytest
from django.urls import reverse

from centre.models import AuditEvent
from tactics.actions import tactics
from tactics.models import Tactic
from tests.integration.tactics.library import details, proposed, published

pytestmark = pytest.mark.django_db

ANSWERS = {
    "name": "Video response",
    "summary": "Victims speak to an officer by video within minutes",
    "problems": ["domestic-abuse"],
    "main_outcome": "victim-satisfaction",
    "stage": "piloting",
    "cost_band": "2",
    "hours_per_100_incidents": "12.5",
    "hours_basis": "measured",
}


def test_propose_saves_a_draft_and_shows_it(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.force_user)
    assert client.get(reverse("tactic-propose")).status_code == 200
    response = client.post(reverse("tactic-propose"), ANSWERS, follow=True)
    tactic = Tactic.objects.get()
    assert response.redirect_chain == [(tactic.get_absolute_url(), 302)]
    assert "saved as a draft" in response.content.decode()
    assert (tactic.cost_band, str(tactic.hours_per_100_incidents)) == (2, "12.5")
    assert list(tactic.problems.values_list("slug", flat=True)) == ["domestic-abuse"]


def test_bad_answers_are_named_and_kept(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.force_user)
    response = client.post(
        reverse("tactic-propose"), {**ANSWERS, "name": "\u200b", "summary": "call 07700 900123"}
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in html
    assert "Enter a tactic name" in html
    assert "This looks like personal data: remove a phone number" in html
    assert "call 07700 900123" in html
    assert not Tactic.objects.exists()
    refused = AuditEvent.objects.get(event="request.refused")
    assert "07700" not in str(refused.detail)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"summary": "call 07700 900123"}, "This looks like personal data: remove a phone number"),
        ({"hours_per_100_incidents": "many"}, "Hours must be a number from -100,000 to 100,000, such as 40"),
        ({"hours_per_100_incidents": "1e30"}, "Hours must be a number from -100,000 to 100,000"),
        ({"hours_basis": ""}, "Say how the hours are known"),
        ({"cost_band": "9"}, "Choose a cost from 1 to 5"),
        ({"problems": ["nothing"]}, "Choose problems from the list"),
        ({"main_outcome": "nothing"}, "Choose an outcome from the list"),
        ({"stage": ""}, "Choose how far the practice has come"),
        ({"name": "x" * 201}, "Tactic name must be 200 characters or fewer"),
        ({"mechanism": "a\u202eb"}, "How it works contains a character we cannot accept (U+202E)"),
    ],
)
def test_each_bad_answer_has_its_message(
    cast: Any, sign_in: Any, change: dict[str, Any], message: str
) -> None:
    response = sign_in(cast.force_user).post(reverse("tactic-propose"), {**ANSWERS, **change})
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Tactic.objects.exists()


def test_who_may_propose(cast: Any, sign_in: Any) -> None:
    url = reverse("tactic-propose")
    assert sign_in(cast.anonymous).get(url).status_code == 302
    assert sign_in(cast.anonymous).post(url, ANSWERS).status_code == 302
    for person in (cast.researcher, cast.analyst):
        assert sign_in(person).get(url).status_code == 403
        assert sign_in(person).post(url, ANSWERS).status_code == 403
    assert not Tactic.objects.exists()


def test_edit_shows_and_saves(cast: Any, sign_in: Any) -> None:
    tactic = proposed(cast.force_user)
    client = sign_in(cast.force_user)
    url = reverse("tactic-edit", args=[tactic.slug])
    page = client.get(url).content.decode()
    assert tactic.summary in page
    assert 'name="version" value="1"' in page
    response = client.post(url, {**ANSWERS, "version": "1"}, follow=True)
    assert "Your changes are saved" in response.content.decode()
    tactic.refresh_from_db()
    assert (tactic.name, tactic.version) == ("Video response", 2)


def test_stale_edit_answers_409_with_both_versions(cast: Any, sign_in: Any) -> None:
    tactic = proposed(cast.force_user)
    tactics.edit(tactic=tactic, details=details(summary="What they saved"), version=1, by=cast.registrar)
    client = sign_in(cast.force_user)
    url = reverse("tactic-edit", args=[tactic.slug])
    response = client.post(url, {**ANSWERS, "summary": "What I wrote", "version": "1"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "What they saved" in html
    assert "What I wrote" in html
    assert 'name="version" value="2"' in html
    tactic.refresh_from_db()
    assert tactic.summary == "What they saved"
    assert client.post(url, {**ANSWERS, "summary": "What I wrote", "version": "2"}).status_code == 302


def test_edit_without_a_version_is_stale(cast: Any, sign_in: Any) -> None:
    tactic = proposed(cast.force_user)
    response = sign_in(cast.force_user).post(reverse("tactic-edit", args=[tactic.slug]), ANSWERS)
    assert response.status_code == 409


def test_who_may_edit(cast: Any, sign_in: Any) -> None:
    draft = reverse("tactic-edit", args=[proposed(cast.force_user).slug])
    public = reverse("tactic-edit", args=[published(cast.registrar, "Another").slug])
    for url, expected in (
        (
            draft,
            {"anonymous": 302, "other_force_user": 404, "researcher": 404, "force_user": 200, "analyst": 403},
        ),
        (public, {"anonymous": 302, "other_force_user": 403, "researcher": 403, "reviewer": 200}),
    ):
        found = {who: sign_in(getattr(cast, who)).get(url).status_code for who in expected}
        assert found == expected


def test_force_may_not_edit_its_published_tactic(cast: Any, sign_in: Any) -> None:
    tactic = tactics.publish(tactic=proposed(cast.force_user), by=cast.registrar)
    url = reverse("tactic-edit", args=[tactic.slug])
    response = sign_in(cast.force_user).post(url, {**ANSWERS, "version": "1"})
    assert response.status_code == 409
    assert "Ask the Centre to change it" in response.content.decode()


def test_publish_page_names_the_gaps(cast: Any, sign_in: Any) -> None:
    tactic = proposed(cast.force_user, mechanism="")
    client = sign_in(cast.registrar)
    url = reverse("tactic-publish", args=[tactic.slug])
    assert "Fill in “How it works”" in client.get(url).content.decode()
    refused = client.post(url)
    assert refused.status_code == 422
    assert "Fill in “How it works”" in refused.content.decode()


def test_publish(cast: Any, sign_in: Any) -> None:
    tactic = proposed(cast.force_user)
    url = reverse("tactic-publish", args=[tactic.slug])
    assert sign_in(cast.force_user).post(url).status_code == 403
    assert sign_in(cast.other_force_user).post(url).status_code == 404
    assert sign_in(cast.anonymous).post(url).status_code == 302
    client = sign_in(cast.publisher)
    assert "Publish" in client.get(url).content.decode()
    assert "The tactic is published" in client.post(url, follow=True).content.decode()
    assert client.post(url).status_code == 409
