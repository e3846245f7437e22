"""What the Run row is for: workers are killed, Redis goes away, and every run still ends once.

Each test starts its own Redis and its own workers on private sockets, and kills or stops only processes whose
ids it read from them.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from centre import runs
from centre.local.redis import EmbeddedRedis
from centre.models import AuditEvent, Run, User
from experiments import tasks
from experiments.actions import diagnoses
from tests.conftest import Worker, make_person
from tests.faults.probe import EVENT, TASK
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 60.0  # seconds until a test gives up; not a figure that is claimed
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings", "RUN_HEARTBEAT_SECONDS": "1"}


@pytest.fixture
def workers(redis_server: EmbeddedRedis, transactional_db: None) -> Any:
    crew = Worker(redis_server, [])
    yield crew
    crew.stop()


@pytest.fixture
def analyst(transactional_db: None) -> User:
    person: User = make_person("analyst")
    return person


def submit(by: User, tmp_path: Path, *, steps: int = 20, **params: Any) -> Run:
    pids = tmp_path / "pids"
    pids.touch()
    with transaction.atomic():
        return runs.submit(
            task=TASK, title="Probe", subject=by, by=by, params={"steps": steps, "pids": str(pids), **params}
        )


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.05)
    return found


def working_pid(tmp_path: Path, *, nth: int = 1) -> int:
    """Return the process that does the work, once it has begun for the nth time."""
    pids = tmp_path / "pids"
    lines = wait_for(lambda: (found := pids.read_text().split())[nth - 1 :] and found, f"start {nth}")
    return int(lines[nth - 1])


def finished(run: Run) -> Run:
    def ended() -> bool:
        run.refresh_from_db()
        return run.is_finished

    wait_for(ended, f"the end of the run (state {run.state})")
    return run


def effects(run: Run) -> int:
    return AuditEvent.objects.filter(event=EVENT, subject_id=str(run.pk)).count()


def assert_descends(pid: int, ancestor: int) -> None:
    """Stop the test unless the process is one that our worker started."""
    parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    assert parent == ancestor, "not a child of our worker"


def sweep_until_finished(run: Run) -> Run:
    """Sweep as beat would, until the run ends."""

    def swept() -> bool:
        runs.sweep()
        run.refresh_from_db()
        return run.is_finished

    wait_for(swept, f"the end of the run (state {run.state})")
    return run


def test_a_run_is_done_once_by_a_real_worker(workers: Worker, analyst: User, tmp_path: Path) -> None:
    workers.start(**SETTINGS)
    run = finished(submit(analyst, tmp_path, steps=3))
    assert (run.state, run.attempt, effects(run)) == ("done", 1, 1)


def test_a_killed_worker_child_is_replaced_and_the_run_finishes_once(
    workers: Worker, analyst: User, tmp_path: Path
) -> None:
    child = workers.start(**SETTINGS)
    run = submit(analyst, tmp_path)
    pid = working_pid(tmp_path)
    assert_descends(pid, child.pid)
    os.kill(pid, signal.SIGKILL)
    finished(run)
    assert (run.state, run.attempt, effects(run)) == ("done", 2, 1)
    assert int(AuditEvent.objects.get(event=EVENT).detail["pid"]) != pid


def test_a_killed_worker_is_survived_by_its_run(workers: Worker, analyst: User, tmp_path: Path) -> None:
    first = workers.start(**SETTINGS)
    run = submit(analyst, tmp_path)
    working_pid(tmp_path)
    assert os.getpgid(first.pid) == first.pid != os.getpgid(0)
    os.killpg(first.pid, signal.SIGKILL)
    workers.start(**SETTINGS)
    sweep_until_finished(run)
    assert (run.state, run.attempt, effects(run)) == ("done", 2, 1)


def test_two_workers_share_a_diagnosis_and_a_killed_part_changes_no_byte(workers: Worker, cast: Any) -> None:
    answers = {"n_units": 400, "mean__0": 20.0, "spread__0": 2.0, "effect__0": -0.1, "replicates": 100}
    trial = stages.draft(cast)
    undisturbed = diagnoses.request(trial=trial, answers=answers, by=cast.force_user)
    for part in undisturbed.parts.all():
        tasks.diagnose(str(part.run_id))
    for _ in range(2):
        workers.start(**SETTINGS)
    disturbed = diagnoses.request(trial=trial, answers=answers, by=cast.force_user)
    own = Run.objects.filter(diagnosis_part__diagnosis=disturbed)
    run = wait_for(lambda: own.filter(state="running", progress__gt=0).first(), "a part at work")
    pid = int(run.lease_owner.split(":")[1])
    assert_descends(pid, next(child.pid for child in workers.children if is_parent(child.pid, pid)))
    os.kill(pid, signal.SIGKILL)

    def is_done() -> bool:
        runs.sweep()
        return bool(type(disturbed).objects.get(pk=disturbed.pk).document_sha256)

    wait_for(is_done, "the end of the diagnosis")
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("done", 2)
    found = {one.document_sha256 for one in type(disturbed).objects.all()}
    assert len(found) == 1


def is_parent(ancestor: int, pid: int) -> bool:
    """Return whether a process started another."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) == ancestor


