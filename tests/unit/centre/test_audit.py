"""The audit chain: every event follows from the one before, and a change shows."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from centre import audit, frozen
from centre.models import AuditEvent, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ann@centre.example", name="Ann Onymous")


def _without_triggers(sql: str, parameters: list[object]) -> None:
    """Change the table as somebody with the database in their hands could."""
    with connection.cursor() as cursor:
        for statement in frozen.drop_statements(connection):
            cursor.execute(statement)
        cursor.execute(sql, parameters)
    frozen.install()


def test_record_keeps_actor_subject_and_detail(person: User) -> None:
    event = audit.record("person.made", subject=person, by=person, detail={"why": "test"})
    assert (event.actor_id, event.actor_name) == (str(person.pk), "Ann Onymous")
    assert (event.subject_type, event.subject_id) == ("centre.user", str(person.pk))
    assert event.detail == {"why": "test"}


def test_each_event_holds_the_hash_of_the_one_before(person: User) -> None:
    first = audit.record("a", subject=person, by=person)
    second = audit.record("b", subject=person, by=None)
    assert second.previous_hash == first.hash
    assert audit.verify().holds


def test_an_anonymous_actor_is_recorded_as_nobody(person: User) -> None:
    assert audit.record("a", subject=("path", "/x/"), by=AnonymousUser()).actor_id == ""


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE centre_auditevent SET event = 'forged' WHERE id = %s",
        "UPDATE centre_auditevent SET actor_name = 'Somebody else' WHERE id = %s",
        "DELETE FROM centre_auditevent WHERE id = %s",
    ],
)
def test_verify_finds_a_changed_or_missing_event(person: User, sql: str) -> None:
    events = [audit.record(name, subject=person, by=person) for name in ("a", "b", "c")]
    _without_triggers(sql, [events[1].pk])
    assert not audit.verify().holds


def test_a_cut_tail_shows_only_against_a_published_head(person: User) -> None:
    audit.record("a", subject=person, by=person)
    last = audit.record("b", subject=person, by=person)
    published = audit.head()
    _without_triggers("DELETE FROM centre_auditevent WHERE id = %s", [last.pk])
    assert audit.verify().holds
    assert audit.head().hash != published.hash


def test_the_database_refuses_to_change_an_event(person: User) -> None:
    from django.db import IntegrityError, transaction

    event = audit.record("a", subject=person, by=person)
    for sql in ("UPDATE centre_auditevent SET event = 'x'", "DELETE FROM centre_auditevent"):
        with (
            pytest.raises(IntegrityError, match="frozen"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    assert AuditEvent.objects.get(pk=event.pk).event == "a"


def test_the_model_refuses_to_change_an_event(person: User) -> None:
    event = audit.record("a", subject=person, by=person)
    event.event = "x"
    with pytest.raises(frozen.Frozen):
        event.save()
    with pytest.raises(frozen.Frozen):
        event.delete()
    with pytest.raises(frozen.Frozen):
        AuditEvent.objects.update(event="x")
    with pytest.raises(frozen.Frozen):
        AuditEvent.objects.all().delete()
    with pytest.raises(frozen.Frozen):
        AuditEvent.objects.bulk_update([event], ["event"])
