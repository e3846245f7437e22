"""Backup and restore: made while people write, brought back elsewhere, and every hash is what it was."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from centre import audit, backups, heads, vault
from centre.backups.making import file_of
from centre.models import AuditEvent, Heartbeat
from tests import postgres
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def tools(settings: Any) -> None:
    """The tools of the very server that the tests run."""
    settings.POSTGRES_BIN = str(postgres.binaries() or "")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the backups go: beside the vault, which is in the test's folder too."""
    return tmp_path / "backups"


@pytest.fixture
def writing() -> Iterator[None]:
    """Somebody acts all the time."""
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                audit.record("somebody.acted", subject=("x", "y"), by=None)
                wrote.set()
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert wrote.wait(30)
        yield
    finally:
        stop.set()
        thread.join(30)


def drilled(place: Path, capsys: Any, monkeypatch: Any) -> str:
    monkeypatch.setenv("POSTGRES_BIN", str(postgres.binaries() or ""))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "centre.settings")
    capsys.readouterr()
    call_command("restore_drill", place)
    return str(capsys.readouterr().out)


def test_a_backup_made_while_people_write_comes_back_whole(
    cast: Any, place: Path, capsys: Any, monkeypatch: Any, request: pytest.FixtureRequest
) -> None:
    stages.published(cast)
    heads.publish()
    request.getfixturevalue("writing")
    call_command("backup", place)
    after = AuditEvent.objects.count()
    kept = json.loads((backups.newest(place) / "manifest.json").read_text())
    assert 40 < kept["events"] <= after
    assert kept["tables"]["experiments_release"] == 1
    assert Heartbeat.objects.get(name="backup").at <= timezone.now()
    said = drilled(place, capsys, monkeypatch)
    assert "DRILL PASSED: 100 % of the hashes verify." in said
    assert f"{kept['events']:,} audit" in said
    print(said)


def test_a_second_backup_copies_only_new_files_and_old_ones_go(cast: Any, place: Path) -> None:
    stages.with_data(cast)
    first = backups.make(place)
    folder = backups.newest(place)
    folder.rename(folder.with_name("2020-01-01T000000Z"))
    files = {file: file.stat().st_mtime_ns for file in (place / "files").rglob("*") if file.is_file()}
    second = backups.make(place, keep=1)
    assert first.files == second.files == len(files) > 1
    assert {file: file.stat().st_mtime_ns for file in files} == files
    assert [each.name for each in place.iterdir() if each.name != "files"] == [backups.newest(place).name]


def test_a_damaged_file_is_named_and_is_no_good_backup(cast: Any, place: Path, capsys: Any) -> None:
    trial = stages.with_data(cast)
    sha256 = trial.datasets.get().parquet_sha256
    damaged = vault.path(sha256)
    damaged.chmod(0o640)
    damaged.write_bytes(b"something else")
    with pytest.raises(CommandError, match=sha256):
        call_command("backup", place)
    assert not Heartbeat.objects.filter(name="backup").exists()  # so the alarm goes on


def test_what_is_missing_from_a_backup_fails_the_drill(
    cast: Any, place: Path, capsys: Any, monkeypatch: Any
) -> None:
    trial = stages.with_data(cast)
    backups.make(place)
    file_of(place, trial.datasets.get().parquet_sha256).unlink()
    with pytest.raises(CommandError, match="DRILL FAILED"):
        drilled(place, capsys, monkeypatch)


def test_a_changed_copy_is_no_backup(cast: Any, place: Path) -> None:
    backups.make(place)
    folder = backups.newest(place)
    kept = json.loads((folder / "manifest.json").read_text())
    with open(folder / kept["database"], "ab") as database:
        database.write(b"x")
    with pytest.raises(backups.Incomplete, match="not as the manifest says"):
        backups.restore(folder, replace=True)


def test_a_database_that_holds_something_is_not_lost_by_mistake(cast: Any, place: Path) -> None:
    backups.make(place)
    registrar = stages.draft(cast).created_by
    with pytest.raises(backups.NotEmpty):
        backups.restore(backups.newest(place))
    registrar.refresh_from_db()


def test_an_unfinished_backup_is_none(place: Path, monkeypatch: Any) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("centre.backups.manifest.Manifest.write", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", place)
    with pytest.raises(backups.Incomplete):
        backups.newest(place)
    assert not [each for each in place.iterdir() if each.name != "files"]
