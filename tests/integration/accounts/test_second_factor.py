"""The second factor: asked for, set up, required, used once, recovered, removed."""

import base64
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from centre.accounts import locks, tries
from centre.models import AuditEvent
from tests.integration.accounts import enrolled

pytestmark = pytest.mark.django_db
NOON = "2026-03-02T12:00:05+00:00"
LATER = "2026-03-02T12:00:35+00:00"
ASK = "/sign-in/second-factor/"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_password_alone_opens_nothing_for_who_has_an_app(registrar: Any, clock: Any) -> None:
    enrolled.with_app(registrar)
    clock.move_to(LATER)
    client, answer = enrolled.type_password(registrar)
    assert (answer.status_code, answer["Location"], signed_in(client)) == (302, ASK, False)

    assert 'name="code"' in client.get(ASK).content.decode()
    wrong = client.post(ASK, {"code": "000000"})
    assert (wrong.status_code, 'href="#id_code"' in wrong.content.decode()) == (422, True)
    assert not signed_in(client)
    done = client.post(ASK, {"code": enrolled.code()})
    assert (done["Location"], signed_in(client)) == ("/privacy/", True)
    assert AuditEvent.objects.get(event="sign-in.done").detail == {"with": ["totp"]}
    assert AuditEvent.objects.filter(event="second-factor.refused").count() == 1


def test_a_code_is_accepted_once(registrar: Any, clock: Any) -> None:
    enrolled.with_app(registrar)
    client, _ = enrolled.type_password(registrar)
    assert client.post(ASK, {"code": enrolled.code()}).status_code == 422  # used up as the app was set up
    clock.move_to(LATER)
    assert client.post(ASK, {"code": enrolled.code()}).status_code == 302
    again, _ = enrolled.type_password(registrar)
    answer = again.post(ASK, {"code": enrolled.code()})
    assert answer.status_code == 422
    assert "was used before" in answer.content.decode()
    assert not signed_in(again)


def test_a_code_lives_for_its_own_thirty_seconds(registrar: Any, clock: Any) -> None:
    enrolled.with_app(registrar)
    clock.move_to(LATER)
    client, _ = enrolled.type_password(registrar)
    for steps in (-1, 1):
        assert client.post(ASK, {"code": enrolled.code(steps=steps)}).status_code == 422


def test_a_recovery_code_lets_in_once(registrar: Any) -> None:
    spare = enrolled.with_app(registrar)[3]
    client, _ = enrolled.type_password(registrar)
    assert client.post(ASK, {"code": spare}).status_code == 302
    again, _ = enrolled.type_password(registrar)
    assert again.post(ASK, {"code": spare}).status_code == 422


def test_guessing_codes_ends_for_the_place_and_then_for_the_person(registrar: Any, monkeypatch: Any) -> None:
    spare = enrolled.with_app(registrar)
    monkeypatch.setattr(tries, "OF_ONE", 2)
    monkeypatch.setattr(tries, "OF_A_FACTOR", 3)

    def guess(place: str, code: str) -> Any:
        client, _ = enrolled.type_password(registrar, REMOTE_ADDR=place)
        return client.post(ASK, {"code": code}, REMOTE_ADDR=place)

    assert [guess("192.0.2.1", "1").status_code for _ in range(3)] == [422, 422, 429]
    assert guess("192.0.2.2", spare[0]).status_code == 302  # the person themselves, elsewhere
    assert guess("192.0.2.3", "1").status_code == 422
    over = guess("192.0.2.4", spare[1])  # three wrong codes from anywhere: somebody has the password
    assert (over.status_code, over["Retry-After"]) == (429, "900")


