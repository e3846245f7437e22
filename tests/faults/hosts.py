"""Hosts of our own on one machine: network namespaces with addresses and names, made for a test and removed after."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from centre.local.processes import Child
from tests.conftest import PLACE, ROOT

SERVER = "10.77.0.1"
_POSTGRES, _REDIS = 5432, 6379


@dataclass(frozen=True, slots=True)
class Host:
    """A name, an address, and what starts a program there."""

    name: str
    address: str
    space: str

    @property
    def prefix(self) -> list[str]:
        """Return the command that runs another one on this host."""
        named = ["unshare", "--uts", "sh", "-c", f'hostname {self.name} && exec "$@"', "sh"]
        return ["ip", "netns", "exec", self.space, *named]


def missing() -> str:
    """Return why no hosts can be made here; empty where they can."""
    for program in ("ip", "unshare"):
        if not shutil.which(program):
            return f"there is no {program} (Debian's iproute2 and util-linux)"
    probe = f"trp{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode:
        return "this account may not make network namespaces"
    _do("netns", "del", probe)
    return ""


def _do(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def hosts(names: list[str], postgres: Path, redis: Path) -> Iterator[list[Host]]:
    """Make a server's host, where PostgreSQL and Redis answer at an address, and a host for each name.

    Nothing leaves the namespaces: no link leads to the machine's own network.
    """
    tag = f"tr{os.getpid() % 100_000}"
    server = f"{tag}s"
    made = [Host(name, f"10.77.0.{10 + place}", f"{tag}w{place}") for place, name in enumerate(names)]
    relay: Child | None = None
    try:
        _do("netns", "add", server)
        _do("-n", server, "link", "add", "br0", "type", "bridge")
        _do("-n", server, "addr", "add", f"{SERVER}/24", "dev", "br0")
        for link in ("lo", "br0"):
            _do("-n", server, "link", "set", link, "up")
        for place, host in enumerate(made):
            _do("netns", "add", host.space)
            _do(
                "-n",
                host.space,
                "link",
                "add",
                "eth0",
                "type",
                "veth",
                "peer",
                "name",
                f"v{place}",
                "netns",
                server,
            )
            _do("-n", server, "link", "set", f"v{place}", "master", "br0", "up")
            _do("-n", host.space, "addr", "add", f"{host.address}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                _do("-n", host.space, "link", "set", link, "up")
        command = ["ip", "netns", "exec", server, sys.executable, "-m", "tests.faults.relay"]
        ways = [f"{SERVER}:{_POSTGRES}={postgres}", f"{SERVER}:{_REDIS}={redis}"]
        relay = Child("relay", [*command, *ways], dict(os.environ), PLACE / "relay.log", ROOT)
        relay.start()
        yield made
    finally:
        if relay is not None:
            relay.ask_to_stop()
            relay.make_stop(patience=5)
        for space in (server, *(host.space for host in made)):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


def addresses(user: str, database: str) -> dict[str, str]:
    """Return where the workers of all hosts find PostgreSQL and Redis."""
    return {
        "DATABASE_URL": f"postgresql://{user}@{SERVER}:{_POSTGRES}/{database}",
        "REDIS_URL": f"redis://{SERVER}:{_REDIS}/0",
    }
