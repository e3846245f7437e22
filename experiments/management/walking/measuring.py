"""The time and the peak memory of each step, in this process or in the worker that did it (Linux)."""

import os
import re
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Measured:
    """One step."""

    step: str
    by: str
    where: str = "this process"
    seconds: float = 0.0
    peak_mb: float | None = None


@dataclass(slots=True)
class Ledger:
    """The steps so far."""

    steps: list[Measured] = field(default_factory=list)

    @contextmanager
    def step(self, step: str, by: str) -> Iterator[Measured]:
        """Measure what happens inside."""
        measured = Measured(step, by)
        forget_peak(os.getpid())
        started = time.perf_counter()
        yield measured
        measured.seconds = time.perf_counter() - started
        if measured.peak_mb is None:
            measured.peak_mb = peak_mb(os.getpid())
        self.steps.append(measured)


def forget_peak(pid: int) -> None:
    """Let the kernel count a process's peak anew, where it allows it."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def peak_mb(pid: int) -> float | None:
    """Return the most memory that a process has held since its peak was last forgotten, in megabytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        if pid == os.getpid():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else None
