"""How long a registry of a million rows takes to be backed up, brought back and proved: goal R7, within 15 minutes."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from centre import audit, backups, heads, vault
from centre.models import AuditEvent
from experiments.models import ProgressNote, Trial
from tests import postgres
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

ROWS = int(os.environ.get("RESTORE_ROWS", "1000000"))
FILES = 2_000
_BATCH = 5_000


def events(count: int) -> None:
    """Write events as `audit.record` does, many at a time."""
    last = AuditEvent.objects.latest("pk")
    for start in range(0, count, _BATCH):
        made = []
        for number in range(start, min(start + _BATCH, count)):
            event = AuditEvent(
                at=timezone.now(),
                event="trial.read",
                subject_type="experiments.trial",
                subject_id=str(number % 10_000),
                actor_id="1",
                actor_name="Rae Researcher",
                detail={"number": number, "why": "A read of restricted data for the table of a paper"},
                previous_hash=last.hash,
            )
            event.hash = audit.digest(event)
            made.append(event)
            last = event
        AuditEvent.objects.bulk_create(made)


def notes(trial: Trial, by: Any, count: int) -> None:
    """Write frozen rows, with their imprints."""
    now, text = timezone.now(), "It goes on as planned. " * 8
    for start in range(0, count, _BATCH):
        rows = range(start, min(start + _BATCH, count))
        ProgressNote.objects.bulk_create(
            ProgressNote(trial=trial, text=f"{text}{row}", by=by, at=now) for row in rows
        )


def test_a_million_rows_come_back(
    cast: Any, tmp_path: Path, capsys: Any, monkeypatch: Any, settings: Any
) -> None:
    monkeypatch.setenv("POSTGRES_BIN", str(postgres.binaries() or ""))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "centre.settings")
    settings.POSTGRES_BIN = str(postgres.binaries() or "")
    release = stages.published(cast)
    notes(release.trial, cast.force_user, ROWS // 2)
    events(ROWS // 2)
    for number in range(FILES):
        vault.put_bytes(os.urandom(50_000) + str(number).encode())
    heads.publish()
    place = tmp_path / "backups"
    began = time.monotonic()
    call_command("backup", place)
    backed_up = time.monotonic() - began
    call_command("restore_drill", place)
    kept = json.loads((backups.newest(place) / "manifest.json").read_text())
    said = capsys.readouterr().out
    with capsys.disabled():
        print(f"\nbackup of {sum(kept['tables'].values()):,} rows: {backed_up:.0f} s\n{said}")
    assert "DRILL PASSED" in said
