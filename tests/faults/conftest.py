"""The service under fault: real workers, a real timetable, a real web server, and what they are judged by."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from centre.local.redis import EmbeddedRedis
from centre.models import User
from tests.conftest import Worker, make_person
from tests.faults import tally
from tests.faults.service import Service


@pytest.fixture
def service(redis_server: EmbeddedRedis, transactional_db: None, tmp_path: Path) -> Iterator[Service]:
    """The parts of a service on the test database; a test starts those that it needs."""
    running = Service(Worker(redis_server, []), tmp_path)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def analyst(transactional_db: None) -> User:
    """Who asks for the runs."""
    person: User = make_person("analyst")
    return person


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the faults did."""
    if tally.any_counted():
        terminalreporter.section("faults")
        for line in tally.lines():
            terminalreporter.write_line(line)


def pytest_sessionfinish() -> None:
    """Keep the figures where a file for them is named."""
    tally.keep()
