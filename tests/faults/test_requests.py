"""What people and programs do at once, twice, with a full disk, a wrong clock, or in the middle of a deployment.

F9, F12, F13, F14, F15, F19.
"""

import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from centre import vault
from centre.errors import Conflict, Damaged
from centre.models import Run, User
from experiments.actions import allocations, analyses, registrations, trials
from experiments.models import Allocation, Dataset, Registration, Trial
from tests.conftest import ROOT
from tests.faults import tally
from tests.faults.service import (
    SETTINGS,
    Answer,
    Service,
    begun,
    effects,
    finished,
    forget_connection,
    run_of,
    submit,
)
from tests.faults.tally import REPEATS
from tests.faults.uploads import Uploads
from tests.integration.experiments_pages import stages

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.once,  # `make faults` asks both databases
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this account may not mount a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_keeps_nothing_by_half(service: Service, cast: SimpleNamespace, small_disk: Path) -> None:
    """F9: the file of an upload, and then the result of its check."""
    found = tally.of("F9", "disk full at an upload, and at its check", "orphan files 0, partial rows 0")
    uploads = Uploads(service, cast)
    own = {"VAULT_DIR": str(small_disk)}
    service.start_web(**own)
    service.start_worker(**own)
    filler = small_disk / "filler"
    for _ in range(REPEATS):
        too_large = uploads.send(b"unit,arm,calls\n" + b"U001,treatment,1\n" * 100_000)
        assert too_large.status == 507, too_large
        assert b"nothing was changed" in too_large.body
        assert files(small_disk) == files_of_rows()
        received = uploads.send()
        fill(filler)
        run = run_of(received)
        finished(run)
        filler.unlink()
        if run.state == "failed":
            assert run.error_code == "no_room", run.error
        found.count(
            is_lost=not run.is_finished, effects=uploads.versions(run), expected=int(run.state == "done")
        )
        assert files(small_disk) == files_of_rows()
    assert not Dataset.objects.exclude(file_sha256__in=files(small_disk)).exists()
    found.assert_whole()


def fill(filler: Path) -> None:
    """Take all the room that is left."""
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def files(place: Path) -> set[str]:
    """Return the names of the files in a vault: their hashes, or what was left half way."""
    return {file.name for file in place.rglob("*") if file.is_file() and file.name != "filler"}


def files_of_rows() -> set[str]:
    """Return the files that rows refer to."""
    kept = Dataset.objects.values_list("file_sha256", "parquet_sha256")
    return {name for pair in kept for name in pair}


def test_one_key_is_one_run(service: Service, cast: SimpleNamespace) -> None:
    """F12: fifty identical requests at once, with one Idempotency-Key."""
    found = tally.of("F12", "50 identical requests at once, one key", "one run, 100 rounds")
    uploads = Uploads(service, cast)
    service.start_web()
    many = 50 if REPEATS > 1 else 12
    for number in range(5 * REPEATS if REPEATS > 1 else 1):
        content, key = uploads.content(number), str(uuid.uuid4())
        forget_connection()
        before = Run.objects.count()
        with ThreadPoolExecutor(many) as pool:
            send = partial(uploads.send, content, Idempotency_Key=key)
            answers = [one.result() for one in [pool.submit(send) for _ in range(many)]]
        assert {answer.status for answer in answers} == {202}
        assert len({answer.body for answer in answers}) == 1
        found.count(is_lost=False, effects=Run.objects.count() - before)
    found.assert_whole()


@pytest.mark.postgres
def test_twenty_at_once_have_one_winner(cast: SimpleNamespace) -> None:
    """F13: saves of one edition, registrations and draws; in production threads share one database."""
    found = tally.of("F13", "20 at once: save, register, draw", "lost updates 0 in 1,000")
    trial = stages.draft(cast)
    for _ in range(3 * REPEATS):
        found.count(is_lost=False, effects=_together(stages.fresh(trial), cast)["done"])
    approved = stages.approved(cast)
    acts = Counter(_at_once(lambda: registrations.register(trial=approved, by=cast.registrar)))
    assert acts == {"done": 1, "conflict": 19}
    assert Registration.objects.count() == 1
    drawn = stages.frozen(cast)
    acts = Counter(_at_once(lambda: allocations.draw(trial=drawn, by=cast.custodian)))
    assert acts == {"done": 1, "conflict": 19}
    assert Allocation.objects.count() == 1
    found.seen["acts"] = 20 * (found.injected + 2)
    found.assert_whole()


def _together(trial: Trial, cast: SimpleNamespace) -> Counter[str]:
    def save() -> None:
        title = {**trial.protocol["title"], "public_title": f"Title {uuid.uuid4().hex[:8]}"}
        changed = {**trial.protocol, "title": title}
        trials.save(trial=trial, document=changed, edition=trial.protocol_edition, by=cast.force_user)

    return Counter(_at_once(save))


