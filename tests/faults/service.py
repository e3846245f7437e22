"""Processes that a fault test starts, watches, and alone may kill: every id was read from what it started itself."""

import http.client
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from centre import runs
from centre.local.processes import Child
from centre.models import AuditEvent, Run, RunAttempt, User
from tests.conftest import PLACE, ROOT, Worker
from tests.faults.hosts import Host
from tests.faults.probe import EVENT, TASK

PATIENCE = 180.0  # seconds until a test gives up; not a figure that is claimed
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the web server said; status 0 where it said nothing."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass(slots=True)
class Service:
    """Workers, timetable and web server around one database and one Redis."""

    workers: Worker
    place: Path
    beats: list[Child] = field(default_factory=list)
    web: Child | None = None
    port: int = 0

    def start_worker(self, *, concurrency: int = 1, elsewhere: str = "", **environment: str) -> Child:
        """Start a worker; `elsewhere` gives it a host name of its own, as another machine would have."""
        prefix = (
            ["unshare", "--uts", "sh", "-c", f'hostname {elsewhere} && exec "$@"', "sh"] if elsewhere else []
        )
        return self.workers.start(concurrency=concurrency, prefix=prefix, **{**SETTINGS, **environment})

    def start_worker_at(self, host: Host, *, queues: str, **environment: str) -> Child:
        """Start a worker on a host of its own, for some of the queues."""
        more = ("--queues", queues)
        return self.workers.start(prefix=host.prefix, more=more, **{**SETTINGS, **environment})

    def start_beat(self, **environment: str) -> Child:
        """Start the timetable; unless told otherwise it sweeps as often as in production."""
        number = len(self.beats) + 1
        schedule = self.place / f"beat{number}"
        command = [
            sys.executable,
            "-m",
            "celery",
            "--app",
            "centre.celery",
            "beat",
            "--pidfile=",
            "--schedule",
        ]
        child = Child(
            f"beat{number}",
            [*command, str(schedule)],
            {**self.workers.environment(), **SETTINGS, **environment},
            PLACE / f"beat{number}.log",
            ROOT,
        )
        child.start()
        self.beats.append(child)
        return child

    def start_web(self, *, processes: int = 2, prefix: Sequence[str] = (), **environment: str) -> Child:
        """Start gunicorn on a free port of the loopback, and wait until it answers; `prefix` is what starts it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "centre.wsgi:application",
            "--bind",
            f"127.0.0.1:{self.port}",
        ]
        command += ["--worker-class", "gthread", "--workers", str(processes), "--threads", "8"]
        command += ["--no-control-socket", "--pid", str(self.place / "web.pid")]
        limits = {"API_WRITES_PER_MINUTE": "100000", "API_PERSON_PER_MINUTE": "100000"}
        limits["API_ANONYMOUS_PER_MINUTE"] = "100000"
        known = {**self.workers.environment(), **SETTINGS, **limits, **environment}
        self.web = Child("web", command, known, PLACE / "web.log", ROOT)
        self.web.start()
        wait_for(lambda: self.ask("/healthz").status == 200, "the web server")
        return self.web

    def ask(
        self, path: str, *, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask the web server once."""
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request(method, path, body=body or None, headers={"Host": "localhost", **(headers or {})})
            answer = line.getresponse()
            content = answer.read()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, content, time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            return Answer(0, {}, b"", time.monotonic() - began)
        finally:
            line.close()

    @contextmanager
    def supervised(self) -> Iterator[None]:
        """Start again what ends by itself, as systemd, compose and `make run` do.

        A worker that loses Redis with a message in its hands gives up (kombu 5.7): it is replaced, not repaired.
        """
        done = threading.Event()

        def watch() -> None:
            while not done.wait(1):
                for child in (*self.workers.children, *self.beats):
                    if not child.is_running:
                        child.make_stop(patience=0)
                        child.start()

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield
        finally:
            done.set()
            watching.join(30)

    def stop(self) -> None:
        """End everything that was started, stopped processes too."""
        others = [child for child in (*self.beats, self.web) if child is not None]
        for child in others:
            child.ask_to_stop()
        self.workers.stop()
        for child in others:
            child.make_stop(patience=5)


