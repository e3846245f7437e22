"""A worker and a timetable that die without a word are spoken of within two minutes; real processes, real monitor."""

import os
import re
import signal
import time
from typing import Any

import pytest

from centre import alarms
from tests.faults.service import Service, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SILENCE = int(os.environ.get("SILENCE_SECONDS", "20"))  # `make faults`: the 60 of production
TOKEN = "a-token-for-the-monitor"


def names() -> set[str]:
    return {alarm.name for alarm in alarms.ringing()}


def test_a_dead_worker_and_a_dead_timetable_ring_within_two_minutes(service: Service, settings: Any) -> None:
    settings.ALARM_SILENCE_SECONDS = SILENCE
    worker, beat = service.start_worker(), service.start_beat()
    wait_for(lambda: names() == set(), "every part to be heard from")
    began = time.monotonic()
    for dead in (worker, beat):
        assert dead.pid
        os.kill(dead.pid, signal.SIGKILL)
    wait_for(lambda: {"no-worker", "beat-silent", "sweep-stale"} <= names(), "the alarms")
    took = time.monotonic() - began
    print(f"both rang after {took:.0f} s")
    assert took < SILENCE + 60


def test_a_worker_that_is_told_to_end_raises_no_alarm(service: Service) -> None:
    service.start_worker()
    service.start_beat()
    wait_for(lambda: names() == set(), "every part to be heard from")
    service.workers.stop()
    wait_for(lambda: "no-worker" in names(), "the worker to say that it ends", patience=30)
    assert "worker-silent" not in names()


def test_every_process_tells_of_the_requests_of_all(service: Service) -> None:
    service.start_web(processes=2, METRICS_TOKEN=TOKEN)
    for _ in range(40):
        assert service.ask("/privacy/").status == 200
    assert service.ask("/metrics").status == 404
    for _ in range(6):  # whichever process answers
        said = service.ask("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert said.status == 200
        counted = re.search(
            rb'registry_requests_total\{method="GET",route="privacy",status="200"\} (\S+)', said.body
        )
        assert counted is not None
        assert float(counted[1]) == 40
        assert b"registry_database_up 1.0" in said.body
