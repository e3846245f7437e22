"""A request ends in one place for the web server: what could be read in two ways is refused, and hides nothing."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

APP = """
import centre.wsgi

def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode() + b" " + body]
"""
HIDDEN = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = "0\r\n\r\n" + HIDDEN


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Our gunicorn with our settings, before a small application, on a private socket."""
    place = tmp_path_factory.mktemp("g")
    (place / "answers.py").write_text(APP)
    path = place / "s"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        ROOT / "gunicorn.conf.py",
        "--bind",
        f"unix:{path}",
        "--pythonpath",
        place,
    ]
    command += ["--worker-class", "gthread", "--workers", "1", "--no-control-socket", "answers:application"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "centre.settings"}
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        deadline = time.monotonic() + 30
        while not _answers(path):
            assert process.poll() is None, "gunicorn ended"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield path
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(path: Path) -> bool:
    """Return whether a process of it is at work: the socket is there before."""
    try:
        return "200 OK" in said(path, "Content-Length: 0\r\nConnection: close\r\n", "")
    except OSError:
        return False


def said(server: Path, head: str, body: str) -> str:
    """Return all that comes back for a POST with these headers and this body."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(3)
        line.connect(str(server))
        line.sendall(f"POST /shown HTTP/1.1\r\nHost: a\r\n{head}\r\n{body}".encode())
        line.shutdown(socket.SHUT_WR)
        found = b""
        while part := line.recv(4096):
            found += part
    return found.decode()


def test_one_length_is_read(server: Path) -> None:
    answer = said(server, "Content-Length: 5\r\nConnection: close\r\n", "words")
    assert answer.startswith("HTTP/1.1 200")
    assert "/shown words" in answer


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f"Content-Length: {len(CHUNKED)}\r\nTransfer-Encoding: chunked\r\n", CHUNKED),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", CHUNKED),
        (f"Content-Length: 0\r\nContent-Length: {len(HIDDEN)}\r\n", HIDDEN),
        (f"Content-Length: 0, {len(HIDDEN)}\r\n", HIDDEN),
        ("Content-Length: +0\r\n", HIDDEN),
        ("Content-Length : 0\r\n", HIDDEN),
        ("Transfer-Encoding: xchunked\r\n", CHUNKED),
        ("Transfer-Encoding: identity, chunked, identity\r\n", CHUNKED),
        ("Transfer-Encoding:\x0bchunked\r\n", CHUNKED),
        ("Transfer_Encoding: chunked\r\nContent-Length: 0\r\nX: a\n\n", HIDDEN),
    ],
)
def test_two_readings_are_refused(server: Path, head: str, body: str) -> None:
    answer = said(server, head, body)
    assert answer.startswith(("HTTP/1.1 4", "HTTP/1.1 501")), answer[:200]
    assert "/hidden" not in answer
    assert answer.count("HTTP/1.1") == 1
