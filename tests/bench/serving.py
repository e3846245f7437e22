"""A measured registry behind gunicorn: two processes of eight threads, ended with the measurement."""

import contextlib
import http.client
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from centre.local.processes import Child
from tests.conftest import ROOT


@contextmanager
def served(
    name: str, environment: dict[str, str], application: str = "centre.wsgi:application"
) -> Iterator[int]:
    """Serve the registry of the environment, and give its port once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket"]
    server = Child(name, command, environment, Path(settings.PLACE) / f"{name}.log", ROOT)
    server.start()
    try:
        _await(port, server)
        yield port
    finally:
        server.ask_to_stop()
        server.make_stop(patience=5)


def _await(port: int, server: Child) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert server.is_running, server.last_words(20)
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/healthz")
                assert connection.getresponse().status == 200
                return
        except OSError:
            assert time.monotonic() < deadline, server.last_words(20)
            time.sleep(0.1)
