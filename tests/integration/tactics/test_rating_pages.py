"""The rating's trace, the two signatures, and the page of the rules."""

import re
from typing import Any

import pytest
from django.urls import reverse

from tactics.models import Rating
from tests.integration.tactics.library import candidate, found, published, signed

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def waiting(cast: Any) -> Rating:
    """A candidate that rests on one trial."""
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    return candidate(tactic)


def test_public_rating_shows_its_rules(client: Any, cast: Any, waiting: Rating) -> None:
    signed(waiting, cast.reviewer, cast.second_reviewer)
    words = text_of(client.get(waiting.get_absolute_url()))
    assert "E2 The pooled effect is beneficial +3" in words
    assert "L3 Promising; one study" in words
    assert "D5 Randomised, generated and concealed, overrides 5% or fewer Score 5" in words
    assert "Mina Reviewer" in words
    assert "RULES-1.0" in words


def test_list_shows_every_rating(client: Any, cast: Any, waiting: Rating) -> None:
    url = reverse("rating-list", args=[waiting.tactic.slug])
    assert text_of(client.get(url)).count("Public since") == 1
    signed(waiting, cast.reviewer, cast.second_reviewer)
    words = text_of(client.get(url))
    assert "Promising" in words
    assert "Public from" in words


def test_reviewers_sign_in_turn(cast: Any, sign_in: Any, waiting: Rating) -> None:
    url = reverse("rating-sign", args=[waiting.pk])
    first, second = sign_in(cast.reviewer), sign_in(cast.second_reviewer)
    assert "Review and sign" in text_of(first.get(url))
    assert "second reviewer must sign too" in text_of(first.post(url, {"agree": "yes"}, follow=True))
    again = first.post(url, {"agree": "yes"})
    assert again.status_code == 409
    assert "You have signed this rating already" in text_of(again)
    assert "The rating is public" in text_of(second.post(url, {"agree": "yes"}, follow=True))
    waiting.refresh_from_db()
    assert waiting.is_current


def test_signing_needs_the_box_ticked(cast: Any, sign_in: Any, waiting: Rating) -> None:
    response = sign_in(cast.reviewer).post(reverse("rating-sign", args=[waiting.pk]))
    assert response.status_code == 422
    assert "Confirm that you have read the trace" in text_of(response)
    assert not waiting.signatures.exists()


def test_who_may_sign(cast: Any, sign_in: Any, waiting: Rating) -> None:
    url = reverse("rating-sign", args=[waiting.pk])
    expected = {"anonymous": 302, "force_user": 404, "researcher": 404, "registrar": 403, "publisher": 403}
    for who, status in expected.items():
        client = sign_in(getattr(cast, who))
        assert client.get(url).status_code == status
        assert client.post(url, {"agree": "yes"}).status_code == status
    assert not waiting.signatures.exists()


def test_adjust_makes_a_new_candidate(cast: Any, sign_in: Any, waiting: Rating) -> None:
    client = sign_in(cast.reviewer)
    url = reverse("rating-adjust", args=[waiting.pk])
    assert "Enter a reason" in text_of(client.post(url, {"step": "down", "reason": ""}))
    wrong = client.post(url, {"step": "sideways", "reason": "Because of this"})
    assert wrong.status_code == 422
    assert "Because of this" in wrong.content.decode()
    done = client.post(url, {"step": "down", "reason": "Delivery differed"}, follow=True)
    assert "Reviewers: Delivery differed" in text_of(done)
    assert sign_in(cast.registrar).post(url, {"step": "down", "reason": "x"}).status_code == 403


def test_my_work_lists_what_waits_for_each(cast: Any, sign_in: Any, waiting: Rating) -> None:
    url = reverse("my-work")
    assert "Ratings to look at 1" in text_of(sign_in(cast.reviewer).get(url))
    signed(waiting, cast.reviewer)
    assert "Ratings to look at" not in text_of(sign_in(cast.reviewer).get(url))
    assert "Ratings to look at" not in text_of(sign_in(cast.registrar).get(url))
    assert "Ratings to look at" not in text_of(sign_in(cast.force_user).get(url))
    found(waiting.tactic, cast.publisher, "CPP-2026-0002-3", estimate=0.3, domain="complaints")
    assert "Hold: possible harm" in text_of(sign_in(cast.registrar).get(url))


def test_rules_page_states_every_threshold(client: Any, db: None) -> None:
    words = text_of(client.get(reverse("rating-rules")))
    for rule in ("D5", "P3", "A1", "C10", "C5b", "SB", "SK"):
        assert f" {rule} " in words
    assert "One high and one moderate threat (EEF) Drop 2" in words
    assert "RULES-1.0" in words


def test_unknown_rating_is_not_found(client: Any, db: None) -> None:
    url = reverse("rating-detail", args=["00000000-0000-4000-8000-000000000000"])
    assert client.get(url).status_code == 404
