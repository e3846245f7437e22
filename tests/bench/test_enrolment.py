"""The latency of an enrolment: twenty callers at once over the API, a real server, PostgreSQL."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from centre.local.redis import EmbeddedRedis, RedisUnavailable
from tests import postgres
from tests.bench import serving
from tests.bench.conftest import Page
from tests.conftest import ROOT, run_command

pytestmark = pytest.mark.bench

CALLERS, EACH, WARM_UP = 20, 20, 1
GOAL_MS = 100.0
PAUSE_SECONDS = 1.0


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, list[str], str]]:
    """A registry on PostgreSQL behind gunicorn with an open trial; its port, twenty tokens and the trial's number."""
    if reason := postgres.missing():
        pytest.skip(reason)
    place = Path(settings.PLACE)
    redis = EmbeddedRedis(place / "bench-redis")
    try:
        redis.start()
    except RedisUnavailable as reason:
        pytest.skip(str(reason))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "centre.settings",
        "DATABASE_URL": postgres.start(place / "bench-pg", is_durable=True),
        "REDIS_URL": redis.url,
        "EMBEDDED": "1",
        "VAULT_DIR": str(place / "bench-vault"),
        # The throttle counts a person's writes; it would be measured instead of the enrolment.
        "API_WRITES_PER_MINUTE": "1000000",
        "API_PERSON_PER_MINUTE": "1000000",
    }
    migrated = run_command("migrate", "--verbosity", "0", environment=environment)
    assert migrated.returncode == 0, migrated.stderr[-2_000:]
    prepared = run_child(environment)
    try:
        with serving.served("bench-web", environment) as port:
            yield port, prepared["tokens"], prepared["trial"]
    finally:
        redis.stop()


def run_child(environment: dict[str, str]) -> dict[str, Any]:
    """Make the trial and its callers in a process of its own, on the bench's database."""
    command = [sys.executable, "-m", "tests.bench.enrolling", str(CALLERS)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def enrol_all(
    port: int, tokens: list[str], trial: str, run: str, *, each: int, pause: float
) -> tuple[list[float], float]:
    """Let every caller enrol so many cases; return the milliseconds of each, and the seconds of all."""
    work = {"port": port, "tokens": tokens, "trial": trial, "run": run, "each": each, "pause": pause}
    command = [sys.executable, "-m", "tests.bench.callers"]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(work), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found = json.loads(done.stdout)
    assert not found["wrong"], found["wrong"]
    return found["times"], found["seconds"]


def summary(name: str, found: tuple[list[float], float]) -> list[str]:
    """Return the row of the table."""
    times, seconds = found
    most_wait = statistics.quantiles(times, n=20)[-1]
    return [
        name,
        f"{len(times):,}",
        f"{statistics.median(times):.0f}",
        f"{most_wait:.0f}",
        "yes" if most_wait <= GOAL_MS else "no",
        f"{max(times):.0f}",
        f"{len(times) / seconds:.0f}",
    ]


def test_twenty_callers_at_once(page: Page, served: tuple[int, list[str], str]) -> None:
    port, tokens, trial = served
    before = os.getloadavg()[0]
    enrol_all(port, tokens, trial, "warm", each=WARM_UP, pause=0)
    rows = [
        summary("1 caller, without a pause", enrol_all(port, tokens[:1], trial, "one", each=EACH, pause=0)),
        summary(
            "20 callers, one case a second each",
            enrol_all(port, tokens, trial, "paced", each=EACH // 2, pause=PAUSE_SECONDS),
        ),
        summary("20 callers, without a pause", enrol_all(port, tokens, trial, "all", each=EACH, pause=0)),
    ]
    for row in rows:
        print(" | ".join(row))
    after = os.getloadavg()[0]
    page.add(
        "Enrolling a case",
        "From sending the request to reading the arm, over the API: gunicorn with two processes of eight threads, a "
        "PostgreSQL that syncs each transaction, and the callers in a process of their own, all on the same machine "
        f"(load before {before:.1f}, after {after:.1f}). Permuted blocks in four strata; each case is one transaction, "
        f"and those of one trial follow one another. The goal is {GOAL_MS:.0f} ms at the 95th percentile, with 20 "
        "callers. One case a second is what the throttle lets one person write. Without a pause twenty callers ask for "
        "all that the machine can give, and each waits for the nineteen others.",
        [
            "callers",
            "cases",
            "median ms",
            "95th percentile ms",
            f"within {GOAL_MS:.0f} ms",
            "most ms",
            "cases a second",
        ],
        rows,
    )
