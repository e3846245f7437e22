"""Who may come in: tokens of the API, made and revoked on their page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from centre import tokens
from centre.errors import Conflict, Invalid
from centre.models import ApiToken, AuditEvent


@pytest.fixture
def body_of_401(public):
    answer = public.get("runs/")
    assert answer.status_code == 401
    return answer.content


def test_token_opens_what_its_owner_may_see(call_as, analyst):
    assert call_as(analyst).get("runs/").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Token", "Token ", "Token a b", "Token caf\u00e9", "Token \x00", "Bearer x", "Token " + "x" * 70],
)
def test_malformed_tokens_get_the_same_401(public, body_of_401, header):
    answer = public.client.get("/api/v1/runs/", HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer.content) == (401, body_of_401)
    assert answer["WWW-Authenticate"] == "Token"


def test_expired_revoked_and_suspended_get_the_same_401(call_as, analyst, body_of_401):
    caller = call_as(analyst)
    assert caller.get("runs/").status_code == 200
    token = ApiToken.objects.get(user=analyst)

    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert (caller.get("runs/").status_code, caller.get("runs/").content) == (401, body_of_401)

    ApiToken.objects.update(expiry=timezone.now() + timedelta(days=1))
    tokens.revoke(token=ApiToken.objects.get(pk=token.pk), by=analyst)
    assert caller.get("runs/").content == body_of_401

    ApiToken.objects.update(revoked_at=None)
    analyst.is_active = False
    analyst.save()
    assert caller.get("runs/").content == body_of_401
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_a_bad_token_is_refused_on_public_addresses_too(public, body_of_401):
    assert public.get("forces/", Authorization="Token " + "0" * 69).content == body_of_401


def test_guessing_tokens_is_throttled(public, settings):
    settings.API_REQUESTS_A_MINUTE = {"anonymous": 3, "person": 3, "write": 3}
    answers = [public.get("forces/", Authorization="Token " + "0" * 69).status_code for _ in range(6)]
    assert 429 in answers


def test_read_token_does_not_write(call_as, analyst):
    answer = call_as(analyst, scope="read").post("runs/00000000-0000-0000-0000-000000000000/cancel/")
    assert answer.status_code == 403
    assert "may only read" in answer.json()["detail"]


def test_only_a_hash_is_kept(analyst):
    token, key = tokens.make(name="laptop", scope="read", days=30, by=analyst)
    assert len(key) >= 64
    assert key not in str(ApiToken.objects.filter(pk=token.pk).values())
    assert not AuditEvent.objects.filter(detail__icontains=key).exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "\u200b"}, "/name"),
        ({"name": "x" * 61}, "/name"),
        ({"scope": "admin"}, "/scope"),
        ({"days": 0}, "/days"),
        ({"days": 366}, "/days"),
    ],
)
def test_bad_tokens_are_not_made(analyst, change, pointer):
    with pytest.raises(Invalid) as refusal:
        tokens.make(**{"name": "laptop", "scope": "read", "days": 30, "by": analyst, **change})
    assert [problem.pointer for problem in refusal.value.problems] == [pointer]
    assert not ApiToken.objects.exists()


def test_a_person_holds_only_so_many(analyst):
    for number in range(tokens.MOST_VALID):
        tokens.make(name=str(number), scope="read", days=1, by=analyst)
    with pytest.raises(Conflict):
        tokens.make(name="one more", scope="read", days=1, by=analyst)
