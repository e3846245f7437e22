"""The page on which people make and revoke keys to the API."""

from typing import Any

import pytest
from django.test import Client

from centre import tokens
from centre.models import ApiToken, AuditEvent

pytestmark = pytest.mark.django_db
SENT = {"name": "R on my laptop", "scope": "write", "days": "30"}


def test_key_is_shown_once_and_works(analyst: Any, sign_in: Any) -> None:
    client = sign_in(analyst)
    page = client.post("/tokens/", SENT)
    key = page.context["key"]
    assert key in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert key not in client.get("/tokens/").content.decode()
    assert Client().get("/api/v1/runs/", headers={"Authorization": f"Token {key}"}).status_code == 200
    assert AuditEvent.objects.filter(event="token.made", actor_id=str(analyst.pk)).exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter name"),
        ("name", "\u200b", "Enter name"),
        ("name", "x" * 61, "60 characters"),
        ("scope", "admin", "Select a valid choice"),
        ("days", "9999", "Select a valid choice"),
        ("days", "", "Select how long it lasts"),
    ],
)
def test_bad_form_keeps_what_was_typed_and_makes_nothing(
    analyst: Any, sign_in: Any, field: str, value: str, words: str
) -> None:
    page = sign_in(analyst).post("/tokens/", {**SENT, field: value})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert page.context["form"].data["scope"] == (value if field == "scope" else "write")
    assert not ApiToken.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").exists()


def test_too_many_tokens_are_refused_in_the_form(analyst: Any, sign_in: Any) -> None:
    for number in range(tokens.MOST_VALID):
        tokens.make(name=str(number), scope="read", days=1, by=analyst)
    page = sign_in(analyst).post("/tokens/", SENT)
    assert page.status_code == 409
    assert "revoke one first" in page.content.decode()
    assert SENT["name"] in page.content.decode()


def test_own_token_is_revoked_and_no_other(analyst: Any, checker: Any, sign_in: Any) -> None:
    token, key = tokens.make(name="laptop", scope="read", days=1, by=analyst)
    address = f"/tokens/{token.public_id}/revoke/"
    assert sign_in(checker).post(address).status_code == 404
    assert "laptop" not in sign_in(checker).get("/tokens/").content.decode()
    page = sign_in(analyst).post(address, follow=True).content.decode()
    assert "The token laptop is revoked" in page
    assert "Revoked on" in page
    assert sign_in(analyst).post(address).status_code == 409
    assert Client().get("/api/v1/runs/", headers={"Authorization": f"Token {key}"}).status_code == 401
