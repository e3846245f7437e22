"""Read-only mode: reading goes on, nothing is changed, and everybody is told why."""

import os
import subprocess
import sys
from typing import Any

import pytest
from celery.exceptions import Ignore
from django.core.management import CommandError, call_command
from django.db import OperationalError

from centre import read_only, runs, tasks
from centre.models import AuditEvent, ReadOnlyPeriod, Run
from experiments import tasks as experiments_tasks
from tests import snapshot
from tests.conftest import ROOT
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
WHY = "The registry moves to a new server until 18:00."


def test_every_act_is_refused_by_page_and_reading_goes_on(cast: Any, sign_in: Any) -> None:
    trial, client = stages.draft(cast), sign_in(cast.force_user)
    read_only.begin(WHY)
    for address in ("/sign-in/", "/sign-out/", f"/trials/{trial.public_id}/submit/", "/nowhere/"):
        answer = client.post(address)
        assert (answer.status_code, answer["Retry-After"]) == (503, "300"), address
        assert WHY in answer.content.decode()
        assert "was not saved" in answer.content.decode()
    page = client.get("/work/")
    assert page.status_code == 200  # still signed in
    assert WHY in page.content.decode()
    assert not stages.fresh(trial).is_registered


def test_the_api_answers_a_problem(client: Any) -> None:
    read_only.begin(WHY)
    answer = client.post("/api/v1/trials/X/enrolments/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(WHY)
    assert client.get("/api/v1/tactics/").status_code == 200


def test_after_the_end_everything_can_be_changed_again(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.force_user)
    read_only.begin(WHY)
    assert read_only.end() is True
    assert read_only.end() is False
    assert client.post("/sign-out/").status_code == 302
    assert WHY not in client.get("/").content.decode()
    events = AuditEvent.objects.filter(event__startswith="service.").values_list("event", flat=True)
    assert list(events) == ["service.read_only", "service.writable"]


def test_one_process_alone_is_read_only_by_its_environment(client: Any, settings: Any) -> None:
    settings.READ_ONLY, settings.READ_ONLY_REASON = True, "This is a copy."
    assert client.post("/sign-in/").status_code == 503
    assert "This is a copy." in client.get("/").content.decode()


def test_workers_leave_runs_where_they_are(cast: Any) -> None:
    trial = stages.registered(cast)
    run = runs.submit(task="experiments.analyse", title="x", subject=trial, by=cast.analyst)
    Run.objects.update(created_at=run.created_at.replace(year=2020))
    read_only.begin(WHY)
    with pytest.raises(Ignore):
        experiments_tasks.analyse(str(run.pk))
    tasks.sweep_runs()
    run.refresh_from_db()
    assert (run.state, run.attempt, run.published_at) == ("queued", 0, None)


def test_the_command_switches_and_says_which_it_is(capsys: Any) -> None:
    call_command("read_only", "on", WHY)
    call_command("read_only", "on", "For longer.")
    call_command("read_only", "status")
    call_command("read_only", "off")
    assert capsys.readouterr().out.splitlines() == [
        f"read-only: {WHY}",
        "read-only: For longer.",
        "read-only: For longer.",
        "writable",
    ]
    assert ReadOnlyPeriod.objects.filter(ended_at__isnull=False).count() == 2
    with pytest.raises(CommandError, match="Say why"):
        call_command("read_only", "on", " ")


@pytest.mark.parametrize("address", ["/", "/api/v1/tactics/"])
def test_a_database_that_is_away_is_503_and_not_500(client: Any, monkeypatch: Any, address: str) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the server closed the connection")

    client.raise_request_exception = False
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.execute_sql", away)
    answer = client.get(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "server closed" not in answer.content.decode()


def test_a_defect_of_ours_is_still_500(client: Any, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    client.raise_request_exception = False
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.execute_sql", broken)
    assert client.get("/").status_code == 500


@pytest.mark.postgres
def test_a_page_may_ask_for_five_seconds_and_a_command_for_as_long_as_it_takes() -> None:
    """The web server's entry sets the limit, so it is asked in a process of its own."""
    code = (
        "import sys; from django.db import connection\n"
        "cursor = connection.cursor(); cursor.execute('SHOW statement_timeout'); print(cursor.fetchone()[0])"
    )
    # A test before this one may have served pages from this very process, whose children would keep that limit.
    kept = {name: value for name, value in os.environ.items() if name != "STATEMENT_TIMEOUT_MS"}
    said = [
        subprocess.run(
            [sys.executable, "-c", f"{start}\n{code}"],
            cwd=ROOT,
            env={**kept, "DATABASE_URL": snapshot.worker_database_url(), "EMBEDDED": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for start in (
            "import centre.wsgi",
            "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'centre.settings'; django.setup()",
        )
    ]
    assert said == ["5s", "0"]
