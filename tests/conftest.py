"""Shared fixtures: the cast, the real Redis, real workers, the browser, and a database that is put back."""

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client, TransactionTestCase

from centre.local.processes import Child
from centre.local.redis import EmbeddedRedis, RedisUnavailable
from tests import snapshot

ROOT = Path(__file__).resolve().parent.parent
PLACE: Path = settings.PLACE

try:
    from hypothesis.configuration import set_hypothesis_home_dir
except ImportError:
    pass
else:
    set_hypothesis_home_dir(PLACE / "hypothesis")


def pytest_report_header() -> str:
    """Say which database the run is on."""
    return f"database: {settings.TEST_DATABASE}"


# Pages and lists, which go through Django's ORM alone: one database is enough, but for what is marked `both`.
PAGES = tuple(
    ROOT / "tests" / "integration" / name for name in ("api", "catalogue", "experiments_pages", "tactics")
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, with the reason, what only means something on the other database."""
    # Those ask thousands of questions each: begun last, they would leave the other processor idle for minutes.
    items.sort(key=lambda item: not item.path.is_relative_to(ROOT / "tests" / "permissions"))
    for item in items:
        is_page = uses_database(item) and any(item.path.is_relative_to(folder) for folder in PAGES)
        if is_page and not item.get_closest_marker("both") and not os.environ.get("BOTH"):
            item.add_marker(pytest.mark.once)
    if settings.TEST_DATABASE == "postgres":
        unrelated = [item for item in items if not uses_database(item)]
        config.hook.pytest_deselected(items=unrelated)
        items[:] = [item for item in items if uses_database(item)]
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: run with TEST_DATABASE=postgres"))


def uses_database(item: pytest.Item) -> bool:
    """Say whether a test opens the database, and so may differ on another one."""
    fixtures = {"db", "transactional_db", "live_server", "cast"}
    return bool(
        item.get_closest_marker("django_db") or fixtures.intersection(getattr(item, "fixturenames", ()))
    )


def pytest_unconfigure() -> None:
    """Let threads that outlive the tests log to a stream that is closed by now, without a traceback for each."""
    logging.raiseExceptions = False


# --- the database -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """Begin with a database that somebody has migrated, where thousands of runs would each migrate one (SQLite)."""
    if ready := os.environ.get("MIGRATED_DATABASE"):
        shutil.copy(ready, settings.DATABASES["default"]["TEST"]["NAME"])
    return django_db_keepdb or bool(ready)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Keep the migrated database, and put it back after each test that commits."""
    with django_db_blocker.unblock():
        snapshot.take(PLACE)
    TransactionTestCase._fixture_teardown = lambda self: snapshot.restore(PLACE)  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def private_vault(settings: Any, tmp_path: Path) -> None:
    """Give each test a vault of its own."""
    storages = {name: {**value} for name, value in settings.STORAGES.items()}
    for name in ("default", "vault"):
        storages[name]["OPTIONS"] = {"location": str(tmp_path / "vault")}
    settings.STORAGES = storages


@pytest.fixture
def unlimited(settings: Any) -> None:
    """Let a caller ask the API as often as the test likes."""
    settings.API_REQUESTS_A_MINUTE = dict.fromkeys(settings.API_REQUESTS_A_MINUTE, 10**6)


# --- the cast ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One person of the cast: a role, and the force it is in where it is a force's."""

    name: str
    role: str
    force: str = ""


CAST = {
    "registrar": Part("Rowan Registrar", "registrar"),
    "reviewer": Part("Mina Reviewer", "methods_reviewer"),
    "second_reviewer": Part("Ola Reviewer", "methods_reviewer"),
    "analyst": Part("Ana Analyst", "analyst"),
    "custodian": Part("Cass Custodian", "allocation_custodian"),
    "checker": Part("Cho Checker", "output_checker"),
    "second_checker": Part("Dee Checker", "output_checker"),
    "publisher": Part("Pat Publisher", "publisher"),
    "force_user": Part("Flo Force", "force_user", "testshire"),
    "other_force_user": Part("Omar Other", "force_user", "otherton"),
    "sponsor": Part("Sol Sponsor", "force_sponsor", "testshire"),
    "director": Part("Dru Director", "director"),
    "researcher": Part("Rae Researcher", "researcher"),
}
PASSWORD = "a-password-for-the-cast"


def make_person(key: str) -> Any:
    """Make one person of the cast in the database."""
    from centre.models import Membership, User

    part = CAST[key]
    user = User.objects.create_user(f"{key}@test.example", PASSWORD, name=part.name)
    Membership.objects.create(user=user, role=part.role, force=make_force(part.force) if part.force else None)
    return user


def make_force(slug: str) -> Any:
    """Find or make an invented force."""
    from centre.models import Force

    fields = {"name": f"{slug.title()} Police (invented)", "kind": Force.Kind.SAMPLE}
    return Force.objects.get_or_create(slug=slug, defaults=fields)[0]


def _person(key: str) -> Any:
    @pytest.fixture(name=key)
    def person(db: None) -> Any:
        return make_person(key)

    return person


for _key in CAST:
    globals()[_key] = _person(_key)


@pytest.fixture
def force(db: None) -> Any:
    """The force of `force_user`."""
    return make_force("testshire")


@pytest.fixture(autouse=True)
def _empty_shelf() -> None:
    """Forget what was remembered or counted: the test before had another database, whose changes were taken back."""
    from tactics import shelving

    shelving.forget()
    cache.clear()


@pytest.fixture(autouse=True)
def _writable() -> None:
    """Remember that the registry is not read-only: the test before may have left it so, in a database of its own."""
    from centre import read_only

    read_only.remember("")


@pytest.fixture
def other_force(db: None) -> Any:
    """The force of `other_force_user`."""
    return make_force("otherton")


@pytest.fixture
def anonymous() -> AnonymousUser:
    """Nobody in particular."""
    return AnonymousUser()


@pytest.fixture
def cast(request: pytest.FixtureRequest, db: None) -> SimpleNamespace:
    """Everybody, as `cast.registrar`, `cast.anonymous` and so on."""
    return SimpleNamespace(**{key: request.getfixturevalue(key) for key in (*CAST, "anonymous")})


@pytest.fixture
def sign_in(db: None) -> Callable[[Any], Client]:
    """Return a client in which the person is signed in; an anonymous person's client is signed out."""

    def client_of(person: Any) -> Client:
        client = Client()
        if person.is_authenticated:
            client.force_login(person)
        return client

    return client_of


# --- Redis and workers ------------------------------------------------------------------------------


@pytest.fixture
def redis_server() -> Iterator[EmbeddedRedis]:
    """A real Redis at the address the settings name, whose process id is checked before anything is done to it."""
    server = EmbeddedRedis(PLACE / "redis")
    try:
        server.start()
    except RedisUnavailable as reason:
        pytest.skip(str(reason))
    try:
        with server.client() as client:
            assert client.info("server")["process_id"] == server.pid, "another Redis answers here"
            client.flushall()
        yield server
    finally:
        server.stop()
        forget_connections()


def forget_connections() -> None:
    """Drop this process's connections to a broker that has ended: the next test's Redis is another."""
    from kombu import pools

    from centre.celery import app

    pools.reset()
    app._pool = app.amqp._producer_pool = None


@dataclass(slots=True)
class Worker:
    """A real Celery worker (prefork) on the test database; more than one may be started."""

    redis: EmbeddedRedis
    children: list[Child]

    def start(
        self,
        *,
        concurrency: int = 1,
        prefix: Sequence[str] = (),
        more: Sequence[str] = (),
        **environment: str,
    ) -> Child:
        """Start one more worker process and wait until it answers a ping.

        `prefix` is a program that starts it, and `more` further words of its command.
        """
        number = len(self.children) + 1
        name = f"worker{number}@test"
        command = [
            *prefix,
            sys.executable,
            "-m",
            "celery",
            "--app",
            "centre.celery",
            "worker",
            "--hostname",
            name,
            "--concurrency",
            str(concurrency),
            "--loglevel",
            "INFO",
            *more,
        ]
        child = Child(
            name, command, {**self.environment(), **environment}, PLACE / f"worker{number}.log", ROOT
        )
        child.start()
        self.children.append(child)
        self._await(child, name)
        return child

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that shares the test's database, queue and vault."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "centre.settings",
            "DATABASE_URL": snapshot.worker_database_url(),
            "REDIS_URL": self.redis.url,
            "EMBEDDED": "1",
            "VAULT_DIR": str(settings.STORAGES["vault"]["OPTIONS"]["location"]),
        }

    @staticmethod
    def _await(child: Child, name: str) -> None:
        from centre.celery import app

        deadline = time.monotonic() + 60
        while not app.control.ping(destination=[name], timeout=0.3):
            assert child.is_running, f"the worker ended:\n{child.last_words(30)}"
            assert time.monotonic() < deadline, f"the worker does not answer:\n{child.last_words(30)}"

    def stop(self) -> None:
        """Stop every worker and what it started."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.make_stop(patience=5)


@pytest.fixture
def worker(redis_server: EmbeddedRedis, transactional_db: None) -> Iterator[Worker]:
    """One real worker that takes runs from the queue."""
    workers = Worker(redis_server, [])
    try:
        workers.start()
        yield workers
    finally:
        workers.stop()


# --- the browser ------------------------------------------------------------------------------------


def chromium() -> str:
    """Return the Chromium to drive, or an empty text."""
    for candidate in (os.environ.get("CHROMIUM", ""), "/usr/bin/chromium", "/usr/bin/chromium-browser"):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    return ""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium; tests open their own contexts (`java_script_enabled=False` for one without JavaScript)."""
    path = chromium()
    if not path:
        pytest.skip("no Chromium: install Debian's package chromium, or name one in CHROMIUM")
    from playwright.sync_api import sync_playwright

    # Playwright's event loop runs in this thread, and Django would take database calls for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield running
        running.close()


def run_command(*arguments: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a management command in a process of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