def test_a_worker_that_wakes_after_its_lease_cannot_write(
    workers: Worker, analyst: User, tmp_path: Path
) -> None:
    """The zombie: stopped in the middle, replaced, and continued."""
    sleepy = workers.start(**{**SETTINGS, "RUN_LEASE_SECONDS": "2"})
    run = submit(analyst, tmp_path, steps=15, deaf=True)
    pid = working_pid(tmp_path)
    assert_descends(pid, sleepy.pid)
    for stopped in (sleepy.pid, pid):
        os.kill(stopped, signal.SIGSTOP)
    try:
        workers.start(**SETTINGS)
        sweep_until_finished(run)
    finally:
        for stopped in (sleepy.pid, pid):
            os.kill(stopped, signal.SIGCONT)
    wait_for(lambda: "is discarded" in sleepy.last_words(50), "the late copy to say that it is discarded")
    run.refresh_from_db()
    assert (run.state, run.attempt, run.fence, effects(run)) == ("done", 2, 2, 1)
    assert int(AuditEvent.objects.get(event=EVENT).detail["pid"]) != pid


def test_poison_is_ended_after_three_attempts(workers: Worker, analyst: User, tmp_path: Path) -> None:
    workers.start(**SETTINGS)
    run = submit(analyst, tmp_path, poison=True)
    sweep_until_finished(run)
    assert (run.state, run.error_code, run.attempt, effects(run)) == ("failed", "worker_lost", 3, 0)
    assert len((tmp_path / "pids").read_text().split()) == 3
    next_run = finished(submit(analyst, tmp_path, steps=1))
    assert next_run.state == "done"


def test_cancel_reaches_a_running_worker(workers: Worker, analyst: User, tmp_path: Path) -> None:
    workers.start(**SETTINGS)
    run = submit(analyst, tmp_path, steps=500)
    working_pid(tmp_path)
    runs.cancel(run=run, by=analyst)
    assert (finished(run).state, effects(run)) == ("cancelled", 0)


def test_without_redis_pages_stay_up_and_a_run_waits_for_its_return(
    workers: Worker, analyst: User, tmp_path: Path
) -> None:
    workers.redis.stop()
    run = submit(analyst, tmp_path, steps=1)
    assert Client().get("/").status_code == 200
    client = Client()
    client.force_login(analyst)
    assert "Queued" in client.get(f"/runs/{run.pk}/").content.decode()
    workers.redis.start()
    workers.start(**SETTINGS)
    Run.objects.filter(pk=run.pk).update(created_at=run.created_at.replace(year=2020))
    sweep_until_finished(run)
    assert (run.state, effects(run)) == ("done", 1)


def test_a_submit_does_not_wait_for_a_frozen_redis(workers: Worker, analyst: User, tmp_path: Path) -> None:
    with workers.redis.client() as client:
        assert client.info("server")["process_id"] == workers.redis.pid
    os.kill(workers.redis.pid, signal.SIGSTOP)
    submitted: list[Run] = []

    def ask() -> None:
        try:
            submitted.append(submit(analyst, tmp_path, steps=1))
        finally:
            connection.close()

    thread = threading.Thread(target=ask, daemon=True)
    try:
        thread.start()
        thread.join(PATIENCE)
        # A publish in the request would still be waiting: Redis is stopped until the line below.
        assert submitted, "the submit waits for Redis"
        assert submitted[0].state == "queued"
    finally:
        os.kill(workers.redis.pid, signal.SIGCONT)
    workers.start(**SETTINGS)
    run = submitted[0]
    Run.objects.filter(pk=run.pk).update(created_at=run.created_at.replace(year=2020))
    sweep_until_finished(run)
    assert (run.state, effects(run)) == ("done", 1)


def test_a_flushed_queue_loses_no_run(workers: Worker, analyst: User, tmp_path: Path) -> None:
    waiting = [submit(analyst, tmp_path, steps=1) for _ in range(5)]
    with workers.redis.client() as client:
        assert client.info("server")["process_id"] == workers.redis.pid
        client.flushall()
    workers.start(**SETTINGS)
    Run.objects.update(created_at=waiting[0].created_at.replace(year=2020))
    for run in waiting:
        sweep_until_finished(run)
    assert [(run.state, effects(run)) for run in waiting] == [("done", 1)] * 5
