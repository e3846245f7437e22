"""People come in by a link that works once, and are kept out by somebody else."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from centre import invitations, people, tasks, tokens
from centre.accounts import locks
from centre.errors import Invalid, NotPermitted
from centre.models import ApiToken, AuditEvent, Invitation, Membership, Suspension, User
from tests.integration.accounts import enrolled

pytestmark = pytest.mark.django_db
PASSWORD = "four words and a comma"
SENT = {"email": "New.Person@kent.example", "role": "force_user", "force": "kent"}
SURE = {"made_sure": "called"}
ANSWERED = {"name": "New Person", "password": PASSWORD, "again": PASSWORD}


def invited(by: Any, **changes: str) -> str:
    return invitations.make(**{**SENT, **changes}, by=by)[1]


def came_in(path: str, **changes: str) -> Any:
    client = Client()
    opened = client.get(path)
    assert (opened.status_code, opened["Location"]) == (302, "/invitations/accept/")
    return client.post("/invitations/accept/", {**ANSWERED, **changes})


def test_from_the_form_to_a_person_who_signs_in(registrar: Any, sign_in: Any) -> None:
    page = sign_in(registrar).post("/people/invite/", SENT)
    link = page.context["link"]
    assert link in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert link.rsplit("/", 2)[1] not in str(Invitation.objects.values())
    assert AuditEvent.objects.filter(event="invitation.made", actor_id=str(registrar.pk)).exists()

    assert came_in(link.removeprefix("http://testserver"))["Location"] == "/sign-in/"
    person = User.objects.get(email="new.person@kent.example")
    assert (person.name, person.role_names) == ("New Person", ["Force user, Kent Police"])
    sent = {"username": person.email, "password": PASSWORD}
    assert Client().post("/sign-in/", sent)["Location"] == "/work/"
    assert AuditEvent.objects.filter(event="invitation.accepted", actor_id=str(person.pk)).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "no address"}, "Enter an e-mail address, like name@example.org"),
        ({"email": "registrar@test.example"}, "Somebody with this address can sign in already"),
        ({"email": "REGISTRAR@test.example"}, "Somebody with this address can sign in already"),
        ({"role": ""}, "Choose a post"),
        ({"role": "king"}, "Select a valid choice"),
        ({"force": ""}, "Name the force"),
        ({"role": "analyst"}, "Only a post in a force names one"),
    ],
)
def test_a_bad_invitation_keeps_what_was_typed_and_makes_no_link(
    registrar: Any, sign_in: Any, change: dict[str, str], words: str
) -> None:
    page = sign_in(registrar).post("/people/invite/", {**SENT, **change})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert page.context["form"].data["email"] == {**SENT, **change}["email"]
    assert not Invitation.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").exists()


def test_a_link_works_once(registrar: Any) -> None:
    path = invited(registrar)
    assert came_in(path).status_code == 302
    assert Client().get(path).status_code == 404
    held = Client()
    held.session["invitation"] = "x"
    assert held.post("/invitations/accept/", ANSWERED).status_code == 404
    assert User.objects.filter(email__iexact=SENT["email"]).count() == 1


def test_a_link_opened_twice_lets_in_once(registrar: Any) -> None:
    path = invited(registrar)
    first, second = Client(), Client()
    for client in (first, second):
        client.get(path)
    answers = [client.post("/invitations/accept/", ANSWERED).status_code for client in (first, second)]
    assert answers == [302, 404]


def test_an_old_link_and_a_revoked_one_open_nothing(registrar: Any, director: Any, sign_in: Any) -> None:
    old, revoked = invited(registrar), invited(registrar, email="other@kent.example")
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert Client().get(old).status_code == 404
    found = Invitation.objects.get(email="other@kent.example")
    address = f"/people/invitations/{found.public_id}/revoke/"
    assert sign_in(director).post(address).status_code == 302
    assert Client().get(revoked).status_code == 404
    assert sign_in(director).post(address).status_code == 409
    assert AuditEvent.objects.filter(event="invitation.revoked").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "short", "again": "short"}, "password"),
        ({"password": "passwordpassword1", "again": "another"}, "again"),
        ({"name": "\u200b"}, "name"),
        ({"password": "new.person@kent", "again": "new.person@kent"}, "password"),
    ],
)
def test_a_bad_answer_uses_nothing_up_and_tells_no_log(
    registrar: Any, change: dict[str, str], field: str
) -> None:
    path = invited(registrar)
    answer = came_in(path, **change)
    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert came_in(path).status_code == 302
    key = path.strip("/").rpartition("/")[2]
    assert not any(key in str(detail) for detail in AuditEvent.objects.values_list("detail", flat=True))


def test_only_the_registrar_and_the_director_invite(cast: Any, sign_in: Any) -> None:
    for one in (cast.reviewer, cast.force_user, cast.sponsor):
        assert sign_in(one).post("/people/invite/", SENT).status_code == 403
        with pytest.raises(NotPermitted):
            invited(one)
    assert not Invitation.objects.exists()


def test_with_a_mail_server_a_worker_sends_the_link_and_no_page_shows_it(
    registrar: Any, sign_in: Any, settings: Any, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_HOST = "mail.example"
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr("centre.runs.doorbell.ring", lambda task, order: rung.append((task, order)))
    with django_capture_on_commit_callbacks(execute=True):
        page = sign_in(registrar).post("/people/invite/", SENT)
    assert page.context["link"] == ""
    [(task, order)] = rung
    link = locks.unlock(order.split(" ")[1])
    assert (task, link in order, link in page.content.decode()) == ("centre.mail_invitation", False, False)

    tasks.mail_invitation(order)
    tasks.mail_invitation(order)  # a message that comes twice is mailed once
    [sent] = mail.outbox
    assert (sent.to, link in sent.body) == (["new.person@kent.example"], True)
    assert came_in(link.removeprefix(settings.PUBLIC_ADDRESS)).status_code == 302


def test_a_link_has_more_than_128_bits(registrar: Any, monkeypatch: Any) -> None:
    drawn: list[int] = []
    monkeypatch.setattr("secrets.token_bytes", lambda count=32: drawn.append(count) or b"\x07" * count)
    _, path = invitations.make(email="a@x.example", role="analyst", by=registrar)
    assert (drawn, len(path.strip("/").rpartition("/")[2])) == ([32], 43)


@pytest.mark.parametrize(
    "address", ["a@x.example\nBcc: b@x.example", "a@x.example, b@x.example", "a@x.example%0aBcc: b@x.example"]
)
def test_nobody_is_written_into_a_mail(registrar: Any, settings: Any, address: str) -> None:
    settings.EMAIL_HOST = "mail.example"
    with pytest.raises(Invalid):
        invitations.make(email=address, role="analyst", by=registrar)
    assert not Invitation.objects.exists()


def test_a_new_password_by_a_link_ends_sessions_and_keeps_the_second_factor(
    analyst: Any, registrar: Any, sign_in: Any
) -> None:
    enrolled.with_app(analyst)
    session = sign_in(analyst)
    page = sign_in(registrar).post(f"/people/{analyst.pk}/new-link/", SURE)
    path = page.context["link"].removeprefix("http://testserver")
    assert came_in(path).status_code == 302
    analyst.refresh_from_db()
    assert (analyst.check_password(PASSWORD), analyst.name) == (True, "Ana Analyst")
    assert session.get("/account/").status_code == 302
    assert enrolled.factors_of(analyst) == {"totp", "recovery_codes"}
    assert Client().get(path).status_code == 404


def test_a_lost_second_factor_is_removed_by_another(analyst: Any, registrar: Any, sign_in: Any) -> None:
    enrolled.with_app(analyst)
    enrolled.with_app(registrar)
    session = sign_in(analyst)
    address = f"/people/{analyst.pk}/second-factor/remove/"
    unsure = sign_in(registrar).post(address)
    assert (unsure.status_code, "Choose how you made sure" in unsure.content.decode()) == (422, True)
    assert enrolled.factors_of(analyst) == {"totp", "recovery_codes"}
    assert sign_in(registrar).post(address, SURE).status_code == 302
    assert (enrolled.factors_of(analyst), session.get("/account/").status_code) == (set(), 302)
    assert sign_in(registrar).post(f"/people/{registrar.pk}/second-factor/remove/", SURE).status_code == 403
    assert enrolled.factors_of(registrar) == {"totp", "recovery_codes"}
    event = AuditEvent.objects.get(event="person.second_factor_removed", actor_id=str(registrar.pk))
    assert event.detail == {"made_sure": "called"}


def test_the_registrar_signs_somebody_out(analyst: Any, registrar: Any, sign_in: Any) -> None:
    session, by = sign_in(analyst), sign_in(registrar)
    assert by.post(f"/people/{analyst.pk}/sign-out/").status_code == 302
    assert [one.get("/account/").status_code for one in (session, by)] == [302, 200]
    assert AuditEvent.objects.get(event="sessions.ended").actor_id == str(registrar.pk)
    assert enrolled.type_password(analyst)[1].status_code == 302


def test_a_suspended_person_is_out_at_once_and_comes_back_without_tokens(
    analyst: Any, registrar: Any, sign_in: Any
) -> None:
    session, by = sign_in(analyst), sign_in(registrar)
    _, key = tokens.make(name="r", scope="read", days=1, by=analyst)
    assert by.post(f"/people/{analyst.pk}/suspend/", {"reason": ""}).status_code == 422
    assert by.post(f"/people/{analyst.pk}/suspend/", {"reason": "Left the Centre."}).status_code == 302
    assert session.get("/account/").status_code == 302
    assert enrolled.type_password(analyst)[1].status_code == 422
    asked = {"headers": {"Authorization": f"Token {key}"}}
    assert Client().get("/api/v1/runs/", **asked).status_code == 401
    assert "Left the Centre." in by.get(f"/people/{analyst.pk}/").content.decode()

    assert by.post(f"/people/{analyst.pk}/restore/").status_code == 302
    assert by.post(f"/people/{analyst.pk}/restore/").status_code == 409
    assert session.get("/account/").status_code == 302  # the old session stays ended
    assert Client().get("/api/v1/runs/", **asked).status_code == 401
    assert enrolled.type_password(analyst)[1].status_code == 302
    assert [one.lifted_by for one in Suspension.objects.all()] == [registrar]
    assert ApiToken.objects.filter(user=analyst, revoked_at=None).count() == 0


def test_nobody_suspends_themselves_or_holds_a_new_post_by_it(registrar: Any, sign_in: Any) -> None:
    client = sign_in(registrar)
    assert client.post(f"/people/{registrar.pk}/suspend/", {"reason": "Rest."}).status_code == 403
    assert client.post(f"/people/{registrar.pk}/new-link/", SURE).status_code == 403
    sent = {"email": registrar.email, "role": "director", "force": ""}
    assert client.post("/people/invite/", sent).status_code == 422
    assert Membership.objects.filter(user=registrar).count() == 1


@pytest.mark.parametrize("field", ["suspension", "invitation", "renewal", "two_ends"])
def test_the_database_keeps_two_people_apart(registrar: Any, analyst: Any, field: str) -> None:
    now = timezone.now()
    row: dict[str, Any] = {
        "email": "x@y.example",
        "made_by": registrar,
        "expires_at": now + timedelta(days=1),
    }
    made: dict[str, Any] = {
        "suspension": Suspension(person=registrar, by=registrar, reason="x"),
        "invitation": Invitation(**row, link_sha256="a", role="analyst", accepted_at=now, person=registrar),
        "renewal": Invitation(**row, link_sha256="b", renews=registrar),
        "two_ends": Invitation(
            **row,
            link_sha256="c",
            role="analyst",
            accepted_at=now,
            person=analyst,
            revoked_at=now,
            revoked_by=analyst,
        ),
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        made[field].save()


def test_the_list_finds_by_name_and_says_when_it_finds_nobody(cast: Any, sign_in: Any) -> None:
    invited(cast.registrar)
    client = sign_in(cast.registrar)
    page = client.get("/people/", {"q": "ana"}).content.decode()
    assert "Ana Analyst" in page
    assert "Omar Other" not in page
    assert "new.person@kent.example" in page
    assert "Nobody’s name or address" in client.get("/people/", {"q": "zzz"}).content.decode()


def test_people_are_suspended_once_at_a_time(registrar: Any, analyst: Any) -> None:
    people.suspend(person=analyst, reason="x", by=registrar)
    with pytest.raises(IntegrityError), transaction.atomic():
        Suspension.objects.create(person=analyst, reason="y", by=registrar)
