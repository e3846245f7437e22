"""How long a session lasts, and what ends it."""

import time
from typing import Any

import pytest
import time_machine
from django.test import Client

from centre import tokens
from centre.models import AuditEvent
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "quite another passphrase"


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_session_ends_after_two_hours_without_a_page(registrar: Any, sign_in: Any) -> None:
    begun = time.time()
    client = sign_in(registrar)
    with time_machine.travel(begun + 7000, tick=False):
        assert is_signed_in(client)
    with time_machine.travel(begun + 7000 + 7100, tick=False):
        assert is_signed_in(client)  # the page before counted
    with time_machine.travel(begun + 14_100 + 7300, tick=False):
        assert not is_signed_in(client)
    assert AuditEvent.objects.get(event="session.ended").detail == {"why": "idle"}


def test_a_page_that_updates_itself_keeps_no_session_alive(registrar: Any, sign_in: Any) -> None:
    begun = time.time()
    client = sign_in(registrar)
    with time_machine.travel(begun + 7000, tick=False):
        assert client.get("/account/", headers={"HX-Request": "true"}).status_code == 200
    with time_machine.travel(begun + 7300, tick=False):
        assert not is_signed_in(client)


def test_a_session_ends_twelve_hours_after_its_sign_in(registrar: Any, sign_in: Any) -> None:
    begun = time.time()
    client = sign_in(registrar)
    for hour in range(1, 12):
        with time_machine.travel(begun + 3600 * hour, tick=False):
            assert is_signed_in(client)
    with time_machine.travel(begun + 3600 * 12 + 60, tick=False):
        assert not is_signed_in(client)


def test_signing_in_changes_the_key_of_the_session(registrar: Any) -> None:
    client = Client()
    session = client.session  # one that somebody else may have planted
    session["left"] = "something"
    session.save()
    client.cookies["sessionid"] = session.session_key
    client.post("/sign-in/", {"username": registrar.email, "password": PASSWORD})
    assert client.cookies["sessionid"].value != session.session_key
    assert is_signed_in(client)


def test_a_disabled_person_is_nobody_at_the_next_request(registrar: Any, sign_in: Any) -> None:
    client = sign_in(registrar)
    _, key = tokens.make(name="r", scope="read", days=1, by=registrar)
    type(registrar).objects.filter(pk=registrar.pk).update(is_active=False)
    assert not is_signed_in(client)
    assert Client().get("/api/v1/runs/", headers={"Authorization": f"Token {key}"}).status_code == 401


def test_a_person_ends_their_other_sessions(registrar: Any, analyst: Any, sign_in: Any) -> None:
    here, there, other = sign_in(registrar), sign_in(registrar), sign_in(analyst)
    seen = here.get("/account/").context["sessions"]
    assert ([one.is_this for one in seen].count(True), len(seen)) == (1, 2)
    with time_machine.travel(time.time() + 301, tick=True):  # a while after the sign-in it asks who it is
        assert here.post("/account/sessions/end/").status_code == 403
    assert is_signed_in(there)
    assert here.post("/account/sessions/end/")["Location"] == "/account/"
    assert [is_signed_in(client) for client in (here, there, other)] == [True, False, True]
    assert len(here.get("/account/").context["sessions"]) == 1
    assert AuditEvent.objects.filter(event="sessions.ended", actor_id=str(registrar.pk)).count() == 1


def test_a_new_password_ends_the_other_sessions(registrar: Any, sign_in: Any) -> None:
    here, there = sign_in(registrar), sign_in(registrar)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post("/account/password/", sent).status_code == 302
    assert [is_signed_in(client) for client in (here, there)] == [True, False]
    registrar.refresh_from_db()
    assert registrar.check_password(NEW)
    assert AuditEvent.objects.filter(event="person.password_changed").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"old_password": "wrong"}, "Your old password is not right"),
        ({"new_password2": "x"}, "The two new passwords are not the same"),
        ({"new_password1": "short", "new_password2": "short"}, "at least 15 characters"),
        ({"old_password": ""}, "Enter your old password"),
    ],
)
def test_a_bad_new_password_is_refused(registrar: Any, sign_in: Any, change: Any, words: str) -> None:
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, **change}
    answer = sign_in(registrar).post("/account/password/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    registrar.refresh_from_db()
    assert registrar.check_password(PASSWORD)
    assert AuditEvent.objects.filter(event="request.refused").exists()
