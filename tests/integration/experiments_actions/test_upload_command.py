"""`manage.py upload_data`: the upload page for a file on this machine, with the same permissions and messages."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from centre.models import AuditEvent, Run
from experiments.models import Dataset, Trial
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db


def upload(trial: Trial, file: Path, by: Any, **more: str) -> tuple[int, dict[str, Any], list[str]]:
    """Return the exit, the document and the lines of standard error."""
    out, errors, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command(
            "upload_data", trial=trial.ref, file=file, by=by.email, stdout=out, stderr=errors, **more
        )
    except SystemExit as end:
        status = int(end.code or 0)
    return status, json.loads(out.getvalue() or "{}"), errors.getvalue().splitlines()


@pytest.fixture
def trial(cast: Any) -> Trial:
    return stages.delivering(cast)


@pytest.fixture
def file(trial: Trial, tmp_path: Path) -> Path:
    path = tmp_path / "calls.csv"
    path.write_bytes(stages.outcomes(trial))
    return path


def test_a_good_file_is_kept(cast: Any, trial: Trial, file: Path) -> None:
    status, document, _ = upload(trial, file, cast.force_user)
    dataset = Dataset.objects.get()
    assert (status, document["state"], document["dataset"]) == (0, "done", str(dataset.public_id))
    assert dataset.received_by == cast.force_user
    assert document["message"] == "Kept as version 1"


def test_parquet_too(cast: Any, trial: Trial, file: Path) -> None:
    columns = file.with_suffix(".parquet")
    pd.read_csv(file).to_parquet(columns, index=False)
    assert upload(trial, columns, cast.force_user)[0] == 0
    assert Dataset.objects.get().n_rows == stages.N_UNITS


def test_a_bad_file_is_refused_line_by_line(cast: Any, trial: Trial, file: Path) -> None:
    rows = file.read_text().splitlines()
    file.write_text("\n".join([*rows[:2], rows[2].rsplit(",", 1)[0] + ",2.5", *rows[3:], "U999,control,4"]))
    status, document, errors = upload(trial, file, cast.force_user)
    assert (status, document["state"]) == (2, "failed")
    assert any("line 3" in line and "Count must be a whole number" in line for line in errors)
    assert any("U999 is not in this trial" in line for line in errors)
    assert not Dataset.objects.exists()
    assert AuditEvent.objects.filter(event="run.failed").exists()


def test_a_second_version_needs_its_reason(cast: Any, tmp_path: Path) -> None:
    trial, file = stages.locked(cast), tmp_path / "calls.csv"
    file.write_bytes(stages.outcomes(trial, extra=1))
    status, document, errors = upload(trial, file, cast.force_user)
    assert (status, document) == (2, {})
    assert any("Say why this version replaces them" in line for line in errors)
    assert upload(trial, file, cast.force_user, reason="A beat was missing.")[0] == 0


@pytest.mark.parametrize("person", ["registrar", "analyst"])
def test_who_may_not_send_may_not_send_here(cast: Any, trial: Trial, file: Path, person: str) -> None:
    status, _, errors = upload(trial, file, getattr(cast, person))
    assert status == 2
    assert errors
    assert not Run.objects.filter(task="experiments.ingest").exists()


def test_what_is_not_there_is_said(cast: Any, trial: Trial, file: Path) -> None:
    draft = stages.draft(cast)
    with pytest.raises(CommandError, match="can see no trial"):
        upload(draft, file, cast.researcher)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        upload(trial, file.with_name("none.csv"), cast.force_user)
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("upload_data", trial=trial.ref, file=file, by="nobody@test.example")
