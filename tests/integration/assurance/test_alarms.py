"""What rings, after how long, in which words; and what a monitor reads."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from centre import alarms, audit, heads, heartbeats
from centre.models import Heartbeat, Run
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
TOKEN = "a-token-for-the-monitor"


def heard(name: str, seconds_ago: float) -> None:
    at = timezone.now() - dt.timedelta(seconds=seconds_ago)
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


def ringing() -> dict[str, str]:
    return {alarm.name: alarm.sentence for alarm in alarms.ringing()}


@pytest.fixture(autouse=True)
def all_well(settings: Any) -> None:
    settings.ALARM_BACKUP_HOURS = 26
    for name in ("beat", "sweep", "backup", "worker one@here"):
        heartbeats.heard(name)


def test_silence_is_no_alarm(capsys: Any) -> None:
    assert ringing() == {}
    call_command("alarms")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("part", "name", "before", "after"),
    [
        ("beat", "beat-silent", 30, 90),
        ("sweep", "sweep-stale", 30, 90),
        ("worker one@here", "no-worker", 30, 90),
        ("backup", "backup-stale", 26 * 3600 - 30, 26 * 3600 + 30),
    ],
)
def test_each_part_rings_less_than_two_minutes_after_it_died(
    part: str, name: str, before: float, after: float
) -> None:
    heard(part, before)
    assert ringing() == {}
    heard(part, after)
    assert list(ringing()) == [name]


def test_one_worker_of_two_is_named_and_forgotten_after_an_hour() -> None:
    heard("worker two@there", 90)
    assert ringing() == {
        "worker-silent": "The worker two@there was last heard from 90 seconds ago, and did not say that it ends."
    }
    heard("worker two@there", 3700)
    assert ringing() == {}
    heartbeats.gone("worker one@here")
    assert list(ringing()) == ["no-worker"]


def test_a_run_that_waits_too_long_rings(registrar: Any) -> None:
    now = timezone.now()
    Run.objects.create(
        task="x", title="x", subject_type="x", subject_id="x", created_at=now - dt.timedelta(minutes=3)
    )
    assert list(ringing()) == ["run-waiting"]


def test_a_head_that_is_not_published_rings(registrar: Any, time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now - dt.timedelta(hours=30))
    audit.record("a", subject=registrar, by=registrar)
    time_machine.move_to(now)
    assert ringing() == {"head-stale": "No head of the audit log was published for 30 hours."}
    heads.publish()
    assert ringing() == {}


def test_nothing_was_ever_heard_of(capsys: Any) -> None:
    Heartbeat.objects.all().delete()
    with pytest.raises(SystemExit) as ended:
        call_command("alarms")
    assert ended.value.code == 1
    call_command("alarms", only=["run-waiting"])
    assert capsys.readouterr().out.splitlines() == [
        "beat-silent: The timetable (beat) was last heard from never.",
        "sweep-stale: The last sweep of the runs, which a worker does as beat asks, was never.",
        "no-worker: No worker is there: long work waits until one is started.",
        "backup-stale: There has never been a whole backup.",
    ]


def test_metrics_are_for_whoever_has_the_token(client: Any, settings: Any) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=bearer).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers=bearer).status_code == 200


def test_what_dashboard_and_rules_name_is_there(client: Any, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    heard("beat", 90)
    heads.publish()
    client.handler.load_middleware()  # with the meter, now that there is a token
    client.get("/privacy/")
    said = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    there = set(re.findall(r"^(registry_\w+)", said, re.MULTILINE))
    folder = ROOT / "ops" / "monitoring"
    dashboard = json.loads((folder / "dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += re.findall(r"expr: (.*)", (folder / "alerts.yml").read_text())
    named = {name for words in asked for name in re.findall(r"registry_\w+", words)}
    assert len(named) > 8
    assert named - there == set()
    assert 'registry_alarms{alarm="beat-silent"} 1.0' in said
    assert 'registry_requests_total{method="GET",route="privacy",status="200"}' in said


def test_the_rules_name_every_alarm() -> None:
    source = (ROOT / "centre" / "alarms.py").read_text()
    names = set(re.findall(r'"([a-z]+-[a-z]+)"', source))
    assert len(names) == 7
    for place in ("ops/monitoring/alerts.yml", "docs/operations.md"):
        text = (ROOT / place).read_text()
        assert [name for name in names if name not in text] == [], place


def test_a_database_that_is_away_is_a_figure(client: Any, settings: Any, monkeypatch: Any) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise DatabaseError

    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr("django.db.models.sql.compiler.SQLCompiler.execute_sql", away)
    said = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert "registry_database_up 0.0" in said
