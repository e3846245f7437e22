"""Two panels of one name that end at the same moment are two versions, and neither ends as an error of ours."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from centre import runs
from centre.hub import panelling
from centre.hub.actions import panels
from centre.models import Panel, Run
from tests.integration.hub import panels_sent
from tests.integration.hub.sent import PATIENCE
from tests.unit.centre.hub.panels.small import wide, written

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def _somebody_waits() -> None:
    """Return as soon as another connection waits for what this one holds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        assert time.monotonic() < deadline, "the other did not wait"
        time.sleep(0.05)


def test_the_second_waits_and_takes_the_next_version(
    tmp_path: Path, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "centre.runs.requests.ring", lambda task, run_id: None
    )  # no worker is to be there first
    panels_sent.areas_loaded()
    file = written(tmp_path / "panel.csv", wide()).path
    said = {"name": "Crime", "source": "A test", "vintage": "2021"}
    first, second = (panels.receive(files=[file], **said) for _ in range(2))

    def read(run: Run, work: Any = panelling.receive) -> str:
        try:
            done = runs.execute(str(run.pk), work, on_failed=panelling.discard_staged)
            assert done is not None
            return f"{done.state} {done.error}".strip()
        finally:
            connection.close()

    others: list[Future[str]] = []
    with ThreadPoolExecutor(1) as pool:

        def with_the_second_at_its_end(context: runs.Context) -> Callable[[], dict[str, Any]]:
            commit = panelling.receive(context)

            def hold() -> dict[str, Any]:
                links = commit()
                others.append(pool.submit(read, second))
                _somebody_waits()
                return links

            return hold

        assert read(first, with_the_second_at_its_end) == "done"
        assert others[0].result(timeout=PATIENCE) == "done"
    versions = dict(Panel.objects.values_list("pk", "version"))
    assert versions == {_made(first): 1, _made(second): 2}


def _made(run: Run) -> Any:
    return Panel._meta.pk.to_python(run.subject_id)
