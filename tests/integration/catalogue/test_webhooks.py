"""Row 78: addresses that lead inside are refused where a person types them, and nothing is kept."""

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from centre.models import AuditEvent, Webhook
from centre.webhooks import addresses

pytestmark = pytest.mark.django_db
PUBLIC = "93.184.216.34"


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.org", ".force.example"]


def found_at(patch: pytest.MonkeyPatch, *ips: str) -> None:
    """Let every name lead to these addresses."""
    found = [(socket.AF_INET6 if ":" in ip else socket.AF_INET, 1, 6, "", (ip, 443)) for ip in ips]
    names = SimpleNamespace(getaddrinfo=lambda *args, **more: found, SOCK_STREAM=socket.SOCK_STREAM)
    patch.setattr(addresses, "socket", names)


def refused(client: Any, url: str) -> None:
    answer = client.post("/webhooks/", {"url": url})
    page = answer.content.decode()
    assert (answer.status_code, "Address not allowed" in page) == (422, True), page
    assert 'href="#id_url"' in page
    assert answer.context["form"]["url"].value() == url
    assert not Webhook.objects.exists()
    assert AuditEvent.objects.get(event="request.refused").detail["fields"] == ["/url"]


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "https://hooks.example.org:8443/",
        "https://hooks.example.org:99999/",
        "https://user:secret@hooks.example.org/",
        "https://hooks.example.org@evil.example/",
        "https://evil.example/?hooks.example.org",
        "https://hooks.example.org.evil.example/",
        "https://evil-force.example/",
        "https://force.example/",
        "https://hooks.example.org./",
        "https://hooks.example.org/#x",
        "https://hooks.example.org\\@evil.example/",
        "https://hooks.exаmple.org/",
        "https:///x",
        "hooks.example.org",
    ],
)
def test_an_address_inside_is_refused(force_user: Any, sign_in: Any, monkeypatch: Any, url: str) -> None:
    found_at(monkeypatch, PUBLIC)
    refused(sign_in(force_user), url)


@pytest.mark.parametrize(
    "ips",
    [
        ("127.0.0.1",),
        ("10.1.2.3",),
        ("169.254.169.254",),
        ("172.16.0.1",),
        ("192.168.0.1",),
        ("100.64.0.1",),
        ("0.0.0.0",),
        ("224.0.0.1",),
        ("240.0.0.1",),
        ("255.255.255.255",),
        ("::1",),
        ("fe80::1",),
        ("fd00::1",),
        ("::ffff:10.0.0.1",),
        ("64:ff9b::a00:1",),
        ("2002:a00:1::",),
        ("2001:0:a00:1::1",),
        (PUBLIC, "10.1.2.3"),
        (),
    ],
)
def test_a_name_that_leads_inside_is_refused(
    force_user: Any, sign_in: Any, monkeypatch: Any, ips: Any
) -> None:
    found_at(monkeypatch, *ips)
    refused(sign_in(force_user), "https://hooks.example.org/registry")


def test_a_name_that_is_not_found_is_refused(force_user: Any, sign_in: Any, monkeypatch: Any) -> None:
    def unknown(*args: Any, **more: Any) -> Any:
        raise socket.gaierror("no such name")

    names = SimpleNamespace(getaddrinfo=unknown, SOCK_STREAM=socket.SOCK_STREAM)
    monkeypatch.setattr(addresses, "socket", names)
    refused(sign_in(force_user), "https://hooks.example.org/registry")


def test_without_a_list_there_are_none(
    force_user: Any, sign_in: Any, settings: Any, monkeypatch: Any
) -> None:
    found_at(monkeypatch, PUBLIC)
    settings.WEBHOOK_HOSTS = []
    client = sign_in(force_user)
    assert "has not allowed any host" in client.get("/webhooks/").content.decode()
    assert client.post("/webhooks/", {"url": "https://hooks.example.org/"}).status_code == 422
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("url", ["https://hooks.example.org/registry?a=b", "https://A.Force.Example:443/"])
def test_an_address_outside_is_taken_and_its_secret_shown_once(
    force_user: Any, sign_in: Any, monkeypatch: Any, url: str
) -> None:
    found_at(monkeypatch, PUBLIC, "2606:2800:220:1::1")
    client = sign_in(force_user)
    made = client.post("/webhooks/", {"url": url})
    secret = made.context["secret"]
    assert (made.status_code, len(secret), secret in made.content.decode()) == (200, 50, True)
    assert "no-store" in made["Cache-Control"]
    webhook = Webhook.objects.get()
    assert (webhook.url, secret in webhook.locked_secret) == (url, False)
    shown = client.get("/webhooks/").content.decode()
    assert (webhook.url in shown, secret in shown) == (True, False)
    assert AuditEvent.objects.get(event="webhook.made").detail == {"host": webhook.host}