def can_be_elsewhere() -> str:
    """Return why a process cannot be given a host name of its own; empty where it can."""
    if not shutil.which("unshare"):
        return "there is no unshare (Debian's util-linux)"
    return "" if os.system("unshare --uts true 2>/dev/null") == 0 else "this account may not make a host name"


def submit(by: User, place: Path, *, steps: int = 20, **params: Any) -> Run:
    """Ask for a probe; each has a file of its own for the ids of the processes that did it."""
    pids = place / f"pids-{time.monotonic_ns()}"
    pids.touch()
    with transaction.atomic():
        given = {"steps": steps, "pids": str(pids), **params}
        return runs.submit(task=TASK, title="Probe", subject=by, by=by, params=given)


def run_of(answer: Answer) -> Run:
    """Return the run that an accepted request became."""
    assert answer.status == 202, (answer.status, answer.body[:500])
    said: dict[str, Any] = json.loads(answer.body)
    return Run.objects.get(pk=said["id"])


def pids_of(run: Run) -> list[int]:
    """Return the processes that have begun the run."""
    return [int(line) for line in Path(run.params["pids"]).read_text(encoding="ascii").split()]


def begun(run: Run, *, nth: int = 1) -> int:
    """Return the process that does the work, once it has begun for the nth time."""
    found: list[int] = wait_for(lambda: (known := pids_of(run))[nth - 1 :] and known, f"start {nth}")
    return found[nth - 1]


def wait_for(condition: Callable[[], Any], what: str, *, patience: float = PATIENCE) -> Any:
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {patience:.0f} s for {what}; {last_words()}"
        time.sleep(0.05)
    return found


def last_words() -> str:
    """Return the ends of what the processes logged, for a failure that cannot be asked again."""
    logs = sorted(PLACE.glob("*.log"))
    return "\n".join(f"{log.name}: ...{log.read_text(errors='replace')[-1500:]}" for log in logs)


def finished(*waiting: Run, by_sweeping: bool = False) -> None:
    """Wait until all of them have ended."""

    def ended() -> bool:
        if by_sweeping:
            runs.sweep()
        return not Run.objects.filter(pk__in=[run.pk for run in waiting]).unfinished().exists()

    wait_for(ended, f"the end of {len(waiting)} runs")
    for run in waiting:
        run.refresh_from_db()


def effects(run: Run) -> int:
    """Return how often the run wrote what it writes."""
    return AuditEvent.objects.filter(event=EVENT, subject_id=str(run.pk)).count()


def outcomes(run: Run) -> list[str]:
    """Return what became of each attempt."""
    return list(RunAttempt.objects.filter(run=run).values_list("outcome", flat=True))


def parent_of(pid: int) -> int:
    """Return the id of the process that started another."""
    return _state_and_parent(pid)[1]


def is_child(pid: int, parent: int) -> bool:
    """Return whether a process is still there, still the other's, and more than an entry that is to be read."""
    try:
        state, found = _state_and_parent(pid)
    except OSError:
        return False
    return found == parent and state != "Z"


def _state_and_parent(pid: int) -> tuple[str, int]:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    state, parent, *_ = stat.rpartition(")")[2].split()
    return state, int(parent)


def kill_child(worker: Child, pid: int) -> None:
    """Kill a process that our own worker started."""
    assert parent_of(pid) == worker.pid, "not a child of our worker"
    os.kill(pid, signal.SIGKILL)


def kill_whole(worker: Child) -> None:
    """Kill a worker with all that it started: a process group of its own, never ours."""
    assert os.getpgid(worker.pid) == worker.pid != os.getpgid(0)
    os.killpg(worker.pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        worker.make_stop(patience=5)


def forget_connection() -> None:
    """Let the next question open a connection of its own."""
    connection.close()