def _at_once(act: Any, many: int = 20) -> list[str]:
    start = threading.Barrier(many)

    def one(_: int) -> str:
        try:
            start.wait(timeout=60)
            act()
            return "done"
        except Conflict:
            return "conflict"
        finally:
            forget_connection()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def test_a_damaged_file_is_never_used(service: Service, cast: SimpleNamespace) -> None:
    """F14: one bit of a kept file, or its end; then an analysis that would have used it."""
    found = tally.of("F14", "kept file changed by one bit, or cut", "detected 1,000 of 1,000")
    trial = stages.locked(cast)
    dataset = Dataset.objects.get(trial=trial)
    kept = vault.path(dataset.parquet_sha256)
    whole = kept.read_bytes()
    kept.chmod(0o640)
    for _ in range(50 * REPEATS):
        damaged = bytearray(whole)
        if random.random() < 0.2:
            del damaged[random.randrange(len(damaged)) :]
        else:
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
        kept.write_bytes(damaged)
        with pytest.raises(Damaged):
            vault.open_file(dataset.parquet_sha256)
        found.count(is_lost=False, effects=0, expected=0)
    analysis = analyses.request(trial=trial, by=cast.analyst).run
    service.start_worker()
    finished(analysis)
    assert (analysis.state, analysis.error_code) == ("failed", "damaged_file")
    kept.write_bytes(whole)
    assert vault.read(dataset.parquet_sha256) == whole
    found.seen["detected"] = found.injected
    found.assert_whole()


def fake_clock() -> list[str]:
    """Return what starts a program with another clock."""
    if not shutil.which("faketime"):
        pytest.skip("there is no faketime (Debian's package faketime)")
    return ["faketime", "-f"]


@pytest.mark.postgres
def test_a_worker_with_a_wrong_clock_steals_no_lease(service: Service, analyst: User, tmp_path: Path) -> None:
    """F15, leases: they are measured by the database's clock. (SQLite has no clock of its own.)"""
    found = tally.of("F15", "worker's clock two hours off, either way", "lease theft 0")
    prefix = fake_clock()
    lease = {"RUN_LEASE_SECONDS": "4", "RUN_HEARTBEAT_SECONDS": "1"}
    service.start_worker(elsewhere="right" if os.geteuid() == 0 else "", **lease)
    for offset in ("+2h", "-2h"):
        service.workers.start(prefix=[*prefix, offset], **{**SETTINGS, **lease})
    environment = {**service.workers.environment(), **SETTINGS, **lease}
    for number in range(REPEATS):
        waiting = [submit(analyst, tmp_path, steps=30) for _ in range(3)]
        for run in waiting:
            begun(run)
        sweep = [*prefix, ("+2h", "-2h")[number % 2], sys.executable, "manage.py", "sweep_runs"]
        subprocess.run(sweep, cwd=ROOT, env=environment, capture_output=True, check=True)
        finished(*waiting)
        for run in waiting:
            assert run.attempt == 1, "a lease that was held was taken"
            found.count(is_lost=run.state != "done", effects=effects(run))
    found.assert_whole()


@pytest.mark.postgres
def test_a_web_server_with_a_wrong_clock_opens_no_embargo(service: Service, cast: SimpleNamespace) -> None:
    """F15, embargoes: a fast clock opens nothing early, the night the clocks change and a leap day included."""
    found = tally.of("F15", "web server's clock days ahead", "early publication 0")
    prefix = fake_clock()
    cast.embargo_until = dt.date.today() + dt.timedelta(days=2)
    trial = stages.registered(cast)
    assert trial.visibility == "embargoed"
    for offset in ("+3d", "+400d", "@2028-02-29 12:00:00", "@2027-03-28 01:30:00")[: max(2, min(4, REPEATS))]:
        web = service.start_web(processes=1, prefix=[*prefix, offset])
        for _ in range(-(-REPEATS // 4)):
            answers = [service.ask(f"/trials/{trial.ref}/"), service.ask(f"/api/v1/trials/{trial.ref}/")]
            assert {answer.status for answer in answers} == {404}
            assert trial.ref.encode() not in service.ask("/trials/").body
            found.count(is_lost=False, effects=0, expected=0)
        web.ask_to_stop()
        web.make_stop(patience=10)


def test_a_deployment_under_load(
    service: Service, cast: SimpleNamespace, analyst: User, tmp_path: Path
) -> None:
    """F19: new web processes and new workers, and migrations, at twenty reads a second."""
    found = tally.of("F19", "web and workers restarted, migrations run, at 20 reads/s", "5xx ≤ 0.1 %, lost 0")
    web = service.start_web()
    worker = service.start_worker(concurrency=2)
    service.start_beat()
    environment = {**service.workers.environment(), **SETTINGS}
    with steady_readers(service, a_second=20) as answers:
        for _ in range(REPEATS):
            run = submit(analyst, tmp_path, steps=20)
            begun(run)
            migrate = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
            subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True)
            assert os.getpgid(web.pid) == web.pid != os.getpgid(0)
            os.kill(
                web.pid, signal.SIGHUP
            )  # gunicorn: new processes first, the old ones end when they have answered
            worker.ask_to_stop()
            worker = service.start_worker(concurrency=2)
            finished(run)
            found.count(is_lost=run.state != "done", effects=effects(run))
            time.sleep(2)
    statuses = Counter(answer.status for answer in answers)
    bad = sum(count for status, count in statuses.items() if status >= 500 or status == 0)
    found.seen |= {"reads": len(answers), "not answered or 5xx": bad}
    assert bad <= len(answers) / 1000, statuses
    found.assert_whole()


@contextmanager
def steady_readers(service: Service, *, a_second: int) -> Iterator[list[Answer]]:
    """Read public pages at a rate that does not wait for the answers."""
    answers: list[Answer] = []
    stop = threading.Event()
    pages = ("/", "/trials/", "/tactics/", "/api/v1/trials/")

    def read(path: str) -> None:
        answers.append(service.ask(path))

    def tick() -> None:
        with ThreadPoolExecutor(40) as pool:
            number = 0
            while not stop.wait(1 / a_second):
                pool.submit(read, pages[number % len(pages)])
                number += 1

    ticking = threading.Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield answers
    finally:
        stop.set()
        ticking.join(90)
