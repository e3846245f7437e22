"""Redis is killed, emptied and frozen, a process dies before it rings, the timetable stops. F5, F6, F8, F18."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from centre.models import Run, User
from tests.conftest import ROOT
from tests.faults import tally
from tests.faults.service import SETTINGS, Service, begun, effects, finished, kill_child, run_of, submit
from tests.faults.tally import REPEATS
from tests.faults.uploads import Uploads

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.once,  # `make faults` asks both databases
    pytest.mark.django_db(transaction=True),
]

PUBLIC = ("/", "/trials/", "/tactics/", "/assurance/", "/api/v1/trials/")


def assert_own_redis(service: Service) -> None:
    """Stop the test unless the server that answers is the child that we started."""
    with service.workers.redis.client() as client:
        assert client.info("server")["process_id"] == service.workers.redis.pid, "another Redis answers here"


def kill_redis(service: Service) -> Callable[[], None]:
    """Kill it; return what brings it back."""
    redis = service.workers.redis
    os.kill(redis.pid, signal.SIGKILL)
    redis.child.make_stop(patience=5)
    return redis.start


def empty_redis(service: Service) -> Callable[[], None]:
    """Lose all that waits in it, and the connection of everybody."""
    with service.workers.redis.client() as client:
        client.flushall()
    return lambda: None


def test_the_queue_is_lost_and_no_run_is(service: Service, cast: SimpleNamespace) -> None:
    """F5."""
    found = tally.of("F5", "Redis killed, or emptied", "public reads 100 %, drained ≤ 60 s after its return")
    uploads = Uploads(service, cast)
    service.start_web()
    service.start_worker(concurrency=2)
    service.start_beat()
    reads = answered = 0
    with service.supervised():
        for number in range(max(REPEATS, 2)):
            waiting = [run_of(uploads.send()) for _ in range(2)]
            assert_own_redis(service)
            bring_back = (kill_redis, empty_redis)[number % 2](service)
            for path in PUBLIC:
                reads += 1
                answered += service.ask(path).status == 200
            late = run_of(uploads.send())
            assert late.state == "queued" or number % 2
            bring_back()
            returned = time.monotonic()
            finished(*waiting, late)
            found.seconds.append(time.monotonic() - returned)
            for run in (*waiting, late):
                found.count(is_lost=run.state != "done", effects=uploads.versions(run))
    found.seen["public reads answered"] = f"{answered} of {reads}"
    assert answered == reads
    found.assert_whole()


def test_a_submit_does_not_wait_for_a_frozen_redis(service: Service, cast: SimpleNamespace) -> None:
    """F6."""
    found = tally.of("F6", "Redis frozen while uploads are sent", "submit p99 ≤ 3 s, public reads 100 %")
    uploads = Uploads(service, cast)
    service.start_web()
    service.start_worker(concurrency=2)
    service.start_beat()
    redis, waiting, submits, reads, answered = service.workers.redis, [], [], 0, 0
    for _ in range(REPEATS):
        assert_own_redis(service)
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            answers = [uploads.send() for _ in range(5)]
            for path in PUBLIC:
                reads += 1
                answered += service.ask(path).status == 200
        finally:
            os.kill(redis.pid, signal.SIGCONT)
        submits += [answer.seconds for answer in answers]
        waiting += [run_of(answer) for answer in answers]
    continued = time.monotonic()
    finished(*waiting)
    found.seconds = submits
    found.seen |= {
        "submit p99, s": round(sorted(submits)[int(0.99 * (len(submits) - 1))], 2),
        "public reads answered": f"{answered} of {reads}",
        "drained after, s": round(time.monotonic() - continued, 1),
    }
    assert answered == reads
    for run in waiting:
        found.count(is_lost=run.state != "done", effects=uploads.versions(run))
    found.assert_whole()


def test_a_process_that_dies_before_it_rings_loses_no_run(
    service: Service, analyst: User, tmp_path: Path
) -> None:
    """F8: the run is committed, and nobody was told of it."""
    found = tally.of("F8", "process ends between commit and publish", "published ≤ 30 s, 100 of 100")
    service.start_worker(concurrency=4)
    service.start_beat()
    each = 5 if REPEATS > 1 else 2
    for _ in range(REPEATS):
        known = set(Run.objects.values_list("pk", flat=True))
        command = [sys.executable, "-m", "tests.faults.dying", str(each), str(analyst.pk), str(tmp_path)]
        environment = {**service.workers.environment(), **SETTINGS}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        waiting = list(Run.objects.exclude(pk__in=known))
        assert len(waiting) == each
        finished(*waiting)
        for run in waiting:
            assert run.published_at, "only the sweeper can have told of it"
            found.seconds.append((run.published_at - run.created_at).total_seconds())
            found.count(is_lost=run.state != "done", effects=effects(run))
    found.assert_whole()


def test_without_the_timetable_the_command_sweeps(service: Service, analyst: User, tmp_path: Path) -> None:
    """F18, first half: beat is dead, its sweeps are not made, and `manage.py sweep_runs` makes one."""
    found = tally.of("F18", "timetable dead, swept by the command", "0 lost, 0 double")
    worker = service.start_worker()
    beat = service.start_beat()
    assert os.getpgid(beat.pid) == beat.pid != os.getpgid(0)
    os.killpg(beat.pid, signal.SIGKILL)
    for _ in range(REPEATS):
        run = submit(analyst, tmp_path, steps=3)
        kill_child(worker, begun(run))
        Run.objects.filter(pk=run.pk).update(created_at=run.created_at - timedelta(minutes=5))
        deadline = time.monotonic() + 120
        while not run.is_finished and time.monotonic() < deadline:
            call_command("sweep_runs", stdout=io.StringIO())
            time.sleep(0.2)
            run.refresh_from_db()
        found.count(is_lost=run.state != "done", effects=effects(run))
    found.assert_whole()


def test_two_timetables_do_nothing_twice(service: Service, analyst: User, tmp_path: Path) -> None:
    """F18, second half."""
    found = tally.of("F18", "two timetables, and workers that are killed", "double results 0")
    worker = service.start_worker(concurrency=2, RUN_SWEEP_SECONDS="1")
    for _ in range(2):
        service.start_beat(RUN_SWEEP_SECONDS="1")
    for _ in range(REPEATS):
        killed, other = (submit(analyst, tmp_path, steps=8) for _ in range(2))
        pid = begun(killed)
        time.sleep(random.uniform(0, 0.5))
        kill_child(worker, pid)
        finished(killed, other)
        for run in (killed, other):
            found.count(is_lost=run.state != "done", effects=effects(run))
    found.assert_whole()
