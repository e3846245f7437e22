"""The role of the web server does all that people do, and cannot touch what is frozen, triggers or no triggers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse

from centre import database_roles, frozen
from centre.hub.actions import absences, signals
from centre.models import AuditEvent
from tactics.actions import appeals
from tests.integration.access import asked
from tests.integration.experiments_pages import stages
from tests.integration.hub import absent, outbreak
from tests.integration.tactics import library

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ROLE = "registry_web"


@pytest.fixture
def as_the_web_server() -> Iterator[None]:
    """What is done from here on is done with the rights of the role."""
    database_roles.set_up(ROLE, "a password of this role")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


def test_a_trial_goes_its_whole_way_and_its_data_are_read(
    cast: Any, as_the_web_server: None, sign_in: Any
) -> None:
    release = stages.published(cast)
    application = asked.granted(cast, release)
    client = sign_in(cast.researcher)
    answer = client.get(reverse("access-data", args=[release.trial.number, application.public_id]))
    assert (answer.status_code, b"".join(answer.streaming_content)[:5]) == (200, b'"unit')
    client.post("/sign-out/")
    assert AuditEvent.objects.filter(event="access.read").exists()


def test_people_judge_a_signal_and_answer_an_appeal(
    tmp_path: Path, cast: Any, as_the_web_server: None
) -> None:
    """Both wait for each other where two do it at once; a row that is frozen whole cannot be locked by this role."""
    signals.judge(
        signal=outbreak.signal(tmp_path, cast.analyst), state="escalated", words="To them.", by=cast.analyst
    )
    tactic = library.published(cast.registrar)
    library.found(tactic, cast.publisher)
    rating = library.signed(library.candidate(tactic), cast.reviewer, cast.second_reviewer)
    appeal = appeals.make(rating=rating, grounds="The dose was measured.", by=cast.force_user)
    appeals.answer(appeal=appeal, decision="upheld", reason="It was.", by=cast.registrar)
    assert AuditEvent.objects.filter(event__in=("signal.judged", "appeal.answered")).count() == 2


def test_what_is_absent_at_source_is_stated_and_withdrawn(cast: Any, as_the_web_server: None) -> None:
    made = absent.stated(cast.force_user.forces.get(), cast.registrar)
    absences.withdraw(absence=made, because="A mistake.", by=cast.registrar)
    assert AuditEvent.objects.filter(event__in=("absence.stated", "absence.withdrawn")).count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {table}_no_update ON {table}",
        "DROP TABLE {table}",
    ],
)
def test_no_frozen_table_can_be_changed(as_the_web_server: None, statement: str) -> None:
    models = frozen.frozen_models()
    assert len(models) > 50
    for model in models:
        fixed = next(
            field for field in model._meta.local_concrete_fields if field.name not in model.frozen_except
        )
        words = statement.format(table=model._meta.db_table, column=fixed.column)
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
            connection.cursor().execute(words)


def test_it_makes_nothing_and_has_a_password_of_its_own(as_the_web_server: None) -> None:
    for words in ("CREATE TABLE a (b int)", "DELETE FROM django_migrations", "CREATE ROLE more"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(words)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT rolsuper, rolpassword FROM pg_authid WHERE rolname = %s", [ROLE])
        is_superuser, password = cursor.fetchone()
    assert (is_superuser, password.partition("$")[0]) == (False, "SCRAM-SHA-256")


def test_the_command_says_it_all_again_after_a_migration(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("DATABASE_ROLE_PASSWORD", "a password of this role")
    call_command("database_role", ROLE)
    call_command("database_role", ROLE)
    assert "owns none" in capsys.readouterr().out
    call_command("database_role", ROLE, "--sql")
    assert 'GRANT SELECT, INSERT ON "centre_auditevent" TO "registry_web";' in capsys.readouterr().out
    with pytest.raises(CommandError, match="owns the tables"):
        call_command("database_role", connection.settings_dict["USER"])
