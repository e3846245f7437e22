"""Every read of restricted data is on the audit log, also the one that is refused; revocation counts at once."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from centre.errors import Conflict, Gone, Invalid, NotFound, NotPermitted
from centre.models import AuditEvent, Membership
from experiments.actions import access_applications, access_grants
from experiments.models import AccessApplication, AccessNotice
from tests.integration.access.asked import PURPOSE, applied, day, ended, granted, revoked
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db


def read(application: AccessApplication, by: Any) -> str:
    return access_grants.read(application=application, via="page", by=by).sha256


def log(application: AccessApplication) -> list[tuple[str, str]]:
    """Return the read log, oldest first: what happened, and why not where it was refused."""
    return [(one.event, one.detail.get("because", "")) for one in application.reads().reverse()]


def test_a_read_names_grant_purpose_person_and_file(cast: Any) -> None:
    asked = granted(cast)
    assert read(asked, cast.researcher) == asked.decision.file.sha256
    event = asked.reads().get()
    assert (event.actor_id, event.actor_name) == (str(cast.researcher.pk), cast.researcher.name)
    assert event.detail == {
        "application": str(asked.public_id),
        "trial": asked.dataset.trial.number,
        "dataset": str(asked.dataset.public_id),
        "grant": asked.decision.pk,
        "purpose": PURPOSE,
        "person": cast.researcher.name,
        "file": asked.decision.file.sha256,
        "via": "page",
    }


def test_revocation_counts_at_once_and_the_next_read_is_refused_and_kept(cast: Any) -> None:
    asked = granted(cast)
    read(asked, cast.researcher)
    with pytest.raises(Invalid, match="the applicant reads it"):
        access_grants.revoke(application=asked, reason="", by=cast.director)
    with pytest.raises(NotPermitted):
        access_grants.revoke(application=asked, reason="Mine.", by=cast.researcher)
    revoked(cast, asked)
    with pytest.raises(Gone, match="was revoked on"):
        read(asked, cast.researcher)  # the caller's row is older than the revocation
    said = f"Your access was revoked on {day():%-d %B %Y}."
    assert log(asked) == [("access.read", ""), ("access.read_refused", said)]
    assert "revoked" in AccessNotice.objects.filter(user=cast.researcher).first().said
    with pytest.raises(Conflict, match="no grant to revoke"):
        revoked(cast, asked)


def test_a_grant_ends_by_itself(cast: Any) -> None:
    old = ended(cast, granted(cast))
    with pytest.raises(Gone, match="Your access ended on"):
        read(old, cast.researcher)
    assert [event for event, _ in log(old)] == ["access.read_refused"]
    with pytest.raises(Conflict, match="no grant to revoke"):
        revoked(cast, old)


@pytest.mark.postgres
def test_a_web_server_with_a_slow_clock_lengthens_nothing(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ended(cast, granted(cast))
    slow = timezone.now() - dt.timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: slow)
    with pytest.raises(Gone, match="Your access ended on"):
        read(old, cast.researcher)


def test_the_last_day_is_still_open(cast: Any) -> None:
    asked = applied(cast)
    access_applications.grant(application=asked, purpose=PURPOSE, ends_on=day(), by=cast.registrar)
    asked = AccessApplication.objects.get(pk=asked.pk)
    assert read(asked, cast.researcher)
    states = [asked.state_on(day(after)) for after in (-1, 0, 1)]
    assert states == ["not_yet", "open", "expired"]


def test_a_grant_that_has_not_begun_gives_nothing(cast: Any) -> None:
    asked = granted(cast, starts_on=day(5))
    with pytest.raises(Conflict, match="Your access begins on"):
        read(asked, cast.researcher)
    assert [event for event, _ in log(asked)] == ["access.read_refused"]
    revoked(cast, asked)
    assert AccessApplication.objects.get(pk=asked.pk).state_on(day(6)) == "revoked"


def test_nobody_else_reads_and_who_is_no_researcher_any_more_does_not(cast: Any) -> None:
    asked = granted(cast)
    for who in (cast.registrar, cast.director, cast.analyst, cast.force_user):
        with pytest.raises(NotFound):
            read(asked, who)
    Membership.objects.filter(user=cast.researcher).delete()
    former = type(cast.researcher).objects.get(pk=cast.researcher.pk)
    with pytest.raises(NotPermitted, match="role of a researcher"):
        read(asked, former)
    assert [event for event, _ in log(asked)] == ["access.read_refused"]


def test_before_a_decision_there_is_nothing_to_read(cast: Any) -> None:
    asked = applied(cast)
    with pytest.raises(NotFound):
        read(asked, cast.researcher)
    access_applications.refuse(application=asked, reason="No.", by=cast.registrar)
    with pytest.raises(NotFound):
        read(asked, cast.researcher)
    assert not AuditEvent.objects.filter(event__startswith="access.read").exists()


def test_a_notice_is_the_applicants_to_read(cast: Any) -> None:
    notice = AccessNotice.objects.get(application=granted(cast, stages.published(cast)))
    with pytest.raises(NotFound):
        access_applications.see(notice=notice, by=cast.director)
    access_applications.see(notice=notice, by=cast.researcher)
    assert not AccessNotice.objects.visible_to(cast.researcher).unseen().exists()
    assert AuditEvent.objects.filter(event="notice.seen").count() == 1
