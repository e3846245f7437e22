"""`manage.py runlocal`: the whole registry on one machine, without an administrator."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from centre import sample
from centre.local.processes import end_with_parent, ending_with_us
from centre.local.redis import EmbeddedRedis, RedisUnavailable
from centre.local.supervisor import PartFailed, Supervisor
from centre.models import User


class _Stop(BaseException):
    """Somebody asked for the end: Ctrl-C, SIGTERM or a closed terminal."""


class Command(BaseCommand):
    """Redis, database, sample programme, worker, clock and web server, in that order; stopped in reverse."""

    help = "Serve the registry on this machine with its own Redis, worker and sample programme."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --host, --port, --without-sample and --with-parent."""
        parser.add_argument("--host", default="127.0.0.1", help="address to serve on (127.0.0.1)")
        parser.add_argument("--port", default="8123", help="port to serve on (8123)")
        parser.add_argument("--without-sample", action="store_true", help="leave a new database empty")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the process that started this one ends"
        )

    def handle(
        self, *, host: str, port: str, without_sample: bool, with_parent: bool, **options: Any
    ) -> None:
        """Serve until told to stop."""
        if not settings.EMBEDDED:
            raise CommandError(
                "runlocal is the embedded default; with production settings, run the parts of compose.yaml."
            )
        if with_parent:
            end_with_parent(signal.SIGTERM, parent=os.getppid())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        try:
            with ExitStack() as stack:
                try:
                    self._serve(stack, host, _port(host, port), with_sample=not without_sample)
                finally:
                    _hold_signals()
        except (RedisUnavailable, PartFailed) as error:
            raise CommandError(str(error)) from error
        except _Stop:
            self._say("\nStopped; nothing is left running.")

    def _serve(self, stack: ExitStack, host: str, port: int, *, with_sample: bool) -> None:
        _claim(stack, settings.LOCAL_DIR)
        logs = settings.LOCAL_DIR / "log"
        redis = EmbeddedRedis(settings.LOCAL_DIR / "redis", log=logs / "redis.log")
        stack.callback(redis.stop)
        redis.start()

        environment = {
            **os.environ,
            "REDIS_URL": redis.url,
            "EMBEDDED": "1",
            "LOCAL_DIR": str(settings.LOCAL_DIR),
            "PUBLIC_ADDRESS": os.environ.get("PUBLIC_ADDRESS") or f"http://localhost:{port}",
        }
        call_command("migrate", verbosity=0, interactive=False)
        supervisor = Supervisor(
            root=settings.BASE_DIR,
            logs=logs,
            state=settings.LOCAL_DIR,
            environment=environment,
            host=host,
            port=port,
            say=self._say,
        )
        stack.callback(supervisor.stop)
        if with_sample:
            self._load_sample(environment)
        supervisor.start()
        self._greet(host, port, logs)
        supervisor.watch()

    def _say(self, line: str) -> None:
        """Print now, also into a file or a pipe."""
        self.stdout.write(line)
        self.stdout.flush()

    def _load_sample(self, environment: dict[str, str]) -> None:
        """Load the sample programme into a new database, in a process that knows the broker."""
        if User.objects.exists() or "load_sample" not in get_commands():
            return
        self._say("A new database: loading the sample programme (simulated trials, invented forces).")
        done = subprocess.run(
            [sys.executable, "manage.py", "load_sample"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.DEVNULL,
            preexec_fn=ending_with_us(),
        )
        if done.returncode:
            raise PartFailed("The sample programme could not be loaded; the lines above say why.")

    def _greet(self, host: str, port: int, logs: Path) -> None:
        name = "localhost" if host == "127.0.0.1" else host
        self._say(f"\nThe Tactic Registry is at http://{name}:{port}/\n")
        if people := sample.sign_ins():
            self._say(f"Sample sign-ins (password {sample.PASSWORD}):")
            for person in people:
                self._say(f"  {person.email:<28}{', '.join(person.role_names)}")
        self._say(f"\nLogs: {logs}    Stop: Ctrl-C")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise _Stop


def _hold_signals() -> None:
    """Let nothing interrupt the stopping: it takes seconds, and a half-stopped registry leaves processes behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _port(host: str, given: str) -> int:
    """Return the port, or say that it is no port or taken."""
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 65535:
        raise CommandError(f"PORT must be a whole number from 1 to 65535, not {given!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(given)))
        except OSError as error:
            raise CommandError(
                f"Port {given} of {host} cannot be used ({error.strerror}). "
                f"Choose another: make run PORT={_next(given)}"
            ) from error
    return int(given)


def _next(port: str) -> int:
    return int(port) + 1 if int(port) < 65535 else 8123


def _claim(stack: ExitStack, directory: Path) -> None:
    """Hold the folder: two registries on one folder would write over each other's queue."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = stack.enter_context((directory / "runlocal.lock").open("a+", encoding="ascii"))
    except OSError as error:
        raise CommandError(
            f"{directory} cannot be written ({error.strerror}): set LOCAL_DIR to a folder of yours."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CommandError(
            f"The registry is already running from {directory}: stop it, or set LOCAL_DIR."
        ) from error
