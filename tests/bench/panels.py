"""One reader and one panel in one process: `python -m tests.bench.panels PACKAGE FILE` prints its figures as JSON.

`ours` reads, checks, writes the partitions and the sums; the peers read the file and add it up by force, no more.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from centre.hub.areas import Areas
from centre.hub.panels import rollup
from centre.hub.panels.building import build
from centre.hub.panels.places import Places, places
from centre.hub.panels.reading import Kind, Source
from centre.hub.trends import rising
from centre.hub.trends.answer import answer
from centre.hub.trends.rules import Rules
from experiments.management.walking.measuring import forget_peak, peak_mb

FORCES, NEIGHBOURHOODS, MEASURES = 43, 35_672, 14
KEYS = [f"measure-{at}" for at in range(MEASURES)]
FIRST = 2015


def country() -> Places:
    """Return an invented country of the size of England and Wales."""
    codes = [f"E01{at:06d}" for at in range(NEIGHBOURHOODS)]
    district = {code: f"E0{at % FORCES:07d}" for at, code in enumerate(codes)}
    force = {f"E0{at:07d}": f"E23{at:06d}" for at in range(FORCES)}
    every = frozenset(codes)
    return places(
        Areas(every, every, district, force), "2021", {code: f"force-{code[-2:]}" for code in force.values()}
    )


def write(path: Path, months: int) -> None:
    """Write a seeded wide panel as CSV, month after month, with a season."""
    random, where = np.random.default_rng(20261128), country()
    usual = random.gamma(0.8, 1.5, (MEASURES, NEIGHBOURHOODS))
    writer = None
    for at in range(months):
        season = 1 + 0.15 * np.sin(2 * np.pi * at / 12)
        counts = random.poisson(usual * season).astype(np.int32)
        month = f"{FIRST + at // 12}-{at % 12 + 1:02d}"
        table = pa.table(
            {"area": where.codes, "month": pa.array([month] * NEIGHBOURHOODS)}
            | {key: pa.array(counts[m]) for m, key in enumerate(KEYS)}
        )
        if writer is None:
            writer = pacsv.CSVWriter(
                path, table.schema, write_options=pacsv.WriteOptions(quoting_style="none")
            )
        writer.write_table(table)
    if writer is not None:
        writer.close()


def ours(path: Path) -> dict[str, Any]:
    """Import the panel; then read its sums, and judge each series: by Farrington's test, and as the hub's scan does."""
    where = country()
    with tempfile.TemporaryDirectory() as folder:
        taken = measured(
            lambda: build([Source(path, path.name)], {key: Kind(key) for key in KEYS}, where, Path(folder))
        )
        built = taken.pop("answer")
        kept = sum(one.path.stat().st_size for one in built.partitions)
        started = time.perf_counter()
        sums = rollup.read(built.rollup, absent_is_zero=False)
        series = sums.series()
        read = time.perf_counter() - started
        found = {**taken, "rows": built.rows, "kept": kept, "read_sums": read, "total": total(sums.values)}
        if len(sums.months) > 72:
            started = time.perf_counter()
            options = {"b": 5, "w": 1, "range": [len(sums.months), len(sums.months)]}
            rows = answer("farrington_flexible", list(series.values()), {}, options).rows
            found |= {"scan": time.perf_counter() - started, "series": len(rows)}
            started = time.perf_counter()
            judged = rising.judge(list(series.values()), Rules())
            found |= {"hub_scan": time.perf_counter() - started, "tests": len(judged.verdicts)}
    return found


def with_pandas(path: Path) -> dict[str, Any]:
    """Read and add up with pandas."""
    where = country()
    force = dict(zip(where.codes.to_pylist(), np.repeat(np.arange(FORCES), where.sizes), strict=True))

    def read() -> pd.DataFrame:
        frame = pd.read_csv(path)
        return frame.groupby([frame["area"].map(force), "month"])[KEYS].sum()

    taken = measured(read)
    sums = taken.pop("answer")
    return {**taken, "total": total(sums.to_numpy())}


def with_pyarrow(path: Path) -> dict[str, Any]:
    """Read and add up with pyarrow alone, the whole table at once."""
    where = country()
    force = pa.table({"area": where.codes, "force": pa.array(np.repeat(np.arange(FORCES), where.sizes))})

    def read() -> pa.Table:
        table = pacsv.read_csv(path).join(force, "area")
        return table.group_by(["force", "month"]).aggregate([(key, "sum") for key in KEYS])

    taken = measured(read)
    sums = taken.pop("answer")
    return {**taken, "total": total(np.array([sums[f"{key}_sum"].to_numpy() for key in KEYS]))}


def measured(ask: Callable[[], Any]) -> dict[str, Any]:
    """Return seconds on the clock and of the processor, and the peak beyond what the process held before."""
    forget_peak(os.getpid())
    before = peak_mb(os.getpid()) or 0.0
    wall, processor = time.perf_counter(), time.process_time()
    found = ask()
    return {
        "answer": found,
        "seconds": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "peak_mb": (peak_mb(os.getpid()) or 0.0) - before,
    }


def total(values: Any) -> int:
    """Return the sum of everything, by which the readers are compared."""
    return int(np.sum(values))


ASKED = {"ours": ours, "pandas": with_pandas, "pyarrow": with_pyarrow}

if __name__ == "__main__":
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    package, file = sys.argv[1:]
    print(json.dumps(ASKED[package](Path(file))))
