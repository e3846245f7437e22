"""A PostgreSQL of the tests' own: a system server's binaries, or the pgserver wheel's, on a private unix socket.

`python -m tests.postgres` prints why there can be none, or nothing.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from centre.local.processes import end_with_parent

_START_SECONDS = 30.0
_USER = "registry"
_SETTINGS = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "64MB"}
# A throw-away server outlives no crash of the machine, so nothing is synced; but a commit is written before it is
# answered, because tests end the server at once and ask for what it had promised.
_THROW_AWAY = {"fsync": "off", "full_page_writes": "off"}


def binaries() -> Path | None:
    """Return the folder of the newest server's binaries, or None."""
    system = sorted(
        (folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()),
        key=lambda folder: float(folder.parent.name),
    )
    if system:
        return system[-1]
    spec = importlib.util.find_spec("pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "initdb").exists():
            return folder
    return None


def missing() -> str:
    """Return why there can be no PostgreSQL here; empty where there can."""
    if binaries() is None:
        return (
            "no server in /usr/lib/postgresql, and no pgserver wheel for this Python (3.11 and 3.12 have one)"
        )
    if os.geteuid() == 0 and _account() is None:
        return "PostgreSQL does not run as root, and this machine has neither a postgres nor a nobody account"
    return ""


@dataclass(slots=True)
class Server:
    """One server that this process started; only it is ever stopped, and only by its own process id."""

    folder: Path
    place: Path
    settings: dict[str, str]
    as_user: Callable[[], None]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Return what DATABASE_URL takes."""
        return f"postgresql://{_USER}@{quote(str(self.place / 'socket'), safe='')}/postgres"

    @property
    def pid(self) -> int:
        """Return the process id, after making sure that it is the server on our data."""
        assert self.process is not None
        assert self.process.poll() is None, "our PostgreSQL has ended"
        recorded = int((self.place / "data" / "postmaster.pid").read_text().splitlines()[0])
        assert recorded == self.process.pid, "another PostgreSQL answers here"
        return recorded

    def run(self) -> None:
        """Start it, and wait until it answers."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.place / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.folder / "postgres", "-D", self.place / "data", "-k", self.place / "socket", *options],
                stdout=log,
                stderr=log,
                preexec_fn=self.as_user,
                cwd=self.place,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        ready = [self.folder / "pg_isready", "-q", "-h", self.place / "socket", "-U", _USER]
        while subprocess.run(ready, check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(self.place / 'log').read_text()[-500:]}")
            time.sleep(0.05)
        # Another server that answers on our socket would look the same until the process id is compared.
        assert self.pid

    def restart(self, *, at_once: bool) -> None:
        """Restart it as `pg_ctl restart -m fast` does, or `-m immediate`: without a word to anybody."""
        os.kill(self.pid, signal.SIGQUIT if at_once else signal.SIGINT)
        assert self.process is not None
        self.process.wait(timeout=_START_SECONDS)
        self.run()

    def stop(self, owner: int) -> None:
        """End it, where this is the process that started it."""
        if os.getpid() != owner or self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=10)


started: dict[str, Server] = {}  # by address


def start(place: Path, *, is_durable: bool = False) -> str:
    """Start a server with its data under `place`, and return its address; it ends with this process.

    A durable one syncs each transaction, as in production: what is measured must have paid for that.
    """
    if reason := missing():
        raise RuntimeError(f"PostgreSQL tests were asked for: {reason}")
    folder, account = binaries(), _account()
    assert folder is not None
    data = place / "data"
    for directory in (place, data, place / "socket"):
        directory.mkdir(mode=0o700)
        if account:
            os.chown(directory, account.pw_uid, account.pw_gid)
    as_user = _becoming(account, os.getpid())
    folder = _reachable(folder, place, as_user)
    initialise = [
        folder / "initdb",
        "-D",
        data,
        "-U",
        _USER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    ]
    subprocess.run(initialise, check=True, stdout=subprocess.DEVNULL, preexec_fn=as_user, cwd=place)
    server = Server(folder, place, _SETTINGS if is_durable else _SETTINGS | _THROW_AWAY, as_user)
    atexit.register(server.stop, os.getpid())
    server.run()
    started[server.address] = server
    return server.address


def _reachable(folder: Path, place: Path, as_user: Callable[[], None]) -> Path:
    """Return binaries that the server's user can run: a copy, where the checkout is in a closed home."""
    try:
        subprocess.run(
            [folder / "postgres", "--version"],
            check=True,
            stdout=subprocess.DEVNULL,
            preexec_fn=as_user,
            cwd="/",
        )
    except PermissionError:
        package = folder.parent.parent
        for part in (
            package,
            package.with_name("pgserver.libs"),
        ):  # the wheel's binaries look for their libraries there
            shutil.copytree(part, place / "install" / part.name, symlinks=True)
        for directory, _, _ in os.walk(place / "install"):
            os.chmod(directory, 0o755)
        return place / "install" / package.name / "pginstall" / "bin"
    return folder


def _account() -> pwd.struct_passwd | None:
    """Return whom to run the server as when we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _becoming(account: pwd.struct_passwd | None, parent: int) -> Callable[[], None]:
    def prepare() -> None:
        if account:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        # After the change of user, which would clear it. SIGINT is PostgreSQL's fast shutdown.
        end_with_parent(signal.SIGINT, parent=parent)

    return prepare


if __name__ == "__main__":
    print(missing(), end="")
