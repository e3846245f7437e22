"""The Centre's own pages: they answer, say what they should, and need no account."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from centre.accounts import tries
from centre.models import AuditEvent
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/sign-in/", "/developers/", "/assurance/", "/accessibility/", "/privacy/"])
def test_public_pages_answer_with_a_strict_policy(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    html = response.content.decode()
    assert " style=" not in html
    assert " on" not in [part[:3] for part in html.split("<script")[1:]]
    assert html.count("<h1") == 1


def test_assurance_shows_the_head_of_the_audit_chain(client: Client, registrar) -> None:
    from centre import audit

    event = audit.record("test.happened", subject=registrar, by=registrar)

    assert event.hash in client.get("/assurance/").content.decode()


def test_sign_in_takes_the_address_in_any_case(client: Client, registrar) -> None:
    response = client.post(
        "/sign-in/", {"username": registrar.email.upper(), "password": PASSWORD, "next": "/privacy/"}
    )

    assert response.status_code == 302
    assert response["Location"] == "/privacy/"
    assert client.get("/privacy/").context["user"] == registrar
    assert AuditEvent.objects.filter(event="sign-in.done").count() == 1


def test_sign_in_refuses_with_one_message_for_either_mistake(client: Client, registrar) -> None:
    wrong = client.post("/sign-in/", {"username": registrar.email, "password": "not this one"})
    unknown = client.post("/sign-in/", {"username": "nobody@test.example", "password": "not this one"})

    for response in (wrong, unknown):
        assert response.status_code == 422
        assert "The e-mail address or the password is not right" in response.content.decode()
    assert AuditEvent.objects.filter(event="sign-in.refused").count() == 2


def test_empty_sign_in_names_both_fields_and_links_to_them(client: Client) -> None:
    html = client.post("/sign-in/", {}).content.decode()

    assert "Error: Sign in" in html
    for field, message in (("username", "Enter your e-mail address"), ("password", "Enter your password")):
        assert f'<a href="#id_{field}">{message}</a>' in html
        assert f'id="id_{field}_error"' in html


def test_tries_are_limited_for_one_place_only(client: Client, registrar) -> None:
    for _ in range(10):
        client.post("/sign-in/", {"username": registrar.email, "password": "wrong"}, REMOTE_ADDR="192.0.2.1")
    right = {"username": registrar.email, "password": PASSWORD}

    refused = client.post("/sign-in/", right, REMOTE_ADDR="192.0.2.1")
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    assert "Too many wrong tries. Wait 15 minutes and try again" in refused.content.decode()
    assert client.post("/sign-in/", right | {"next": "/privacy/"}, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_a_place_that_tries_many_addresses_is_limited(client: Client, registrar, monkeypatch) -> None:
    monkeypatch.setattr(tries, "OF_A_PLACE", 5)
    answers = [
        client.post("/sign-in/", {"username": f"p{n}@test.example", "password": "x"}, REMOTE_ADDR="192.0.2.1")
        for n in range(6)
    ]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    right = {"username": registrar.email, "password": PASSWORD}
    assert client.post("/sign-in/", right, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.post("/sign-in/", right, REMOTE_ADDR="192.0.2.3").status_code == 302


def test_an_unknown_address_is_answered_as_a_known_one(client: Client, registrar) -> None:
    answers = [
        client.post("/sign-in/", {"username": address, "password": "wrong"})
        for address in (registrar.email, "nobody@test.example")
    ]
    known, unknown = (re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers)
    assert known == unknown
    assert AuditEvent.objects.filter(event="sign-in.refused").count() == 2


def test_an_unknown_address_costs_the_time_of_a_known_one(
    client: Client, registrar, analyst, monkeypatch
) -> None:
    """As many hashes are made for who is unknown, suspended or without a password as for who is known."""
    type(analyst).objects.filter(pk=analyst.pk).update(is_active=False)
    type(registrar).objects.create_user("sso@test.example", None, name="Without a password")
    made: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *args: made.append(args[0]) or encode(self, *args)
    )
    counts = set()
    for address in (registrar.email, analyst.email, "sso@test.example", "nobody@test.example"):
        made.clear()
        client.post("/sign-in/", {"username": address, "password": "wrong"})
        counts.add(len(made))
    assert counts == {1}


def test_sign_in_does_not_send_anyone_to_another_site(client: Client, registrar) -> None:
    data = {"username": registrar.email, "password": PASSWORD, "next": "https://elsewhere.example/"}

    assert "elsewhere" not in client.post("/sign-in/", data)["Location"]


def test_unknown_page_answers_404_in_the_house_style(client: Client) -> None:
    response = client.get("/no-such-page/")

    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_form_without_its_token_is_refused_in_plain_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {})

    assert response.status_code == 403
    assert "This form can no longer be sent" in response.content.decode()
