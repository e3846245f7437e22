"""`python -m tests.faults.table FILE`: the figures of `make faults` as docs/faults.md shows them."""

import json
import sys
from pathlib import Path
from typing import Any

HEAD = """# Faults, injected and survived

`make faults` starts a PostgreSQL, a Redis, workers, timetables and web servers of its own, breaks them at random
moments, and counts what became of the work: a run is *lost* if it does not end as it should, and *double* if it wrote
twice. It wrote this page. The numbers of the faults are those of the reliability plan; seconds are until the work was
taken up again, unless the fault says otherwise. No test asserts the seconds.

| Fault | Database | What was done | Injected | Lost | Double | p50 s | p95 s | Most s | Aim | Also seen |
|---|---|---|---|---|---|---|---|---|---|---|
"""


def row(found: dict[str, Any]) -> str:
    """Return one line of the table."""
    seen = "; ".join(f"{name} {_in_words(value)}" for name, value in found["seen"].items())
    figures = [found["injected"], found["lost"], found["doubled"], found["p50"], found["p95"], found["most"]]
    shown = ["" if value is None else str(value) for value in figures]
    return f"| {' | '.join([found['fault'], found['database'], found['what'], *shown, found['aim'], seen])} |"


def _in_words(value: Any) -> str:
    return (
        ", ".join(f"{name}: {count}" for name, count in value.items())
        if isinstance(value, dict)
        else str(value)
    )


def page(lines: list[dict[str, Any]]) -> str:
    """Return the whole page."""
    sums = [sum(one[name] for one in lines) for name in ("injected", "lost", "doubled")]
    days = sorted({one["day"] for one in lines})
    counted = f"All: {sums[0]:,} faults injected, {sums[1]} runs lost, {sums[2]} double results."
    end = f"\n{counted} Measured on {' and '.join(days)}, two processors.\n"
    return HEAD + "\n".join(map(row, lines)) + "\n" + end


if __name__ == "__main__":
    found = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    sys.stdout.write(page(found))
