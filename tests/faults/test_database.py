"""The database restarts, is slow, is full of connections, is locked by writers. F7, F10, F11, F22."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from centre import audit
from centre.models import User
from tests import postgres
from tests.faults import tally
from tests.faults.proxy import SlowWay
from tests.faults.service import (
    Answer,
    Service,
    begun,
    effects,
    finished,
    forget_connection,
    run_of,
    submit,
    wait_for,
)
from tests.faults.tally import REPEATS
from tests.faults.uploads import Uploads

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PAGES = ("/", "/trials/", "/assurance/", "/api/v1/trials/")


@contextmanager
def readers(service: Service, many: int = 2) -> Iterator[list[Answer]]:
    """Read public pages all the while, and keep what was answered."""
    found: list[Answer] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.wait(0.05):
            for path in PAGES:
                found.append(service.ask(path))

    threads = [threading.Thread(target=read, daemon=True) for _ in range(many)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


def assert_polite(answers: list[Answer]) -> None:
    """A page that cannot be shown says so, and when to come again; nothing is a fault without a word."""
    assert {answer.status for answer in answers} <= {200, 503}, Counter(answer.status for answer in answers)
    assert all("retry-after" in answer.headers for answer in answers if answer.status == 503)


@pytest.mark.postgres
def test_the_database_restarts(service: Service, analyst: User, tmp_path: Path) -> None:
    """F7."""
    found = tally.of(
        "F7", "PostgreSQL restarted, fast or at once", "back ≤ 30 s, 503 with Retry-After, 0 half done"
    )
    server = postgres.started[settings.DATABASE_URL]
    service.start_web()
    service.start_worker(concurrency=2)
    service.start_beat()
    answers: list[Answer] = []
    for number in range(max(REPEATS, 2)):
        run = submit(analyst, tmp_path, steps=20)
        begun(run)
        with readers(service) as seen:
            time.sleep(0.3)
            forget_connection()
            server.restart(at_once=number % 2 == 1)
            restarted = time.monotonic()
            wait_for(lambda: all(service.ask(path).status == 200 for path in PAGES), "the pages")
            found.seconds.append(time.monotonic() - restarted)
        answers += seen
        finished(run)
        found.count(is_lost=run.state != "done", effects=effects(run))
    assert_polite(answers)
    assert audit.verify().holds
    found.seen["answers"] = dict(Counter(answer.status for answer in answers))
    found.assert_whole()


@pytest.mark.postgres
def test_a_slow_database_slows_and_does_not_kill(service: Service, tmp_path: Path) -> None:
    """F10: each question takes half a second more; and one table is locked, so that questions would wait for ever."""
    found = tally.of(
        "F10", "database slow by 0.5 s, or a table locked", "no request longer than 10 s, then as before"
    )
    given = connection.settings_dict
    way = SlowWay(Path(tempfile.mkdtemp(prefix="tr-", dir="/tmp")) / "way", Path(given["HOST"]))
    try:
        address = f"postgresql://{given['USER']}@{quote(str(way.folder), safe='')}/{given['NAME']}"
        service.start_web(DATABASE_URL=address)
        for _ in range(REPEATS):
            way.delay = 0.5
            slow = [service.ask(path) for path in PAGES]
            alive = service.ask("/healthz")
            way.delay = 0.0
            with lock_of("experiments_trial"), ThreadPoolExecutor(20) as pool:
                locked = list(pool.map(lambda _: service.ask("/trials/"), range(20)))
            after = service.ask("/trials/")
            assert_polite([*slow, *locked])
            assert {answer.status for answer in locked} == {503}
            assert (alive.status, after.status) == (200, 200)
            found.seconds += [answer.seconds for answer in (*slow, *locked)]
            found.count(is_lost=False, effects=0, expected=0)
    finally:
        way.close()


@contextmanager
def lock_of(table: str) -> Iterator[None]:
    """Hold a table, as a migration that was written without care would."""
    given = connection.settings_dict
    with psycopg.connect(host=given["HOST"], user=given["USER"], dbname=given["NAME"]) as holder:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        holder.rollback()


@pytest.mark.postgres
def test_the_database_has_no_connection_left(service: Service) -> None:
    """F11."""
    found = tally.of("F11", "all connections of the database held", "503 in the meantime, 0 stuck after")
    given = connection.settings_dict
    service.start_web()
    statuses: Counter[int] = Counter()
    for _ in range(REPEATS):
        forget_connection()
        with ExitStack() as held:
            first = psycopg.connect(host=given["HOST"], user="registry", dbname=given["NAME"])
            # What the web server holds already is taken from it: it must ask for new ones.
            held.enter_context(first).execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'"
            )
            while True:
                try:
                    held.enter_context(
                        psycopg.connect(host=given["HOST"], user="registry", dbname=given["NAME"])
                    )
                except psycopg.OperationalError:
                    break
            answers = [service.ask(path) for path in PAGES * 2]
        assert_polite(answers)
        wait_for(lambda: all(service.ask(path).status == 200 for path in PAGES), "the pages")
        found.count(is_lost=False, effects=0, expected=0)
        statuses.update(answer.status for answer in answers)
    found.seen["answers"] = dict(statuses)
    assert statuses[503] >= REPEATS, "the fault was not there"


def test_many_writers_at_once(service: Service, cast: SimpleNamespace) -> None:
    """F22 on SQLite, where there is one writer at a time; PostgreSQL takes the same test."""
    found = tally.of("F22", "ten writers at once", "“database is locked” shown 0 times")
    uploads = Uploads(service, cast)
    service.start_web()
    service.start_worker(concurrency=2)
    for _ in range(REPEATS):
        contents = [uploads.content(1000 + uploads.sent + number) for number in range(10)]
        uploads.sent += len(contents)
        forget_connection()
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(uploads.send, contents))
        assert {answer.status for answer in answers} == {202}
        waiting = [run_of(answer) for answer in answers]
        finished(*waiting)
        for run in waiting:
            found.count(is_lost=run.state != "done", effects=uploads.versions(run))
        found.seconds += [answer.seconds for answer in answers]
    found.assert_whole()
