"""A long day: a thousand uploads and analyses through the API, and nothing grows, waits or is lost. R6."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from centre import tokens
from centre.local.processes import Child
from centre.models import Run
from experiments.models import Dataset
from tests.faults import tally
from tests.faults.service import Answer, Service, finished, parent_of, run_of
from tests.faults.tally import REPEATS
from tests.integration.experiments_pages import stages

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.once,  # `make faults` asks both databases
    pytest.mark.django_db(transaction=True),
]

RUNS = 1_000 if REPEATS > 1 else 30
AT_ONCE = 10


def test_a_thousand_runs(service: Service, cast: SimpleNamespace) -> None:
    found = tally.of(
        "R6", f"{RUNS} analyses and reads beside them", "memory grows < 10 %, 0 stuck, reads ≥ 99.9 %"
    )
    trial = stages.locked(cast)
    key = tokens.make(name="soak", scope="write", days=1, by=cast.analyst)[1]
    web = service.start_web()
    worker = service.start_worker(concurrency=2)
    service.start_beat()

    def ask() -> Answer:
        return service.ask(
            f"/api/v1/trials/{trial.ref}/analyses/",
            method="POST",
            body=json.dumps({}).encode(),
            headers={"Authorization": f"Token {key}", "Content-Type": "application/json"},
        )

    memory: list[float] = []
    reads = answered = 0
    for number in range(RUNS // AT_ONCE):
        waiting = [run_of(ask()) for _ in range(AT_ONCE)]
        for path in ("/", "/trials/", f"/trials/{trial.ref}/", "/api/v1/trials/"):
            reads += 1
            answered += service.ask(path).status == 200
        finished(*waiting)
        for run in waiting:
            found.count(is_lost=run.state != "done", effects=1)
        if number >= RUNS // AT_ONCE // 10:  # once all is loaded
            memory.append(megabytes(web) + megabytes(worker))
    tenth = max(1, len(memory) // 10)
    before, after = (sum(part) / tenth for part in (memory[:tenth], memory[-tenth:]))
    found.seen |= {
        "MB of web and worker after a tenth": round(before),
        "at the end": round(after),
        "growth": f"{100 * (after / before - 1):.1f} %",
        "public reads answered": f"{answered} of {reads}",
    }
    assert not Run.objects.unfinished().exists()
    assert Dataset.objects.count() == 1
    assert answered >= 0.999 * reads
    found.assert_whole()


def megabytes(child: Child) -> float:
    """Return the memory of a process and of what it started."""
    pids = [child.pid]
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and parent_of(int(entry.name)) == child.pid:
                pids.append(int(entry.name))
        except OSError:
            continue
    return sum(_resident(pid) for pid in pids)


def _resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
