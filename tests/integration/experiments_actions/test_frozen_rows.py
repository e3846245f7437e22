"""A row of every frozen model survives every way of writing: ORM, bulk, admin, API, SQL as the application's role."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from centre import frozen, heads, invitations, people
from centre.frozen import Frozen, FrozenModel
from centre.hub.actions import absences, quality_actions, signals, visits
from centre.hub.actions import withdrawals as standard_withdrawals
from centre.hub.actions.standards import Outcome
from experiments.actions import (
    amendments,
    deferrals,
    diagnoses,
    factual_checks,
    health_checks,
    objections,
    progress_notes,
    withdrawals,
)
from experiments.models import (
    Analysis,
    Assignment,
    CollisionNote,
    DisclosurePolicy,
    EmbargoExtension,
    Override,
    Release,
    Retraction,
    TeamMember,
    Verification,
)
from tactics.actions import appeals, bulletins, citations, passports, quality, rejections, subscriptions
from tactics.models import Rating
from tests.integration.access import asked
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import accounts, stages
from tests.integration.hub import absent, harmed, outbreak, panels_sent, placed, sent, standing
from tests.integration.tactics import ai_tactics, library, practice, told
from tests.integration.tactics.priced import priced
from tests.permissions.asking import routes

pytestmark = pytest.mark.django_db
# Made by hand: their own tests have them, from a beacon, a crossover, a worker, a red check, a roll-out, files.
BY_HAND = {
    "BeaconValue",
    "AssignedPeriod",
    "DiagnosisPart",
    "AnalysisFile",
    "PackageFile",
    "Notice",
    "DatasetSeal",
    "ReleasedEstimate",
    "Snapshot",
    "RulesAdoption",
    "ForceBoundaries",
    "PriceIndex",
    "Extract",
}


@pytest.fixture
def everything(cast: Any, tmp_path: Path) -> list[FrozenModel]:
    """Return one row of every frozen model."""
    sent.kept(tmp_path, sent.content("2024-01"), cast.force_user)
    panels_sent.kept(tmp_path)
    trickle.enrolled(trickle.opened(cast), cast.force_user, 1)
    given = Assignment.objects.get()
    Override.objects.create(
        assignment=given, assigned=given.arm, reason="safety", by=cast.force_user, at=timezone.now()
    )
    beside = stages.registered(cast)
    CollisionNote.objects.create(
        trial=beside,
        other=given.allocation.trial,
        reason="Other streets.",
        by=cast.registrar,
        at=timezone.now(),
    )
    today = timezone.localdate()
    EmbargoExtension.objects.create(
        trial=beside,
        before=today,
        until=today + dt.timedelta(days=1),
        reason="An operation.",
        by=cast.director,
        at=timezone.now(),
    )
    withdrawals.request(trial=beside, reason="Too busy.", by=cast.force_user)
    disputed(cast)
    DisclosurePolicy.objects.create(
        version=1, thresholds={}, reason="x", proposed_at=timezone.now(), proposed_by=cast.director
    )
    release = stages.cleared(cast)
    trial = release.trial
    diagnosis(cast, trial)
    health_checks.check(trial=trial)
    progress_notes.write(trial=trial, text="It goes on.", by=cast.force_user)
    accounts.told(cast, trial)
    factual_checks.record(release=release, by=cast.force_user)
    Retraction.objects.create(
        release=release, reason="x", requested_at=timezone.now(), requested_by=cast.reviewer
    )
    Verification.objects.create(release=release, at=timezone.now(), verdict="not_done", reason="Gone.")
    later = timezone.localdate() + dt.timedelta(days=1)
    deferrals.put_off(trial=trial, until=later, reason="An inquest.", by=cast.registrar)
    for number in ("CPP-2026-0901-5", "CPP-2026-0902-3"):
        library.found(trial.tactic, cast.publisher, number)
    rating = library.signed(library.candidate(trial.tactic), cast.reviewer, cast.second_reviewer)
    subscriptions.follow(tactic=trial.tactic, by=cast.registrar)
    bulletins.tell()
    appeal = appeals.make(rating=rating, grounds="A fact is wrong.", by=cast.force_user)
    appeals.answer(appeal=appeal, decision="dismissed", reason="It is right.", by=cast.director)
    said = {"citation": "A journal", "by": cast.reviewer}
    rejections.record(study="A study", reason="other", explanation="It is a poem.", **said)
    real = library.published(cast.registrar, "A real tactic")
    citations.cite(key="one", tactic=real, kind="review", outcome="Crime", says="Less.", **said)
    used_and_priced(cast)
    asked.revoked(cast, asked.granted(cast))
    visited(cast)
    compared(cast)
    heads.publish()
    rising = outbreak.signal(tmp_path, cast.analyst)
    placed.scanned(cast.analyst, "burglary")
    signals.judge(signal=rising, state="closed", words="", by=cast.analyst)
    invitations.make(email="new@test.example", role="analyst", by=cast.registrar)
    people.suspend(person=cast.other_force_user, reason="Left.", by=cast.registrar)
    for model in frozen.frozen_models():
        if model.__name__ in BY_HAND and not model._base_manager.exists():
            made(model)
    return [model._base_manager.first() for model in frozen.frozen_models()]


def compared(cast: Any) -> None:
    """Make a standard, a figure of it, and a group of like forces."""
    standing.dictionary(cast.registrar)
    held = standing.adopted(cast.registrar, cast.director, further=[Outcome("crime-per-1000", "lower")])
    standard_withdrawals.propose(standard=held, reason="Nobody uses it.", by=cast.registrar)
    standing.sent(cast.registrar, *standing.rows("testshire", 40))
    standing.grouped(cast.registrar, "testshire", "otherton")
    harmed.sent(cast.registrar, "testshire,2026-01,Robbery,3")


def visited(cast: Any) -> None:
    """Make what is noted and agreed on a visit to a force that has sent a file."""
    force, today = cast.force_user.forces.get(), timezone.localdate()
    visit = visits.plan(force=force, visited_on=today, team="Two analysts", by=cast.analyst)
    visits.note(visit=visit, seen="An old extract.", said="", by=cast.analyst)
    absences.withdraw(absence=absent.stated(force, cast.registrar), because="x", by=cast.registrar)
    quality_actions.agree(
        force=force,
        finding="no_location:2024-01",
        what="Say which rows have no place.",
        owner="Data manager",
        due_on=today,
        by=cast.analyst,
    )


def used_and_priced(cast: Any) -> None:
    """Make what forces say of a tactic, what it costs, its passport, and what is kept of one that uses AI."""
    tactic = priced(cast, is_simulated=True)
    force = cast.force_user.forces.get()
    practice.entered(tactic, force, cast.force_user)
    practice.claimed(tactic, force, cast.force_user)
    told.accepted(told.sent(cast.force_user), tactic, cast.registrar)
    quality.score(
        tactic=tactic, dimension="mechanism", score=3, reason="It says why.", by=cast.second_reviewer
    )
    passports.issue(rating=Rating.objects.public().get(tactic=tactic), by=cast.force_user)
    tool = ai_tactics.ai_tactic(cast.force_user)
    ai_tactics.recorded(tool, cast.force_user, cast.publisher)
    ai_tactics.rated(tool, cast.registrar)


def disputed(cast: Any) -> None:
    """Make an amendment to which somebody objects."""
    trial = stages.registered(cast)
    document = stages.amended(trial)
    document["decision"]["integrity_floor"] = 0.7
    change = amendments.propose(
        trial=trial, document=document, reason_code="error", reason="Typed wrongly.", by=cast.force_user
    )
    amendments.decide(amendment=change, decision="approve", by=cast.reviewer)
    TeamMember.objects.create(trial=trial, user=cast.researcher, role="member")
    objections.record(amendment=change, reason="No.", by=cast.researcher)


def diagnosis(cast: Any, trial: Any) -> None:
    answers = {"n_units": 40, "mean__0": 20.0, "spread__0": 2.0, "effect__0": -0.3, "replicates": 20}
    diagnoses.request(trial=trial, answers=answers, by=cast.registrar)


def made(model: type[FrozenModel]) -> None:
    """Insert a row with some value in every column that needs one."""
    values: dict[str, Any] = {}
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.AutoField) or field.has_default() or field.null:
            continue
        if isinstance(field, models.ForeignKey):
            values[field.name] = field.related_model._base_manager.first()
        else:
            values[field.name] = value_for(field)
    model._base_manager.create(**values)


def value_for(field: Any) -> Any:
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return timezone.localdate()
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    return 7 if isinstance(field, models.IntegerField | models.FloatField) else "x"


def changeable(row: FrozenModel) -> tuple[Any, Any]:
    """Return a field that is frozen from the start, and another value for it."""
    for field in row._meta.local_concrete_fields:
        plain = models.DateTimeField | models.CharField | models.TextField | models.IntegerField
        if isinstance(field, plain) and not field.primary_key and field.name not in row.frozen_except:
            is_time = isinstance(field, models.DateTimeField)
            other = timezone.now() + dt.timedelta(days=1) if is_time else 99
            return field, "t" if isinstance(field, models.CharField | models.TextField) else other
    # A row that only joins others: it could be made to join another.
    for field in row._meta.local_concrete_fields:
        if isinstance(field, models.ForeignKey):
            others = field.related_model._base_manager.exclude(pk=getattr(row, field.attname))
            if other := others.values_list("pk", flat=True).first():
                return field, other
    raise AssertionError(row)


def saved(row: Any, name: str, value: Any) -> None:
    setattr(row, name, value)
    row.save()


def saved_in_part(row: Any, name: str, value: Any) -> None:
    setattr(row, name, value)
    row.save(update_fields=[name])


def saved_over(row: Any, name: str, value: Any) -> None:
    setattr(row, name, value)
    models.Model.save_base(row, force_update=True)


def bulk_updated(row: Any, name: str, value: Any) -> None:
    setattr(row, name, value)
    type(row).objects.bulk_update([row], [name])


def created_over(row: Any, name: str, value: Any) -> None:
    fields = {"update_conflicts": True, "unique_fields": ["pk"], "update_fields": [name]}
    type(row).objects.bulk_create([row], **fields)


ORM: tuple[Callable[[Any, str, Any], Any], ...] = (
    saved,
    saved_in_part,
    saved_over,
    bulk_updated,
    created_over,
    lambda row, name, value: type(row).objects.filter(pk=row.pk).update(**{name: value}),
    lambda row, name, value: type(row).objects.update_or_create(pk=row.pk, defaults={name: value}),
    lambda row, name, value: type(row).objects.filter(pk=row.pk).delete(),
    lambda row, name, value: row.delete(),
    lambda row, name, value: models.QuerySet(type(row)).filter(pk=row.pk).update(**{name: value}),
    lambda row, name, value: models.QuerySet(type(row)).filter(pk=row.pk)._raw_delete("default"),
)


def test_every_frozen_row_survives_every_way_of_python(everything: list[FrozenModel]) -> None:
    assert len(everything) == len(frozen.frozen_models()) > 25
    assert all(everything), "a frozen model without a row is not tried"
    for row in everything:
        field, value = changeable(row)
        before = type(row)._base_manager.filter(pk=row.pk).values().get()
        for way in ORM:
            copy = type(row)._base_manager.get(pk=row.pk)
            with pytest.raises((Frozen, DatabaseError)), transaction.atomic():
                way(copy, field.attname, value)
        assert type(row)._base_manager.filter(pk=row.pk).values().get() == before, row


def test_every_frozen_row_survives_sql_as_the_applications_role(everything: list[FrozenModel]) -> None:
    with the_applications_role():
        for row in everything:
            table, key = row._meta.db_table, row._meta.pk
            field, value = changeable(row)
            where = (key.get_db_prep_value(row.pk, connection),)
            for statement, values in (
                (f'UPDATE "{table}" SET "{field.column}" = %s WHERE "{key.column}" = %s', (value, *where)),
                (f'DELETE FROM "{table}" WHERE "{key.column}" = %s', where),
            ):
                with (
                    pytest.raises(DatabaseError, match=r"frozen|separation"),
                    transaction.atomic(),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(statement, values)
            assert type(row)._base_manager.filter(pk=row.pk).exists()


@contextmanager
def the_applications_role() -> Iterator[None]:
    """Act as a role that may write every table and owns none; SQLite knows no roles."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE application NOSUPERUSER")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO application")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO application")
        cursor.execute("SET LOCAL ROLE application")
    yield
    with connection.cursor() as cursor:
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("ALTER TABLE experiments_registration DISABLE TRIGGER ALL")
        cursor.execute("RESET ROLE")


def test_there_is_no_admin() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    assert not [name for name, pattern in routes() if "admin" in name or "admin" in str(pattern.pattern)]


def test_the_api_changes_and_deletes_nothing() -> None:
    api = [pattern for name, pattern in routes() if name.startswith("api-")]
    assert len(api) > 25
    for pattern in api:
        view = getattr(pattern.callback, "view_class", None) or pattern.callback.cls
        assert not [verb for verb in ("put", "patch", "delete") if hasattr(view, verb)], pattern


def test_what_is_set_once_stays(cast: Any) -> None:
    release = stages.published(cast)
    for model, pk in ((Release, release.pk), (Analysis, release.analysis_id)):
        for name in model.frozen_except:
            row = model._base_manager.get(pk=pk)
            if getattr(row, name) in (None, ""):
                continue
            with pytest.raises(DatabaseError), transaction.atomic():
                models.QuerySet(model).filter(pk=pk).update(**{name: None})
