"""Workers on several hosts share one PostgreSQL and one Redis: the same bytes, and nobody waits behind the bulk."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from centre.models import Run, RunAttempt
from experiments import tasks
from experiments.actions import diagnoses
from experiments.models import Diagnosis
from tests.faults import tally
from tests.faults.hosts import addresses, hosts, missing
from tests.faults.service import Service, effects, finished, kill_whole, submit, wait_for
from tests.integration.experiments_pages import stages

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

REPLICATES = 200 if tally.REPEATS == 1 else 2_000
ANSWERS = {"n_units": 400, "mean__0": 20.0, "spread__0": 2.0, "effect__0": -0.1, "replicates": REPLICATES}


def test_hosts_share_a_diagnosis_and_one_that_dies_changes_no_byte(
    service: Service, cast: SimpleNamespace, tmp_path: Path
) -> None:
    if reason := missing():
        pytest.skip(reason)
    found = tally.of("scale", "simulations shared by hosts, one of which dies", "the same bytes, 0 lost")
    trial = stages.draft(cast)
    alone = diagnoses.request(trial=trial, answers=ANSWERS, by=cast.force_user)
    began = time.monotonic()
    for part in alone.parts.all():
        tasks.diagnose(str(part.run_id))
    by_one = time.monotonic() - began
    given = connection.settings_dict
    sockets = (Path(given["HOST"]) / ".s.PGSQL.5432", service.workers.redis.socket)
    with hosts(["bulk-one", "bulk-two", "people"], *sockets) as made:
        own = {
            **addresses(given["USER"], given["NAME"]),
            "RUN_LEASE_SECONDS": "6",
            "RUN_HEARTBEAT_SECONDS": "1",
        }
        bulk = [service.start_worker_at(host, queues="bulk", **own) for host in made[:2]]
        service.start_worker_at(made[2], queues="interactive,analysis", **own)
        service.start_beat(RUN_SWEEP_SECONDS="2")
        shared = diagnoses.request(trial=trial, answers=ANSWERS, by=cast.force_user)
        began = time.monotonic()
        parts = Run.objects.filter(diagnosis_part__diagnosis=shared)
        attempts = RunAttempt.objects.filter(run__in=parts)
        wait_for(lambda: len(hosts_of(attempts)) == 2, "both hosts to take parts")
        quick = submit(cast.analyst, tmp_path, steps=1)  # a person's, while the bulk is at work
        finished(quick)
        assert quick.finished_at
        kill_whole(bulk[0])
        wait_for(lambda: sha256(shared), "the end of the diagnosis")
        by_hosts = time.monotonic() - began
        assert "people" not in hosts_of(attempts)
        assert set(hosts_of(RunAttempt.objects.filter(run=quick))) == {"people"}
    assert sha256(shared) == sha256(alone)
    lost = attempts.filter(outcome="lost").count()
    for run in parts:
        found.count(is_lost=run.state != "done", effects=1)
    found.count(is_lost=quick.state != "done", effects=effects(quick))
    found.seen |= {
        "parts by host": dict(sorted(hosts_of(attempts).items())),
        "parts lost with a host and done again": lost,
        "one process, s": round(by_one, 1),
        "two hosts, one killed, s": round(by_hosts, 1),
        "a person's run beside the bulk, s": round((quick.finished_at - quick.created_at).total_seconds(), 1),
    }
    found.assert_whole()


def hosts_of(attempts: Any) -> dict[str, int]:
    """Return how many attempts each host made."""
    found: dict[str, int] = {}
    for host in attempts.values_list("host", flat=True):
        name = host.split("/")[0]
        found[name] = found.get(name, 0) + 1
    return found


def sha256(diagnosis: Diagnosis) -> str:
    """Return the hash of what a diagnosis found; empty until it has ended."""
    return Diagnosis.objects.get(pk=diagnosis.pk).document_sha256
