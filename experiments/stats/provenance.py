"""What made a result: the engine, the packages, the machine, and where the rows went."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from experiments.stats.context import Made
from experiments.stats.results import Dropped

ENGINE_VERSION = "1.0.0"
PACKAGES = ("numpy", "scipy", "pandas", "pyarrow")
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def environment() -> dict[str, Any]:
    """The parts of ``provenance`` that belong to the machine and are the same from run to run."""
    return {
        "engine_version": ENGINE_VERSION,
        "packages": dict(_versions()),
        "python": platform.python_version(),
        "cpu": platform.machine(),
        "blas": _blas(),
        "threads": _threads(),
    }


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """The packages this process imported: they cannot change while it runs, and reading them takes 10 ms."""
    return tuple((name, metadata.version(name)) for name in PACKAGES)


def _threads() -> int:
    """The threads BLAS may use: bit-for-bit re-runs need the same number, so the caller pins it to 1."""
    for name in THREAD_VARIABLES:
        value = os.environ.get(name, "")
        if value.isdigit() and int(value) > 0:
            return int(value)
    return os.cpu_count() or 1


def _blas() -> str:
    build: Any = np.show_config(mode="dicts")
    library = build.get("Build Dependencies", {}).get("blas", {})
    return f"{library.get('name', 'unknown')} {library.get('version', '')}".strip()


def now() -> str:
    """The time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def row_counts(
    n_rows: int, sha256: str | None, made: Sequence[Made], dropped: Sequence[Sequence[Dropped]]
) -> dict[str, Any]:
    """The ``data`` object: rows read, the most that any estimate used, and what was left out.

    A reason that left out the same number of rows in every estimate is listed once; otherwise the
    estimates are named.
    """
    counts: dict[tuple[str, int], list[str]] = {}
    for one, losses in zip(made, dropped, strict=True):
        for loss in losses:
            counts.setdefault((loss.reason, loss.count), []).append(one.spec.id)
    rows = [
        {"reason": reason if len(ids) == len(made) else f"{reason} ({', '.join(ids)})", "count": count}
        for (reason, count), ids in counts.items()
    ]
    used = max((one.fit.n_obs for one in made if one.fit is not None), default=0)
    return {"sha256": sha256, "rows": n_rows, "rows_used": used, "rows_dropped": rows}
