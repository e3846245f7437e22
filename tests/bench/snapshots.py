"""Run: python -m tests.bench.snapshots — makes the snapshot of a filled database, and prints as JSON what it took."""

import datetime as dt
import json
import os
import time

import django

from experiments.management.walking.measuring import forget_peak, peak_mb


def main() -> None:
    """Make it once, as the worker does at night; warm caches are the database's alone."""
    from experiments import analysis

    forget_peak(os.getpid())
    resting, started = peak_mb(os.getpid()) or 0.0, time.perf_counter()
    made = analysis.make_snapshot(dt.date(2026, 1, 1), lambda share, words: None)
    seconds = time.perf_counter() - started
    rows = {part.name: part.rows for part in made.parts}
    found = {"seconds": seconds, "beyond_mb": (peak_mb(os.getpid()) or 0.0) - resting}
    print(json.dumps({**found, "zip_mb": made.size / 1e6, "rows": rows}))


if __name__ == "__main__":
    django.setup()
    main()
