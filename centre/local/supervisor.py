"""Starts the parts of the embedded registry in order, keeps them going, and stops them in reverse.

Order: Redis answers, the worker answers a ping, the web server answers. A part that dies is started again, unless it
keeps dying.
"""

import http.client
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from celery import Celery

from centre.local.processes import Child

_PART_SECONDS = 60.0
_RESTARTS = 5
_RESTART_WINDOW = 60.0


class PartFailed(RuntimeError):
    """One part of the registry would not start or stay; the message says which and where its log is."""


class Supervisor:
    """The worker, its clock and the web server, beside a Redis that is already running."""

    def __init__(
        self,
        *,
        root: Path,
        logs: Path,
        state: Path,
        environment: dict[str, str],
        host: str,
        port: int,
        say: Callable[[str], None],
    ) -> None:
        self.host, self.port, self.say = host, port, say
        self.broker = environment["REDIS_URL"].replace("unix://", "redis+socket://", 1)
        celery = [sys.executable, "-m", "celery", "--app", "centre.celery"]

        def child(name: str, command: list[str]) -> Child:
            return Child(name, command, environment, logs / f"{name}.log", root)

        self.worker = child(
            "worker", [*celery, "worker", "--loglevel", "INFO", "--concurrency", _processes()]
        )
        self.beat = child(
            "beat",
            [*celery, "beat", "--loglevel", "INFO", "--pidfile=", "--schedule", str(state / "beat-schedule")],
        )
        self.web = child(
            "web",
            [
                sys.executable,
                "-m",
                "gunicorn",
                "centre.wsgi:application",
                "--bind",
                f"{host}:{port}",
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "4",
                "--access-logfile",
                "-",
                "--no-control-socket",
            ],
        )
        self.parts = [self.worker, self.beat, self.web]

    def start(self) -> None:
        """Start all parts; each answers before the next is started."""
        self.worker.start()
        self.beat.start()
        self._await(self.worker, self._worker_answers)
        self.web.start()
        self._await(self.web, self._web_answers)

    def watch(self) -> None:
        """Start again what dies, until this process is told to stop."""
        while True:
            for part in self.parts:
                if not part.is_running:
                    self._restart(part)
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop all parts. A run in the middle of its work is taken up again at the next start."""
        for part in reversed(self.parts):
            part.ask_to_stop()
        deadline = time.monotonic() + 8
        for part in reversed(self.parts):
            part.make_stop(patience=max(0.1, deadline - time.monotonic()))

    def _restart(self, part: Child) -> None:
        recent = [moment for moment in part.starts if time.monotonic() - moment < _RESTART_WINDOW]
        if len(recent) >= _RESTARTS:
            raise PartFailed(f"The {part.name} keeps ending; its log is {part.log}.")
        self.say(f"The {part.name} ended; starting it again (log: {part.log}).")
        part.make_stop(patience=0)
        part.start()

    def _await(self, part: Child, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PART_SECONDS
        while not answers():
            if not part.is_running:
                raise PartFailed(
                    f"The {part.name} did not start; its log {part.log} ends:\n{part.last_words()}"
                )
            if time.monotonic() > deadline:
                raise PartFailed(
                    f"The {part.name} did not answer in {_PART_SECONDS:.0f} seconds; its log is {part.log}."
                )
            time.sleep(0.1)

    def _worker_answers(self) -> bool:
        # An app of its own: this process was started before Redis, so its settings know no broker.
        with Celery("probe", broker=self.broker, set_as_current=False) as probe:
            return bool(probe.control.ping(timeout=0.5, limit=1))

    def _web_answers(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()


def _processes() -> str:
    """Return how many runs work at once: the cores, but at most four, for this is one person's machine."""
    return str(max(1, min(4, os.cpu_count() or 1)))
