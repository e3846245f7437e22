"""Child processes that end when this one does, however it ends."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
# Loaded here and not in the child: between fork and exec a child should do as little as it can.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(signal_number: int = signal.SIGKILL, *, parent: int | None = None) -> None:
    """Ask the kernel to end this process when its parent ends (Linux; elsewhere nothing is asked).

    `parent` is the process that was the parent at the fork: if it has ended already, this one ends now.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def ending_with_us() -> Callable[[], None]:
    """Return what a child runs between fork and exec, so that it ends when this process does."""
    parent = os.getpid()

    def prepare() -> None:
        end_with_parent(parent=parent)

    return prepare


@dataclass(slots=True)
class Child:
    """One child in a process group of its own, so that Ctrl-C reaches it through us and in our order."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    directory: Path
    process: subprocess.Popen[bytes] | None = field(default=None)
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the process; what it writes goes to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ending_with_us(),
            )
        self.starts.append(time.monotonic())

    @property
    def pid(self) -> int:
        """Return the process id."""
        if self.process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Return whether the process is still there."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Ask politely."""
        if self.process is not None and self.is_running:
            self.process.send_signal(signal.SIGCONT)  # a stopped process cannot hear
            self.process.terminate()

    def make_stop(self, *, patience: float) -> None:
        """Wait so long, then end what is left of the group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self, lines: int = 5) -> str:
        """Return the end of the log, for a message."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
