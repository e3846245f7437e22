"""Asking for restricted data, and what the Centre answers."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from centre import vault
from centre.errors import Conflict, Invalid, NotFound, NotPermitted
from centre.models import AuditEvent, Membership
from experiments.actions import access_applications, retractions
from experiments.models import (
    AccessApplication,
    AccessDecision,
    AccessNotice,
    Release,
    RestrictedFile,
    TeamMember,
)
from experiments.packages import alone
from experiments.pseudonyms import key_id, pseudonym, trial_key
from tests.integration.access.asked import (
    PURPOSE,
    answers,
    applied,
    data,
    day,
    granted,
    revoked,
)
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
STATES = AccessApplication.State


@pytest.fixture
def release(cast: Any) -> Release:
    return stages.published(cast)


def state(application: AccessApplication) -> str:
    return AccessApplication.objects.get(pk=application.pk).state_on(day())


def events() -> list[str]:
    """Return what happened to applications, in order."""
    found = AuditEvent.objects.filter(event__startswith="access.").order_by("pk")
    return list(found.values_list("event", flat=True))


def test_from_application_to_file(cast: Any, release: Release) -> None:
    asked = applied(cast, release)
    assert state(asked) == STATES.WAITING
    decision = access_applications.grant(
        application=asked, purpose=PURPOSE, conditions="On one machine.", ends_on=day(30), by=cast.registrar
    )
    assert state(asked) == STATES.OPEN
    file = decision.file
    assert file is not None
    content = vault.read(file.sha256)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    trial = release.trial
    key = trial_key(settings.PSEUDONYM_SECRET, str(trial.public_id))
    sent = csv.DictReader(io.StringIO(vault.read(data(release).file_sha256).decode()))
    assert {(pseudonym(key, row["unit"]), row["arm"], row["calls"]) for row in sent} == {
        (row["unit"], row["arm"], row["calls"]) for row in rows
    }
    assert b"U001" not in content
    assert (file.size, file.n_rows, file.key_id) == (len(content), stages.N_UNITS, key_id(key))
    assert [one["name"] for one in file.columns] == ["unit", "arm", "calls"]
    again = granted_to_another(cast, release)
    assert again.file == file, "the file of a version of the data is made once"
    assert events() == ["access.applied", "access.granted"] * 2
    detail = AuditEvent.objects.get(event="access.granted", subject_id=str(asked.pk)).detail
    assert (detail["purpose"], detail["file"], detail["ends_on"]) == (
        PURPOSE,
        file.sha256,
        day(30).isoformat(),
    )
    assert AccessNotice.objects.get(application=asked).user == cast.researcher


def granted_to_another(cast: Any, release: Release) -> AccessDecision:
    Membership.objects.create(user=cast.publisher, role="researcher")
    other = type(cast.publisher).objects.get(pk=cast.publisher.pk)
    made = access_applications.apply(dataset=data(release), by=other, **answers())
    return access_applications.grant(application=made, purpose=PURPOSE, ends_on=day(30), by=cast.director)


def test_the_same_unit_of_two_trials_cannot_be_joined(cast: Any, release: Release) -> None:
    files = [vault.read(granted(cast, one).decision.file.sha256) for one in (release, stages.published(cast))]
    units = [{row["unit"] for row in csv.DictReader(io.StringIO(file.decode()))} for file in files]
    assert [len(found) for found in units] == [stages.N_UNITS] * 2
    assert not units[0] & units[1]


@pytest.mark.parametrize(
    ("changes", "pointer", "message"),
    [
        ({"question": " \u200b"}, "/question", "Say what question"),
        ({"why_rows": ""}, "/why_rows", "Say why the released files"),
        ({"lawful_basis": ""}, "/lawful_basis", "Give the lawful basis"),
        ({"others": ""}, "/others", "Say who else"),
        ({"others": "Ring 07700 900123"}, "/others", "remove a phone number"),
        ({"question": "x" * 4_001}, "/question", "4,000 characters or fewer"),
        ({"starts_on": day(-1)}, "/starts_on", "today or later"),
        ({"starts_on": day(400), "ends_on": day(401)}, "/starts_on", "within 12 months"),
        ({"starts_on": day(2), "ends_on": day(1)}, "/ends_on", "not be before the first"),
        ({"ends_on": day(367)}, "/ends_on", "12 months or less"),
        ({"accepts_terms": False}, "/accepts_terms", "keep to the terms"),
    ],
)
def test_what_is_no_application(
    cast: Any, release: Release, changes: dict[str, Any], pointer: str, message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        applied(cast, release, **changes)
    assert [(one.pointer, message in one.message) for one in refused.value.problems] == [(pointer, True)]
    assert not AccessApplication.objects.exists()
    assert events() == []


def test_only_released_data_of_public_trials_are_asked_for(cast: Any) -> None:
    held = stages.cleared(cast)
    with pytest.raises(Invalid, match="published results stand on"):
        applied(cast, held)
    cast.embargo_until = day(90)
    hidden = stages.cleared(cast)
    TeamMember.objects.create(trial=hidden.trial, user=cast.researcher, role="member")
    with pytest.raises(NotFound):
        applied(cast, hidden)
    TeamMember.objects.filter(trial=hidden.trial, user=cast.researcher).delete()
    with pytest.raises(NotFound):
        applied(cast, hidden)


def test_nobody_asks_twice_at_once(cast: Any, release: Release) -> None:
    first = applied(cast, release)
    with pytest.raises(Conflict, match="asked for these data already"):
        applied(cast, release)
    access_applications.withdraw(application=first, by=cast.researcher)
    assert state(first) == STATES.WITHDRAWN
    second = granted(cast, release)
    with pytest.raises(Conflict, match="may read them"):
        applied(cast, release)
    revoked(cast, second)
    assert state(applied(cast, release)) == STATES.WAITING


def test_a_refusal_has_its_reason(cast: Any, release: Release) -> None:
    asked = applied(cast, release)
    with pytest.raises(Invalid, match="the applicant reads it"):
        access_applications.refuse(application=asked, reason=" ", by=cast.director)
    decision = access_applications.refuse(application=asked, reason="The files are enough.", by=cast.director)
    assert (state(asked), decision.reason, decision.file) == (STATES.REFUSED, "The files are enough.", None)
    assert not RestrictedFile.objects.exists()
    for again in (
        lambda: access_applications.refuse(application=asked, reason="Twice.", by=cast.director),
        lambda: access_applications.grant(
            application=asked, purpose=PURPOSE, ends_on=day(9), by=cast.director
        ),
        lambda: access_applications.withdraw(application=asked, by=cast.researcher),
    ):
        with pytest.raises(Conflict, match="does not wait any more"):
            again()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"purpose": ""}, "/purpose"),
        ({"purpose": "x" * 501}, "/purpose"),
        ({"conditions": "Ring 07700 900123"}, "/conditions"),
        ({"ends_on": day(-1)}, "/ends_on"),
        ({"ends_on": day(61)}, "/ends_on"),  # the applicant asked for 60 days
    ],
)
def test_what_is_no_grant(cast: Any, release: Release, changes: dict[str, Any], pointer: str) -> None:
    asked = applied(cast, release)
    given = {"purpose": PURPOSE, "ends_on": day(30), **changes}
    with pytest.raises(Invalid) as refused:
        access_applications.grant(application=asked, by=cast.registrar, **given)
    assert [one.pointer for one in refused.value.problems] == [pointer]
    assert not RestrictedFile.objects.exists()


def test_nothing_is_granted_on_data_whose_release_was_withdrawn(cast: Any, release: Release) -> None:
    asked = applied(cast, release)
    retractions.ask(release=release, reason="A wrong column.", by=cast.reviewer)
    retractions.approve(release=release, by=cast.director)
    with pytest.raises(Conflict, match="stands on these data any more"):
        access_applications.grant(application=asked, purpose=PURPOSE, ends_on=day(9), by=cast.registrar)
    assert not RestrictedFile.objects.exists()


def test_without_a_secret_nothing_is_granted(cast: Any, release: Release, settings: Any) -> None:
    settings.PSEUDONYM_SECRET = ""
    with pytest.raises(Conflict, match="PSEUDONYM_SECRET"):
        granted(cast, release)
    assert not AccessDecision.objects.exists()


def test_who_decides(cast: Any, release: Release) -> None:
    asked = applied(cast, release)
    for who in (cast.researcher, cast.analyst, cast.publisher, cast.force_user):
        with pytest.raises(NotPermitted):
            access_applications.refuse(application=asked, reason="No.", by=who)
    with pytest.raises(NotPermitted):
        access_applications.apply(dataset=data(release), by=cast.analyst, **answers())
    Membership.objects.create(user=cast.registrar, role="researcher")
    both = type(cast.registrar).objects.get(pk=cast.registrar.pk)
    own = access_applications.apply(dataset=data(release), by=both, **answers())
    assert list(AccessApplication.objects.waiting_for(both)) == [asked]
    TeamMember.objects.create(trial=release.trial, user=cast.director, role="member")
    for application, who in ((own, both), (asked, cast.director)):
        with pytest.raises(NotPermitted, match="Somebody else must decide"):
            access_applications.refuse(application=application, reason="No.", by=who)
        with pytest.raises(NotPermitted, match="Somebody else must decide"):
            access_applications.grant(application=application, purpose=PURPOSE, ends_on=day(9), by=who)
    with pytest.raises(NotPermitted, match="Only the applicant"):
        access_applications.withdraw(application=asked, by=cast.director)


def test_who_knows_of_an_application(cast: Any, release: Release) -> None:
    asked = applied(cast, release)
    for who in (cast.researcher, cast.registrar, cast.director):
        assert list(AccessApplication.objects.visible_to(who)) == [asked]
    for who in (cast.anonymous, cast.force_user, cast.analyst, cast.publisher):
        assert not AccessApplication.objects.visible_to(who).exists()


def test_the_database_lets_no_member_of_the_team_decide(cast: Any, release: Release) -> None:
    asked = applied(cast, release)
    TeamMember.objects.create(trial=release.trial, user=cast.director, role="member")
    with pytest.raises(DatabaseError, match="separation"), transaction.atomic():
        AccessDecision.objects.create(
            application=asked,
            outcome="refuse",
            reason="No.",
            decided_at=timezone.now(),
            decided_by=cast.director,
        )


@pytest.mark.parametrize(
    "half", [{"ends_on": None}, {"starts_on": None}, {"purpose": ""}, {"file": None}, {"reason": "x"}]
)
def test_half_a_grant_is_none(cast: Any, release: Release, half: dict[str, Any]) -> None:
    asked = applied(cast, release)
    file = RestrictedFile.objects.create(
        dataset=data(release), name="x", sha256="0" * 64, size=1, media_type="text/csv", n_rows=1, columns=[],
        left_out=[], key_id="x", fewest=10, made_at=timezone.now(),
    )  # fmt: skip
    whole = {"purpose": PURPOSE, "starts_on": day(), "ends_on": day(1), "file": file} | half
    with pytest.raises(DatabaseError, match="whole"), transaction.atomic():
        AccessDecision.objects.create(
            application=asked, outcome="grant", decided_at=timezone.now(), decided_by=cast.registrar, **whole
        )


def test_the_granted_file_computes_the_published_numbers_again(
    cast: Any, release: Release, tmp_path: Path
) -> None:
    data_csv = tmp_path / "granted.csv"
    data_csv.write_bytes(vault.read(granted(cast, release).decision.file.sha256))
    with zipfile.ZipFile(vault.path(release.file("package.zip").sha256)) as package:
        package.extractall(tmp_path)
    [result] = tmp_path.rglob("result.json")
    report = alone.replicate(result.parent, data_csv, None)
    assert report.differences == []
    assert any("numbers computed again from the data" in line for line in report.lines)
