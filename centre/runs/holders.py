"""Which process holds a lease, and whether it is still there."""

import os
import secrets
import socket
from pathlib import Path

from billiard.process import current_process


def owner() -> str:
    """Return a name for this process and this claim: host, process id, its start time, a random token."""
    return f"{host()}:{os.getpid()}:{_started(os.getpid())}:{secrets.token_hex(8)}"


def host() -> str:
    """Return the name of what counts process ids here: two containers may share a host's name, but not its ids."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        namespace = ""
    return f"{socket.gethostname()[:60]}/{''.join(filter(str.isdigit, namespace))}"


def is_replaceable() -> bool:
    """Return whether this process is one of a worker's, which starts another in its place."""
    return bool(current_process().daemon)


def is_dead(lease_owner: str) -> bool:
    """Return whether the owner was a process of this host that no longer exists."""
    try:
        where, pid, started, _ = lease_owner.split(":")
    except ValueError:
        return False
    if where != host():
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """Return when a process started, in clock ticks since boot; empty where it does not exist."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]  # a zombie has ended, though its parent has not noticed
