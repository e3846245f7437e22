"""Archives of invented files, sent and examined as a worker would."""

import io
import time
from pathlib import Path
from typing import Any

from centre import runs
from centre.hub import receiving
from centre.hub.actions import submissions
from centre.models import Run, Submission
from tests.unit.centre.hub import invented

NAME = "Testshire Police (invented)"
PATIENCE = 120.0  # seconds until a test gives up; not a figure that is claimed


def content(*months: str, force: str = "testshire", name: str = NAME, n: int = 40) -> dict[str, bytes]:
    """Return street files of a force, by their path."""
    return {
        invented.name_of(month, force): invented.text(
            [row | {"Reported by": name, "Falls within": name} for row in invented.rows(month, n)]
        )
        for month in months
    }


def other_kinds(month: str, *, n: int = 20, force: str = "testshire", name: str = NAME) -> dict[str, bytes]:
    """Return a file of outcomes and one of stops and searches, by their path."""
    own = [row | {"Reported by": name, "Falls within": name} for row in invented.outcome_rows(month, n)]
    return {
        invented.name_of(month, force, "outcomes"): invented.outcomes_text(own),
        invented.name_of(month, force, "stop-and-search"): invented.stops_text(invented.stop_rows(month, n)),
    }


def send(place: Path, files: dict[str, bytes], by: Any, *, filename: str = "archive.tar.gz") -> Run:
    """Send an archive and have it examined; return the Run as it ended.

    It is examined here, unless a worker that the test has started took it first: then that one is waited for.
    """
    archive = invented.tar(place / "sent.tar.gz", files).read_bytes()
    run = submissions.receive(file=io.BytesIO(archive), filename=filename, source="A test", by=by)
    done = runs.execute(str(run.pk), receiving.receive, on_failed=receiving.discard_staged)
    return done if done is not None else ended(run)


def ended(run: Run) -> Run:
    """Return the Run when whoever took it has ended it."""
    deadline = time.monotonic() + PATIENCE
    while not run.is_finished:
        assert time.monotonic() < deadline, f"nobody ended the run: {run.state}"
        time.sleep(0.1)
        run.refresh_from_db()
    return run


def kept(place: Path, files: dict[str, bytes], by: Any) -> Submission:
    """Send an archive that is kept."""
    done = send(place, files, by)
    assert done.state == Run.State.DONE, (done.error, done.problems)
    found: Submission = Submission.objects.get(pk=done.links["submission"])
    return found
