"""What is new is sent over real TLS to a real receiver: signed, pinned to what was checked, tried a few times."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import transaction
from django.test import Client

from centre import erasure, people, tasks, tokens
from centre.models import AuditEvent, Webhook, WebhookMessage
from centre.webhooks import addresses, outbox, sending, subscribing
from tactics.actions import bulletins
from tactics.models import Bulletin
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db
HOST, PUBLIC = "hooks.example.org", "93.184.216.34"
URL = f"https://{HOST}/registry?from=us"
connect = socket.create_connection


class Receiver:
    """Answers as a test wants, and keeps what came."""

    def __init__(self, place: Path) -> None:
        self.status, self.headers, self.waits = 204, {}, 0.0  # type: ignore[var-annotated]
        self.came: list[tuple[str, dict[str, str], str]] = []
        self.asked_for: list[Any] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place / "pair.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.came.append((self.path, dict(self.headers), body))
                time.sleep(receiver.waits)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def connection(self, address: Any, timeout: float) -> socket.socket:
        """Lead a connection to a public address here, and remember which."""
        self.asked_for.append(address)
        return connect(self.server.server_address[:2], timeout)  # type: ignore[arg-type]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the host, which is its own authority."""
    place, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]), dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = made.public_bytes(serialization.Encoding.PEM)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place / "pair.pem").write_bytes(key.private_bytes(*form) + certificate)
    (place / "authority.pem").write_bytes(certificate)
    return place


