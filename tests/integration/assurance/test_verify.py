"""`manage.py verify` on a published trial: all of it holds, and what was changed is named."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from centre import audit, heads, imprints, verification
from centre.models import AuditEvent, Imprint
from experiments.actions import reviews
from experiments.models import Review
from tests.faults.tampering import take_triggers_away
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db


def proved(**asked: Any) -> dict[str, verification.Report]:
    return {report.part: report for report in verification.run(**asked)}


def test_a_published_trial_holds_in_every_part(cast: Any) -> None:
    stages.published(cast)
    heads.publish()
    reports = proved()
    assert {name: report.findings for name, report in reports.items() if not report.holds} == {}
    assert all(report.checked for report in reports.values())


def test_the_command_names_what_was_changed_and_ends_with_1(cast: Any, capsys: Any) -> None:
    trial = stages.registered(cast)
    _behind_its_back("UPDATE experiments_registration SET badge = 'retrospective'")
    with pytest.raises(SystemExit) as ended:
        call_command("verify")
    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert said.rstrip().endswith("DOES NOT HOLD")
    key = trial.registrations.get().pk
    assert f"experiments.registration {key}: is not as it was written" in said


def test_one_part_alone_as_json(cast: Any, capsys: Any) -> None:
    stages.registered(cast)
    call_command("verify", only=["audit"], json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["holds"] is True
    assert [(part["part"], part["findings"]) for part in said["parts"]] == [("audit", [])]


def test_a_row_that_the_registry_did_not_write_is_a_stranger(cast: Any) -> None:
    trial = stages.submitted(cast)
    reviews.decide(trial=trial, decision="approve", comment="Ready.", by=cast.reviewer)
    columns = "trial_id, protocol_edition, protocol_sha256, reviewer_id, decision, comment, at"
    _behind_its_back(f"INSERT INTO experiments_review ({columns}) SELECT {columns} FROM experiments_review")
    found = proved(only=["rows"])["rows"].findings
    newest = Review.objects.latest("pk").pk
    assert (f"experiments.review {newest}", "has no imprint: it was not written by the registry") in {
        (one.subject, one.message) for one in found
    }


def test_a_row_that_is_gone_with_its_imprint_is_missed_by_the_log(cast: Any) -> None:
    trial = stages.submitted(cast)
    review = reviews.decide(trial=trial, decision="approve", comment="Ready.", by=cast.reviewer)
    audit.record("review.read", subject=review, by=cast.registrar)
    _behind_its_back("DELETE FROM experiments_review")
    _behind_its_back("DELETE FROM centre_imprint WHERE \"table\" = 'experiments.review'")
    reports = proved()
    assert reports["rows"].holds
    assert [one.subject for one in reports["audit"].findings] == [f"experiments.review {review.pk}"]


def test_a_head_that_somebody_kept_shows_a_log_and_heads_that_were_written_again(
    cast: Any, tmp_path: Path, capsys: Any
) -> None:
    stages.submitted(cast)
    head = heads.publish()
    assert head is not None
    kept = tmp_path / "heads.json"
    kept.write_text(json.dumps({"heads": [head.as_json()]}))
    _behind_its_back("DELETE FROM centre_audithead")
    _behind_its_back("DELETE FROM centre_imprint WHERE \"table\" = 'centre.audithead'")
    _behind_its_back(f"DELETE FROM centre_auditevent WHERE hash = '{head.hash}'")
    assert all(report.holds for report in proved().values())  # nothing left here that says so
    with pytest.raises(SystemExit):
        call_command("verify", heads=kept)
    said = capsys.readouterr().out
    assert f"head of {head.day}: had {head.count:,} events; the log has {head.count - 1:,}" in said
    assert "was published otherwise than the database says now" in said


def test_a_file_that_is_no_list_of_heads_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "heads.json"
    file.write_text('{"heads": [{"day": "2026-01-01"}]}')
    with pytest.raises(CommandError, match="no list of heads"):
        call_command("verify", heads=file)


def test_there_is_one_head_a_day_and_each_covers_what_is_new(cast: Any, time_machine: Any) -> None:
    start = timezone.now()
    stages.submitted(cast)
    time_machine.move_to(start + timedelta(hours=2))
    first, again = heads.publish(), heads.publish()
    assert first is not None
    assert again is None
    assert first.imprints == Imprint.objects.exclude(table="centre.audithead").count()
    time_machine.move_to(start + timedelta(days=1, hours=2))
    second = heads.publish()
    assert second is not None
    assert (second.imprints, second.count) == (1, first.count)  # the imprint of the first head
    assert proved(only=["rows", "audit"])["rows"].holds
    _behind_its_back(
        "UPDATE centre_imprint SET hash = '{}' WHERE id = {}".format(
            "0" * 64, Imprint.objects.earliest("pk").pk
        )
    )
    found = {one.subject for one in proved(only=["rows"])["rows"].findings}
    assert f"head of {first.day}" in found
    assert f"head of {second.day}" not in found


def test_rows_from_before_there_were_imprints_get_theirs_once(cast: Any) -> None:
    stages.registered(cast)
    _behind_its_back("DELETE FROM centre_imprint WHERE \"table\" = 'experiments.registration'")
    assert not proved(only=["rows"])["rows"].holds
    assert imprints.take_of_tables_without() == {"experiments.registration": 1}
    assert imprints.take_of_tables_without() == {}
    assert proved(only=["rows"])["rows"].findings == []


def test_after_a_migration_imprints_are_taken_again_and_the_log_says_why(cast: Any) -> None:
    stages.registered(cast)
    _behind_its_back("UPDATE experiments_registration SET badge = 'retrospective'")
    call_command("take_imprints", "experiments.registration", reason="Migration 0099")
    assert proved(only=["rows"])["rows"].findings == []
    event = AuditEvent.objects.get(event="rows.imprinted")
    assert (event.subject_id, event.detail) == (
        "experiments.registration",
        {"rows": 1, "reason": "Migration 0099"},
    )
    _behind_its_back("UPDATE experiments_registration SET badge = 'prospective'")
    assert not proved(only=["rows"])["rows"].holds


def test_a_field_that_was_set_behind_its_back_is_found(cast: Any) -> None:
    release = stages.prepared(cast)
    _behind_its_back(f"UPDATE experiments_release SET published_at = prepared_at WHERE id = {release.pk}")
    found = {one.subject for one in proved(only=["rows"])["rows"].findings}
    assert found == {"experiments.release.published_at"}
    assert [one.message for one in proved(only=["releases"])["releases"].findings] == [
        "was not cleared by two people who did not make it"
    ]


def _behind_its_back(sql: str) -> None:
    """Change the database as somebody who owns it could."""
    take_triggers_away()
    with connection.cursor() as cursor:
        cursor.execute(sql)
