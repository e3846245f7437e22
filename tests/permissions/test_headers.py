"""Every answer, under production settings, says what the browser must know: refusals, files and feeds included.

Pages and API for every person are asked in test_matrix.py, which holds each answer to the same list.
"""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from centre.accounts import tries
from centre.settings import place
from tests.conftest import PASSWORD
from tests.permissions import said, world
from tests.permissions.asking import COMMITTED, questions

pytestmark = [COMMITTED, pytest.mark.slow, pytest.mark.once]
HEADERS = Path(place.__file__).with_name("headers.py")


@pytest.fixture
def production(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers and cookies of production, as the file of the settings says them."""
    monkeypatch.setattr(place, "EMBEDDED", False)
    for name, value in runpy.run_path(str(HEADERS)).items():
        if name.isupper() and name != "EMBEDDED":
            setattr(settings, name, value)


def asked(client: Client, method: str, address: str, **more: Any) -> Any:
    answer = client.generic(method, address, secure=True, **more)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


@pytest.fixture
def anybody(db: None, production: None) -> Client:
    return Client(raise_request_exception=False)


def test_every_address_says_it_whoever_asks_and_how(
    cast: Any, sign_in: Any, production: None, unlimited: None
) -> None:
    built = world.build(cast)
    wrong, count, asked_of = set(), 0, set()
    for person in (cast.anonymous, cast.registrar, cast.force_user):
        client = sign_in(person)
        for _, _, name, address in questions(
            {**built, "draft": built["public"], "embargoed": built["public"]}
        ):
            if (person, name) in asked_of or name == "sign-out":
                continue
            asked_of.add((person, name))
            for method in ("HEAD", "OPTIONS"):
                answer = asked(client, method, address)
                count += 1
                wrong |= {f"{method} {name}: {one}" for one in said.lacking(answer)}
    assert not wrong, "\n".join(sorted(wrong))
    assert count > 600


@pytest.mark.parametrize(
    ("method", "address", "more", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/no/such/page/", {}, 404),
        ("GET", "/library", {}, 404),
        ("PUT", "/privacy/", {}, 405),
        ("POST", "/sign-in/", {}, 422),
        ("GET", "/", {"headers": {"Host": "evil.example"}}, 400),
        ("GET", "/static/front/icon.svg", {}, 200),
        ("GET", "/static/front/no-such-file.js", {}, 404),
        ("GET", "/static/%2e%2e/settings/place.py", {}, 404),
        ("GET", "/healthz", {}, 200),
        ("GET", "/api/docs/", {}, 200),
        ("GET", "/api/v1/forces/?format=csv", {}, 200),
        ("GET", "/api/v1/forces/?page_size=0", {}, 400),
        ("GET", "/api/v1/forces/", {"headers": {"Host": "evil.example"}}, 400),
        ("GET", "/api/v1/forces/", {"headers": {"Authorization": "Token none"}}, 401),
        ("GET", "/api/v1/forces/", {"headers": {"Accept": "text/html"}}, 406),
        ("POST", "/api/v1/forces/", {}, 401),
        ("GET", "/api/no/such/", {}, 404),
        ("OPTIONS", "/api/v1/forces/", {"headers": {"Access-Control-Request-Method": "GET"}}, 204),
    ],
)
def test_a_refusal_and_a_file_say_it_too(
    anybody: Client, method: str, address: str, more: dict[str, Any], status: int
) -> None:
    answer = asked(anybody, method, address, **more)
    assert (answer.status_code, said.lacking(answer)) == (status, [])


def test_a_plain_address_leads_to_the_secure_one(anybody: Client) -> None:
    answer = anybody.get("/privacy/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/privacy/")
    assert said.lacking(answer) == []


def test_a_program_that_forgot_the_s_is_told_so(anybody: Client) -> None:
    answer = anybody.get("/api/v1/forces/", headers={"Authorization": "Token treg_x"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["type"].endswith(":https_needed")
    assert "revoke it" in answer.json()["detail"]
    assert said.lacking(answer) == []
    assert "revoke" not in anybody.get("/api/v1/forces/").json()["detail"]
    assert (
        anybody.get("/api/docs/")["Location"] == "https://testserver/api/docs/"
    )  # a page, which people read


def test_signing_out_clears_the_browser(anybody: Client, registrar: Any) -> None:
    anybody.post(reverse("sign-in"), {"username": registrar.email, "password": PASSWORD}, secure=True)
    answer = anybody.post(reverse("sign-out"), secure=True)
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert (said.lacking(answer), answer.cookies["__Host-sessionid"].value) == ([], "")


def test_a_notice_has_no_cookie_of_its_own(anybody: Client, registrar: Any, analyst: Any) -> None:
    anybody.force_login(registrar)
    done = anybody.post(reverse("person-sign-out", args=[analyst.pk]), secure=True)
    assert (done.status_code, {*done.cookies} <= {"__Host-csrftoken", "__Host-sessionid"}) == (302, True)
    assert "is signed out everywhere" in anybody.get(done["Location"], secure=True).content.decode()


def test_a_form_of_another_site_is_refused_and_says_it(production: None, registrar: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = asked(client, "POST", "/sign-in/", headers={"Origin": "https://evil.example"})
    assert (answer.status_code, said.lacking(answer)) == (403, [])


def test_a_defect_says_it(anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("centre.audit.head", broken)
    answer = asked(anybody, "GET", "/assurance/")
    assert (answer.status_code, said.lacking(answer)) == (500, [])


def test_too_much_and_too_often_say_it(anybody: Client, settings: Any, registrar: Any) -> None:
    far_too_large = asked(
        anybody,
        "POST",
        "/sign-in/",
        data=b"x" * 3_000_000,
        content_type="application/x-www-form-urlencoded",
    )
    assert (far_too_large.status_code, said.lacking(far_too_large)) == (413, [])
    wrong = {"username": registrar.email, "password": "wrong"}
    for _ in range(tries.OF_ONE):
        anybody.post("/sign-in/", wrong, secure=True)
    often = anybody.post("/sign-in/", wrong, secure=True)
    assert (often.status_code, said.lacking(often)) == (429, [])
    settings.API_REQUESTS_A_MINUTE = {"anonymous": 1, "person": 1, "write": 1}
    asked(anybody, "GET", "/api/v1/forces/")
    throttled = asked(anybody, "GET", "/api/v1/forces/")
    assert (throttled.status_code, said.lacking(throttled)) == (429, [])


def test_cookies_are_bound_to_the_host(anybody: Client, registrar: Any) -> None:
    page = asked(anybody, "GET", reverse("sign-in"))
    done = anybody.post(reverse("sign-in"), {"username": registrar.email, "password": PASSWORD}, secure=True)
    assert {*page.cookies, *done.cookies} == {"__Host-csrftoken", "__Host-sessionid"}
    assert (said.lacking(page), said.lacking(done)) == ([], [])
    assert "no-store" in done["Cache-Control"]
