"""The whole registry, as `make run` starts it, on places of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import snapshot
from tests.conftest import PLACE, ROOT

PATIENCE = 240.0  # seconds until a wait gives up; not a figure that is claimed
_INHERITED = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DJANGO_SETTINGS_MODULE",
    "VAULT_DIR",
)


@dataclass(frozen=True, slots=True)
class Service:
    """A running registry."""

    url: str
    process: "subprocess.Popen[bytes]"
    place: Path

    def fetch(self, path: str) -> tuple[bytes, Any]:
        """Return a public document and its headers."""
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read(), answer.headers

    def json(self, path: str) -> Any:
        """Return a public JSON document."""
        return json.loads(self.fetch(path)[0])

    def log(self) -> str:
        """Return the end of what it has said."""
        return (self.place / "run.log").read_text(errors="replace")[-2000:]

    def wait_until(self, ready: Callable[["Service"], bool], what: str) -> None:
        """Wait for it, and fail with its own words when it ends or takes too long."""
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None, f"the service ended:\n{self.log()}"
            try:
                if ready(self):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}:\n{self.log()}"
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def start(place: Path) -> Service:
    """Start the registry with its sample programme in a new folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name not in _INHERITED}
    snapshot.lend(PLACE, place / "local")
    environment |= {"LOCAL_DIR": str(place / "local"), "EMBEDDED": "1"}
    with open(place / "run.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "runlocal", "--port", str(port), "--with-parent"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Service(f"http://localhost:{port}", process, place)


def is_published(service: Service) -> bool:
    """Return whether the sample programme has reached its end by itself: rated tactics and estimates to download."""
    tactics = service.json("/api/v1/tactics/?page_size=100")["results"]
    decided = [r for t in tactics for r in t["ratings"] if r["label"] not in ("being_tested", "untested")]
    return len(decided) >= 5 and len(service.json("/api/v1/estimates/")["results"]) >= 5
