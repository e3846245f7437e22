"""Single sign-on, with a provider that really signs and really checks PKCE: only whom the registry knows comes in."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from centre import env
from centre.accounts import providers
from centre.models import AuditEvent, User
from tests.conftest import make_person
from tests.integration.accounts import enrolled
from tests.integration.accounts.identity_provider import CLIENT, OTHER_KEY, SECRET, IdentityProvider

pytestmark = pytest.mark.django_db
BEGIN = "/sign-in/with/force/?next=/privacy/"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    running = IdentityProvider()
    one = {
        "id": "force",
        "name": "Testshire Police",
        "issuer": running.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "force": "testshire",
    }
    settings.SINGLE_SIGN_ON = [one]
    settings.SOCIALACCOUNT_PROVIDERS = providers.for_allauth([one])
    try:
        yield running
    finally:
        running.stop()


def come_back(provider: IdentityProvider, client: Client, begin: str = BEGIN) -> Any:
    """Go to the provider and back, as a browser does."""
    back = provider.authorize(client.get(begin, headers=FROM_HERE)["Location"])
    return client.get(back.removeprefix("http://testserver"))


def person_of(client: Client) -> Any:
    return client.get("/privacy/").context["user"]


def test_a_known_person_comes_in_and_is_linked(provider: Any, force_user: Any) -> None:
    assert "Sign in with Testshire Police" in Client().get("/sign-in/").content.decode()
    provider.claims["email"] = force_user.email.upper()
    client = Client()
    answer = come_back(provider, client)
    assert (answer.status_code, answer["Location"], person_of(client)) == (302, "/privacy/", force_user)
    account = SocialAccount.objects.get()
    assert (account.user, account.uid, account.extra_data) == (force_user, "u-1", {})
    assert AuditEvent.objects.get(event="sign-in.done").detail == {"with": ["socialaccount"]}
    assert AuditEvent.objects.filter(event="single-sign-on.linked", actor_id=str(force_user.pk)).count() == 1

    provider.claims["email"] = "a.new.name@testshire.example"  # known by the provider's id from now on
    assert person_of_new(provider) == force_user


def person_of_new(provider: IdentityProvider) -> Any:
    client = Client()
    come_back(provider, client)
    return person_of(client)


def test_the_second_factor_is_asked_of_them_too(provider: Any, sponsor: Any) -> None:
    enrolled.with_app(sponsor)
    provider.claims["email"] = sponsor.email
    client = Client()
    assert come_back(provider, client)["Location"] == "/sign-in/second-factor/"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody@testshire.example"},
        {"email_verified": False},
        {"email": "other_force_user@test.example"},  # of another force
        {"email": "registrar@test.example"},  # the Centre's: no business of this provider
    ],
)
def test_who_is_not_known_or_not_the_providers_stays_out(provider: Any, force_user: Any, wrong: Any) -> None:
    make_person("other_force_user")
    make_person("registrar")
    before = User.objects.count()
    provider.claims |= {"email": force_user.email, **wrong}
    client = Client()
    answer = come_back(provider, client)
    assert (answer.status_code, person_of(client).is_authenticated) == (403, False)
    assert "An account comes by invitation" in answer.content.decode()
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)
    assert AuditEvent.objects.filter(event="single-sign-on.refused").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": OTHER_KEY},
        {"changes": {"aud": "another registry"}},
        {"changes": {"iss": "https://elsewhere.example"}},
        {"changes": {"exp": 1}},
        {"changes": {"sub": "somebody else"}},
        {"changes": {"nonce": "of another session"}},
        {"changes": {"nonce": None}},
        {"sends_id_token": False},
        {"calls_itself": "https://elsewhere.example", "changes": {"iss": "https://elsewhere.example"}},
    ],
)
def test_a_token_that_does_not_hold_lets_nobody_in(provider: Any, force_user: Any, wrong: Any) -> None:
    provider.claims["email"] = force_user.email
    for name, value in wrong.items():
        setattr(provider, name, value)
    client = Client()
    assert come_back(provider, client).status_code == 403
    assert not person_of(client).is_authenticated


def test_a_suspended_person_stays_out(provider: Any, force_user: Any) -> None:
    provider.claims["email"] = force_user.email
    assert person_of_new(provider) == force_user
    User.objects.filter(pk=force_user.pk).update(is_active=False)
    assert not person_of_new(provider).is_authenticated


def test_an_answer_that_nobody_asked_for_is_refused(provider: Any, force_user: Any) -> None:
    provider.claims["email"] = force_user.email
    back = provider.authorize(Client().get(BEGIN, headers=FROM_HERE)["Location"]).removeprefix(
        "http://testserver"
    )
    other = Client()  # whose session began nothing
    assert other.get(back).status_code == 403
    assert not person_of(other).is_authenticated


def test_only_a_click_here_begins_it(provider: Any) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {}, {"Referer": "https://evil.example/"}):
        answer = Client().get(BEGIN, headers=headers)
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/privacy/")
    for headers in (FROM_HERE, {"Sec-Fetch-Site": "none"}, {"Referer": "http://testserver/sign-in/"}):
        assert Client().get(BEGIN, headers=headers)["Location"].startswith(provider.issuer)


def test_no_provider_speaks_for_anothers_people(provider: Any, settings: Any, force_user: Any) -> None:
    provider.claims["email"] = force_user.email
    [own] = settings.SINGLE_SIGN_ON
    anybodys = {**own, "id": "anybodys", "force": ""}
    settings.SINGLE_SIGN_ON = [own, anybodys]
    settings.SOCIALACCOUNT_PROVIDERS = providers.for_allauth(settings.SINGLE_SIGN_ON)
    theirs = BEGIN.replace("force", "anybodys")
    assert come_back(provider, Client(), theirs).status_code == 403  # the force has a provider of its own
    assert come_back(provider, Client()).status_code == 302
    settings.SINGLE_SIGN_ON = [anybodys]
    settings.SOCIALACCOUNT_PROVIDERS = providers.for_allauth(settings.SINGLE_SIGN_ON)
    provider.claims["sub"] = "u-2"  # the same address, another of its people
    assert (
        come_back(provider, Client(), theirs).status_code == 403
    )  # who has come in by one comes in by no other
    assert SocialAccount.objects.get().provider == "force"


def test_nobody_links_anothers_account_to_their_own(
    provider: Any, force_user: Any, other_force_user: Any, sign_in: Any
) -> None:
    provider.claims["email"] = force_user.email
    answer = come_back(provider, sign_in(other_force_user), f"{BEGIN}&process=connect")
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_provider_that_is_away_says_so(provider: Any) -> None:
    provider.stop()
    answer = Client().get(BEGIN, headers=FROM_HERE)
    assert (answer.status_code, "does not answer" in answer.content.decode()) == (503, True)


def test_the_environment_names_one_provider_or_many(monkeypatch: Any) -> None:
    for name, value in {"ISSUER": "https://id.example/", "CLIENT_ID": "a", "CLIENT_SECRET": "b"}.items():
        monkeypatch.setenv(f"OIDC_{name}", value)
    [one] = providers.from_environment()
    assert (one["id"], one["issuer"], one["force"]) == ("organisation", "https://id.example", "")
    many = '[{"id":"kent","name":"Kent","issuer":"https://k.example","client_id":"a","client_secret":"b","force":"kent"}]'
    monkeypatch.setenv("OIDC_PROVIDERS", many)
    assert [(one["id"], one["force"]) for one in providers.from_environment()] == [("kent", "kent")]


@pytest.mark.parametrize("text", ["nonsense", "{}", '[{"id":"kent"}]', '["kent"]'])
def test_a_provider_that_is_not_whole_stops_the_start(monkeypatch: Any, text: str) -> None:
    monkeypatch.setenv("OIDC_PROVIDERS", text)
    with pytest.raises(env.BadEnvironment):
        providers.from_environment()
