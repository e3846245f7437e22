"""`check --deploy` refuses connections that cross a network in the clear."""

from types import SimpleNamespace
from typing import Any

import dj_database_url
import pytest

from centre import checks


def found(patch: pytest.MonkeyPatch, database: str = "sqlite://", **given: Any) -> list[str]:
    said = {"EMAIL_HOST": "", "SINGLE_SIGN_ON": [], "REDIS_URL": "", **given}
    patch.setattr(
        checks, "settings", SimpleNamespace(DATABASES={"default": dj_database_url.parse(database)}, **said)
    )
    return [str(message.id) for message in checks.connections_are_private()]


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("postgresql://u:p@db.example/registry", True),
        ("postgresql://u:p@db.example/registry?sslmode=require", True),
        ("postgresql://u:p@db.example/registry?sslmode=verify-full", False),
        ("postgresql://u:p@%2Frun%2Fpostgresql/registry", False),
        ("postgresql://u:p@localhost/registry", False),
    ],
)
def test_a_database_elsewhere_needs_a_checked_certificate(
    monkeypatch: pytest.MonkeyPatch, address: str, is_open: bool
) -> None:
    assert found(monkeypatch, address) == (["centre.W001"] if is_open else [])


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("redis://redis.example:6379/0", True),
        ("rediss://redis.example:6379/0?ssl_cert_reqs=none", True),
        ("rediss://redis.example:6379/0?ssl_cert_reqs=required", False),
        ("redis://127.0.0.1:6379/0", False),
        ("unix:///run/redis/redis.sock?db=0", False),
    ],
)
def test_a_redis_elsewhere_too(monkeypatch: pytest.MonkeyPatch, address: str, is_open: bool) -> None:
    assert found(monkeypatch, REDIS_URL=address) == (["centre.W002"] if is_open else [])


def test_mail_and_providers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = {"name": "Kent", "issuer": "http://id.example"}
    assert found(monkeypatch, EMAIL_HOST="mail.example", EMAIL_USE_TLS=False, SINGLE_SIGN_ON=[provider]) == [
        "centre.W003",
        "centre.W004",
    ]
    provider = {"name": "Kent", "issuer": "https://id.example"}
    assert found(monkeypatch, EMAIL_HOST="mail.example", EMAIL_USE_TLS=True, SINGLE_SIGN_ON=[provider]) == []


def test_a_list_of_breached_passwords_is_asked_for(settings: Any) -> None:
    settings.BREACHED_PASSWORDS = ""
    assert [one.id for one in checks.breached_passwords_are_known()] == ["centre.I001"]
    settings.BREACHED_PASSWORDS = "/srv/breached.txt"
    assert checks.breached_passwords_are_known() == []
