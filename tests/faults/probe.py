"""Real work for the fault tests: a Run that takes a while, says which process does it, and leaves one event."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from celery import shared_task

from centre import audit, runs

TASK = "tests.probe"
EVENT = "probe.written"


@shared_task(name=TASK)
def probe(run_id: str) -> None:
    """Do the work through the engine, as every task does."""
    runs.execute(run_id, work)


def work(context: runs.Context) -> Callable[[], dict[str, Any]]:
    """Take `steps` steps of a tenth of a second, or do what a parameter says is wrong with it."""
    params = context.run.params
    with open(params["pids"], "a", encoding="ascii") as pids:
        pids.write(f"{os.getpid()}\n")
    if params.get("poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    if params.get("hangs"):
        _hang()
    held = bytearray(params.get("megabytes", 0) << 20)
    for step in range(params["steps"]):
        time.sleep(0.1)
        if not params.get("deaf"):
            context.progress(step / params["steps"], f"Step {step + 1} of {params['steps']}")
    del held

    def commit() -> dict[str, Any]:
        audit.record(EVENT, subject=context.run, by=context.run.requested_by, detail={"pid": os.getpid()})
        return {"page": "/"}

    return commit


def _hang() -> None:
    """Never end, and take no notice of being asked to."""
    while True:
        try:
            while True:
                time.sleep(0.01)
        except Exception:
            continue
