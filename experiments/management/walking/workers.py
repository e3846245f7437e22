"""A worker for the walk, and waiting for what it does."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings

from centre.celery import app
from centre.local.processes import Child
from centre.local.redis import EmbeddedRedis
from centre.models import Run
from experiments.management.walking.measuring import Measured, forget_peak, peak_mb


class NoWorker(Exception):
    """Nobody takes the runs; the message says what to do."""


class RunRefused(Exception):
    """A run ended without a result."""


@contextmanager
def at_hand(work_dir: Path) -> Iterator[None]:
    """Make sure that a worker answers; in the embedded default, start one where there is none, and its Redis.

    Raises
    ------
    NoWorker : with production settings no worker answers, or ours does not start.
    """
    with ExitStack() as stack:
        environment = dict(os.environ)
        if not settings.REDIS_URL:
            redis = EmbeddedRedis(work_dir / "redis")
            stack.callback(redis.stop)
            redis.start()
            environment["REDIS_URL"] = redis.url
            app.conf.update(broker_url=redis.url.replace("unix://", "redis+socket://", 1))
        if not app.control.ping(timeout=2):
            if not settings.EMBEDDED:
                raise NoWorker("No worker answers. Start one: celery --app centre.celery worker")
            child = _worker(work_dir, environment)
            stack.callback(child.make_stop, patience=10)
            stack.callback(child.ask_to_stop)
            child.start()
            _await(child)
        yield


def _worker(work_dir: Path, environment: dict[str, str]) -> Child:
    command = [sys.executable, "-m", "celery", "--app", "centre.celery", "worker", "--concurrency", "1"]
    # Embedded settings follow from the absence of REDIS_URL; the worker's are the walk's own.
    environment |= {"EMBEDDED": "1", "DJANGO_SETTINGS_MODULE": "centre.settings"}
    return Child("worker", command, environment, work_dir / "worker.log", settings.BASE_DIR)


def _await(child: Child) -> None:
    deadline = time.monotonic() + 60
    while not app.control.ping(timeout=0.5):
        if not child.is_running or time.monotonic() > deadline:
            raise NoWorker(f"The worker did not start. Its log ends:\n{child.last_words()}")


def wait(run: Run, measured: Measured, *, patience: float) -> Run:
    """Wait until a run has ended, and note what it took and held in the worker's process.

    Raises
    ------
    RunRefused : it failed, or did not end in time.
    """
    measured.where = "worker"
    pid, deadline = 0, time.monotonic() + patience
    while not run.is_finished:
        if time.monotonic() > deadline:
            raise RunRefused(f"{run.title} has not ended after {patience:.0f} seconds ({run.message}).")
        if run.lease_owner and not pid:
            pid = _pid(run.lease_owner)
            forget_peak(pid)
        time.sleep(0.02)
        run.refresh_from_db()
    measured.peak_mb = peak_mb(pid) if pid else None
    if run.state != Run.State.DONE:
        problems = "\n".join(f"{found['pointer']}: {found['message']}" for found in run.problems)
        raise RunRefused(f"{run.title}: {run.error}\n{problems}".strip())
    return run


def _pid(lease_owner: str) -> int:
    """Return the worker's process id where it runs on this host."""
    host, pid, *_ = lease_owner.split(":")
    return int(pid) if host == socket.gethostname()[:60] else 0