@pytest.fixture
def receiver(pair: Path, monkeypatch: Any, settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_HOSTS = [HOST]
    monkeypatch.setenv("SSL_CERT_FILE", str(pair / "authority.pem"))
    running = Receiver(pair)
    lead_to(monkeypatch, PUBLIC)
    monkeypatch.setattr(sending.socket, "create_connection", running.connection)
    try:
        yield running
    finally:
        running.stop()


def lead_to(patch: pytest.MonkeyPatch, ip: str) -> None:
    found = [(socket.AF_INET, 1, 6, "", (ip, 443))]
    names = SimpleNamespace(getaddrinfo=lambda *args, **more: found, SOCK_STREAM=socket.SOCK_STREAM)
    patch.setattr(addresses, "socket", names)


@pytest.fixture
def kept(receiver: Receiver, force_user: Any) -> tuple[Webhook, str]:
    """A webhook and its secret."""
    return subscribing.make(url=URL, by=force_user)


def something_new(number: int = 1) -> WebhookMessage:
    outbox.announce(kind="library.result", event=f"bulletin:{number}", about={"title": "Größe"})
    return WebhookMessage.objects.get(event=f"bulletin:{number}")


def test_a_rating_is_told_signed_and_once(receiver: Any, kept: Any, cast: Any) -> None:
    tactic = library.published(cast.registrar)
    library.found(tactic, cast.publisher)
    rating = library.signed(library.candidate(tactic), cast.reviewer, cast.second_reviewer)
    told = WebhookMessage.objects.filter(kind="library.rated")[0]
    assert tasks.send_webhooks() is None
    assert outbox.send_due() == 0
    path, headers, body = next(
        one for one in receiver.came if str(rating.pk) in one[2] and "library.rated" in one[2]
    )
    assert (path, headers["Host"], headers["Content-Type"]) == ("/registry?from=us", HOST, "application/json")
    assert headers["webhook-id"] == str(told.public_id)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    key = base64.b64decode(kept[1].removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    message = json.loads(body)
    assert (message["type"], message["data"]["_registry"]["rating"]) == ("library.rated", str(rating.pk))
    assert message["data"]["url"].startswith("http")
    assert {address for address in receiver.asked_for} == {(PUBLIC, 443)}
    told.refresh_from_db()
    assert (told.tries, told.problem, told.sent_at is not None) == (1, "", True)


def test_what_is_taken_back_is_told_to_nobody(receiver: Any, kept: Any) -> None:
    with transaction.atomic():
        something_new()
        transaction.set_rollback(True)
    assert outbox.send_due() == 0
    assert receiver.came == []


def test_a_hold_is_not_told(kept: Any, cast: Any) -> None:
    tactic = library.published(cast.registrar)
    domain = library.found(tactic, cast.publisher).outcome_domain
    before = WebhookMessage.objects.count()
    bulletins.post(tactic=tactic, outcome_domain=domain, kind=Bulletin.Kind.HELD, said="Harm.")
    assert WebhookMessage.objects.count() == before
    bulletins.post(tactic=tactic, outcome_domain=domain, kind=Bulletin.Kind.RESULT, said="New.")
    assert WebhookMessage.objects.count() == before + 1


def test_a_redirect_is_not_followed(receiver: Any, kept: Any) -> None:
    receiver.status, receiver.headers = 302, {"Location": "https://169.254.169.254/"}
    message = something_new()
    assert outbox.send_due() == 0
    message.refresh_from_db()
    assert message.problem == "it answered 302; redirects are not followed"
    assert len(receiver.came) == 1


def test_a_name_that_moves_inside_is_not_called(receiver: Any, kept: Any, monkeypatch: Any) -> None:
    message = something_new()
    lead_to(monkeypatch, "169.254.169.254")
    assert outbox.send_due() == 0
    message.refresh_from_db()
    assert message.problem == "Address not allowed: its host is not on the public internet"
    assert (receiver.asked_for, receiver.came) == ([], [])


def test_a_host_that_is_taken_off_the_list_is_not_called(receiver: Any, kept: Any, settings: Any) -> None:
    settings.WEBHOOK_HOSTS = []
    something_new()
    assert (outbox.send_due(), receiver.asked_for) == (0, [])


def test_a_certificate_that_is_not_theirs_ends_it(receiver: Any, kept: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    message = something_new()
    assert outbox.send_due() == 0
    message.refresh_from_db()
    assert (message.problem, receiver.came) == ("its certificate is not valid", [])


def test_a_certificate_of_another_host_ends_it_too(receiver: Any) -> None:
    place = addresses.Place("other.example.org", "/", PUBLIC)
    with pytest.raises(sending.Failed, match="certificate"):
        sending.send(place, secret=sending.new_secret(), message_id="1", body="{}")
    assert receiver.came == []


def test_a_receiver_that_waits_is_left(receiver: Any, kept: Any, monkeypatch: Any) -> None:
    receiver.waits = 2
    monkeypatch.setattr(sending, "LONGEST_SECONDS", 0.3)
    message, begun = something_new(), time.monotonic()
    assert outbox.send_due() == 0
    assert time.monotonic() - begun < 1.5
    message.refresh_from_db()
    assert message.problem.startswith("no answer")


def test_it_is_tried_six_times_later_each_time_and_given_up(receiver: Any, kept: Any) -> None:
    receiver.status = 500
    message, waits = something_new(), []
    with time_machine.travel(time.time(), tick=False) as clock:
        for _ in range(outbox.TRIES + 2):
            outbox.send_due()
            outbox.send_due()  # not before its time
            message.refresh_from_db()
            waits.append((message.next_at - dt.datetime.now(dt.UTC)).total_seconds() / 60)
            clock.move_to(message.next_at + dt.timedelta(seconds=1))
    assert len(receiver.came) == outbox.TRIES == 6
    assert [round(one) for one in waits[:5]] == [1, 5, 30, 120, 720]
    assert (message.tries, message.given_up_at is not None, message.problem) == (6, True, "it answered 500")
    event = AuditEvent.objects.get(event="webhook.given_up")
    assert (event.actor_name, event.detail["tries"]) == ("system", 6)


def test_a_secret_of_an_older_key_is_no_error_that_stops_the_rest(
    receiver: Any, kept: Any, settings: Any
) -> None:
    message = something_new()
    settings.SECRET_KEY = "another key, without the old one among the fallbacks of today"
    assert outbox.send_due() == 0
    message.refresh_from_db()
    assert "another SECRET_KEY" in message.problem
    assert receiver.came == []


def test_a_process_that_dies_has_used_up_a_try(receiver: Any, kept: Any, monkeypatch: Any) -> None:
    message = something_new()

    def dies(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "send", dies)
    with pytest.raises(KeyboardInterrupt):
        outbox.send_due()
    message.refresh_from_db()
    assert (message.tries, WebhookMessage.objects.due().count()) == (1, 0)


def test_ended_suspended_and_erased_get_nothing_more(
    receiver: Any, kept: Any, force_user: Any, registrar: Any, sign_in: Any
) -> None:
    something_new()
    client = sign_in(force_user)
    assert client.post(f"/webhooks/{kept[0].public_id}/end/").status_code == 302
    assert client.post(f"/webhooks/{kept[0].public_id}/end/").status_code == 409
    assert (outbox.send_due(), outbox.announce(kind="k", event="e", about={})) == (0, 0)
    subscribing.make(url=URL, by=force_user)
    something_new(2)
    people.suspend(person=force_user, reason="Left.", by=registrar)
    assert (outbox.send_due(), Webhook.objects.live().count()) == (0, 0)
    people.restore(person=force_user, by=registrar)
    assert Webhook.objects.live().count() == 0  # as with tokens
    erasure.erase(email=force_user.email, reason="left", by=registrar)
    assert (Webhook.objects.count(), WebhookMessage.objects.count(), receiver.came) == (0, 0, [])


def test_nobody_sees_or_ends_anothers_and_five_are_enough(
    kept: Any, registrar: Any, force_user: Any, researcher: Any, sign_in: Any
) -> None:
    assert sign_in(registrar).post(f"/webhooks/{kept[0].public_id}/end/").status_code == 404
    assert URL not in sign_in(registrar).get("/webhooks/").content.decode()
    assert sign_in(researcher).get("/webhooks/").status_code == 403
    client = sign_in(force_user)
    statuses = [client.post("/webhooks/", {"url": f"{URL}&n={number}"}).status_code for number in range(5)]
    assert statuses == [200, 200, 200, 200, 409]
    assert client.post("/webhooks/", {"url": URL}).status_code == 422  # twice


def test_the_api_lists_and_ends_them(kept: Any, receiver: Any, force_user: Any, registrar: Any) -> None:
    receiver.status = 500
    something_new()
    outbox.send_due()
    client = Client()

    def headers(person: Any) -> dict[str, Any]:
        return {
            "headers": {
                "Authorization": f"Token {tokens.make(name='x', scope='write', days=1, by=person)[1]}"
            }
        }

    own = headers(force_user)
    [row] = client.get("/api/v1/webhooks/", **own).json()["results"]
    assert (row["url"], row["newest_problem"], row["ended_at"]) == (URL, "it answered 500", None)
    assert "secret" not in json.dumps(row)
    assert client.get("/api/v1/webhooks/", **headers(registrar)).json()["results"] == []
    address = f"/api/v1/webhooks/{row['id']}/end/"
    assert client.post(address, **headers(registrar)).status_code == 404
    assert client.post(address, content_type="application/json", **own).json()["ended_at"]
    assert Webhook.objects.live().count() == 0