def test_an_app_is_set_up_with_its_first_code_and_gives_recovery_codes(registrar: Any, sign_in: Any) -> None:
    client = sign_in(registrar)
    page = client.get("/second-factor/app/")
    assert "unsafe" not in page["Content-Security-Policy"]
    secret = page.context["form"].secret
    wrong = client.post("/second-factor/app/", {"code": "000000"})
    assert (wrong.status_code, wrong.context["form"].secret) == (422, secret)
    assert enrolled.factors_of(registrar) == set()

    done = client.post("/second-factor/app/", {"code": enrolled.code(secret)}, follow=True)
    codes = done.context["unused_codes"]
    assert len(codes) == 10
    assert all(code in done.content.decode() for code in codes)
    assert enrolled.factors_of(registrar) == {"totp", "recovery_codes"}
    assert codes[0] not in client.get("/second-factor/codes/").content.decode()  # shown once
    assert secret not in str(Authenticator.objects.values_list("data", flat=True))  # nor in the database
    kept = Authenticator.objects.get(type="recovery_codes").data
    assert "seed" not in kept  # who has the database and SECRET_KEY has hashes, and no codes
    assert not any(code in locks.unlock(one) for one in kept["migrated_codes"] for code in codes)
    again, _ = enrolled.type_password(registrar)
    assert again.post(ASK, {"code": codes[3]}).status_code == 302
    again, _ = enrolled.type_password(registrar)
    assert [again.post(ASK, {"code": code}).status_code for code in (codes[3], codes[9])] == [422, 302]
    assert "8 of your codes are left" in client.get("/second-factor/codes/").content.decode()
    assert AuditEvent.objects.filter(event="second-factor.added", actor_id=str(registrar.pk)).count() == 2


@pytest.mark.parametrize("who", ["registrar", "sponsor"])
def test_whose_post_needs_one_sets_one_up_before_anything_else(
    request: Any, sign_in: Any, settings: Any, who: str
) -> None:
    settings.MFA_REQUIRED = True
    client = sign_in(request.getfixturevalue(who))
    for path in ("/", "/work/", "/account/", "/tokens/"):
        assert client.get(path)["Location"] == "/second-factor/"
    refused = client.get("/api/v1/runs/")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert "before you go on" in client.get("/second-factor/").content.decode()
    secret = client.get("/second-factor/app/").context["form"].secret
    assert client.post("/second-factor/app/", {"code": enrolled.code(secret)}).status_code == 302
    assert client.get("/second-factor/codes/").status_code == 200
    assert client.get("/work/").status_code == 200


def test_who_needs_none_is_not_asked(force_user: Any, researcher: Any, sign_in: Any, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    assert [sign_in(one).get("/account/").status_code for one in (force_user, researcher)] == [200, 200]


def test_the_last_factor_stays_while_the_post_needs_it(registrar: Any, sign_in: Any, settings: Any) -> None:
    enrolled.with_app(registrar)
    app = Authenticator.objects.get(user=registrar, type="totp")
    address = f"/second-factor/{app.pk}/remove/"
    settings.MFA_REQUIRED = True
    assert sign_in(registrar).post(address).status_code == 409
    settings.MFA_REQUIRED = False
    assert sign_in(registrar).post(address).status_code == 302
    assert enrolled.factors_of(registrar) == set()  # recovery codes recover nothing by themselves
    assert AuditEvent.objects.filter(event="second-factor.removed").count() == 2


def test_nobody_removes_anothers(registrar: Any, analyst: Any, sign_in: Any) -> None:
    enrolled.with_app(registrar)
    app = Authenticator.objects.get(user=registrar, type="totp")
    assert sign_in(analyst).post(f"/second-factor/{app.pk}/remove/").status_code == 404


def test_new_recovery_codes_replace_the_old(registrar: Any, sign_in: Any) -> None:
    old = enrolled.with_app(registrar)
    new = sign_in(registrar).post("/second-factor/codes/new/", follow=True).context["unused_codes"]
    assert not set(old) & set(new)
    client, _ = enrolled.type_password(registrar)
    assert client.post(ASK, {"code": old[0]}).status_code == 422
    assert client.post(ASK, {"code": new[0]}).status_code == 302


def test_a_new_secret_key_reads_what_the_old_one_locked(registrar: Any, settings: Any) -> None:
    enrolled.with_app(registrar)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret key, of at least fifty characters, for this test"
    client, _ = enrolled.type_password(registrar)
    assert client.post(ASK, {"code": enrolled.code(steps=1)}).status_code == 422
    with time_machine.travel("2030-01-01T00:00:00+00:00", tick=False):
        client, _ = enrolled.type_password(registrar)
        assert client.post(ASK, {"code": enrolled.code()}).status_code == 302


def test_secrets_of_factors_come_from_the_operating_system(registrar: Any, monkeypatch: Any) -> None:
    """django-allauth makes them: what it draws is what `secrets` gives."""
    monkeypatch.setattr("secrets.token_bytes", lambda count=32: b"\x07" * count)
    assert RecoveryCodes.generate_seed() == "07" * 40
    secret = totp.generate_totp_secret()
    assert base64.b32decode(secret) == b"\x07" * 20  # 160 bits
