"""What is cut off on its way is refused: half a file is not a shorter file. Catalogue: [66]."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import signals
from django.db import close_old_connections
from django.test import RequestFactory

from centre import tokens
from centre.models import AuditEvent, Run
from centre.wsgi import application
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address

pytestmark = pytest.mark.django_db

BOUNDARY = "xxboundaryxx"


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Keep the test's own transaction, as Django's test client does."""
    moments = (signals.request_started, signals.request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    yield
    for moment in moments:
        moment.connect(close_old_connections)


def ask(path: str, body: bytes, *, missing: int, kind: str, **headers: str) -> tuple[int, str]:
    """Send a request whose last bytes never come, and return the status and the body of the answer."""
    said: list[str] = []
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST",
        PATH_INFO=path,
        CONTENT_TYPE=kind,
        CONTENT_LENGTH=str(len(body)),
        **headers,
    )
    environ["wsgi.input"] = io.BufferedReader(io.BytesIO(body[: len(body) - missing]))  # type: ignore[arg-type]
    answer = application(environ, lambda status, *rest: said.append(status))
    text = b"".join(answer).decode()
    answer.close()  # type: ignore[attr-defined]
    return int(said[0].split()[0]), text


def form(content: bytes) -> bytes:
    """Return an upload form with the file last."""
    return (
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="kind"\r\n\r\noutcome\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="calls.csv"\r\n\r\n'
        ).encode()
        + content
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


@pytest.mark.parametrize("missing", [1, 30, 200])
def test_a_page_refuses_half_an_upload(cast: Any, sign_in: Any, missing: int) -> None:
    trial = stages.delivering(cast)
    cookie = sign_in(cast.force_user).cookies["sessionid"].value
    status, text = ask(
        address(trial, "trial-data-upload"),
        form(stages.outcomes(trial)),
        missing=missing,
        kind=f"multipart/form-data; boundary={BOUNDARY}",
        HTTP_COOKIE=f"sessionid={cookie}",
    )
    assert status == 400
    assert "Upload did not finish. Nothing was kept. Send it again." in text
    assert not Run.objects.exists()
    assert AuditEvent.objects.get(event="request.refused").actor_name == str(cast.force_user)


@pytest.mark.parametrize("kind", ["text/csv", f"multipart/form-data; boundary={BOUNDARY}"])
def test_the_api_refuses_half_an_upload(cast: Any, kind: str) -> None:
    trial = stages.delivering(cast)
    key = tokens.make(name="t", scope="write", days=1, by=cast.force_user)[1]
    content = stages.outcomes(trial)
    status, text = ask(
        f"/api/v1/trials/{trial.ref}/datasets/",
        content if kind == "text/csv" else form(content),
        missing=40,
        kind=kind,
        HTTP_AUTHORIZATION=f"Token {key}",
    )
    assert (status, "problem:cut_off" in text) == (400, True), text
    assert "Upload did not finish" in text
    assert not Run.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").count() == 1


@pytest.mark.parametrize("lost", [3, 40])
def test_a_form_without_its_end_is_half_a_form_whatever_its_length_says(cast: Any, lost: int) -> None:
    """[66]"""
    trial = stages.registered(cast)
    key = tokens.make(name="t", scope="write", days=1, by=cast.force_user)[1]
    status, text = ask(
        f"/api/v1/trials/{trial.ref}/datasets/",
        form(b"unit,arm,calls\n" + b"U1,control,1\n" * 9)[:-lost],
        missing=0,
        kind=f"multipart/form-data; boundary={BOUNDARY}",
        HTTP_AUTHORIZATION=f"Token {key}",
    )
    assert (status, "Upload did not finish" in text) == (400, True), text
    assert not Run.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").count() == 1


def test_a_page_does_not_read_what_is_far_too_large(cast: Any, sign_in: Any, settings: Any) -> None:
    """[60]"""
    settings.UPLOAD_LIMIT_BYTES = 1_000
    trial = stages.delivering(cast)
    cookie = sign_in(cast.force_user).cookies["sessionid"].value
    status, text = ask(
        address(trial, "trial-data-upload"),
        b"x" * 5_000,
        missing=0,
        kind=f"multipart/form-data; boundary={BOUNDARY}",
        HTTP_COOKIE=f"sessionid={cookie}",
    )
    assert status == 413
    assert "Send it in parts" in text
    assert AuditEvent.objects.filter(event="request.refused").count() == 1


def test_a_whole_upload_passes(cast: Any) -> None:
    trial = stages.delivering(cast)
    key = tokens.make(name="t", scope="write", days=1, by=cast.force_user)[1]
    path, content = f"/api/v1/trials/{trial.ref}/datasets/", stages.outcomes(trial)
    for body, kind in (
        (content, "text/csv"),
        (form(content), f"multipart/form-data; boundary={BOUNDARY}"),
        (form(content), f'multipart/form-data; boundary="{BOUNDARY}"'),
    ):
        status, text = ask(path, body, missing=0, kind=kind, HTTP_AUTHORIZATION=f"Token {key}")
        assert status == 202, text
