"""Log lines: each with the request's or the run's id, none with what was sent."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from centre import runs, tokens
from centre.celery import app
from centre.models import AuditEvent
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
CANARY = "canary-4711-value"


@contextmanager
def listening(renderer: Any) -> Iterator[io.StringIO]:
    """Keep what is logged, as `renderer` writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    shape: list[Any] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_logger_name]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shape))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What production would write, line by line."""
    with listening(structlog.processors.JSONRenderer()) as written:
        yield written


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_request_that_asks_for_work_names_the_run(cast: Any, lines: io.StringIO) -> None:
    trial = stages.registered(cast)
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        run = runs.submit(task="experiments.analyse", title="x", subject=trial, by=cast.analyst)
    said = [line for line in read(lines) if "is submitted" in line["event"]]
    assert [(line["request_id"], str(run.pk) in line["event"]) for line in said] == [("r-1", True)]


def test_every_line_of_a_worker_names_its_run(lines: io.StringIO) -> None:
    @app.task(name="tests.says")
    def says(run_id: str) -> None:
        logging.getLogger("experiments.x").warning("Something")

    says("run-7")
    logging.getLogger("experiments.x").warning("Afterwards")
    said = {line["event"]: (line.get("run_id"), line.get("task")) for line in read(lines)}
    assert said["Something"] == ("run-7", "tests.says")
    assert said["Afterwards"] == (None, None)


def test_what_was_sent_is_not_logged(cast: Any, client: Any, lines: io.StringIO) -> None:
    trial = stages.delivering(cast)
    _, text = tokens.make(name="x", scope="write", days=1, by=cast.force_user)
    upload = f"unit,calls\n{CANARY},{CANARY}\n".encode()
    headers = {"Authorization": f"Token {text}"}
    client.post("/sign-in/", {"username": f"{CANARY}@x.example", "password": CANARY})
    client.post(f"/api/v1/trials/{trial.number}/datasets/", upload, content_type="text/csv", headers=headers)
    client.get(f"/api/v1/tactics/?search={CANARY}", headers=headers)
    said = lines.getvalue()
    assert "request_finished" in said
    assert text not in said
    assert CANARY not in said


def test_whoever_asks_for_what_they_may_not_see_is_in_the_log(
    cast: Any, client: Any, lines: io.StringIO
) -> None:
    """A page that is not there for somebody is a line with their id: the audit log holds refused acts."""
    trial = stages.draft(cast)
    client.force_login(cast.other_force_user)
    assert client.get(f"/trials/{trial.public_id}/").status_code == 404
    assert client.get("/people/").status_code == 403
    said = [line for line in read(lines) if line["event"] == "request_finished"]
    assert [(line["code"], line["user_id"], line["request"]) for line in said] == [
        (404, cast.other_force_user.pk, f"GET /trials/{trial.public_id}/"),
        (403, cast.other_force_user.pk, "GET /people/"),
    ]
    assert AuditEvent.objects.filter(event="request.refused", actor_id=str(cast.other_force_user.pk)).exists()


@pytest.mark.parametrize("name", ["JSONRenderer", "KeyValueRenderer"])
def test_a_line_break_that_was_sent_makes_no_line(client: Any, name: str) -> None:
    with listening(getattr(structlog.processors, name)()) as lines:
        client.get("/a%0d%0aEverything is well%1b[31m%e2%80%a8x/")
        logging.getLogger("centre.x").warning("Said: %s", "first\r\nEverything is well\x1b[31m")
    written = lines.getvalue()
    assert written.count("Everything is well") >= 3
    assert not [line for line in written.splitlines() if line.startswith("Everything")]
    assert not {"\r", "\x1b", "\u2028"} & set(written)
