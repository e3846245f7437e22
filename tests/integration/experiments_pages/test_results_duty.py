"""Results come out: the force checks facts and has no veto, time does the rest, and what is late is said in public."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import AuditEvent
from experiments import protocol, tasks
from experiments.actions import deferrals, entries, factual_checks, progress_notes, releases, timers
from experiments.models import Deferral, Release, Trial
from tactics.models import Finding
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, summary, words

pytestmark = pytest.mark.django_db


def late(trial: Trial, **dates: dt.date) -> None:
    """Let primary completion lie back, as a protocol with that date would."""
    day = (timezone.localdate() - dt.timedelta(days=500)).isoformat()
    document = {
        **trial.protocol,
        "dates": {**trial.protocol["dates"], "primary_completion": {"date": day, "type": "actual"}},
    }
    read = protocol.from_json(document)
    Trial.objects.filter(pk=trial.pk).update(protocol=document, **entries.columns(read, trial.number))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the clock go on by some days."""
    real = timezone.now

    def go_on(days: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(days=days))

    return go_on


def test_the_force_checks_the_facts_before_anybody_reads_them(cast: Any, sign_in: Any, client: Any) -> None:
    release = stages.cleared(cast)
    trial = release.trial
    facts, detail = (address(trial, name, release.public_id) for name in ("release-facts", "release-detail"))
    lead, publisher = sign_in(cast.force_user), sign_in(cast.publisher)
    assert "The force can check the facts until" in words(publisher.get(detail))
    with pytest.raises(Conflict, match="The force can check the facts until"):
        releases.publish(release=release, by=cast.publisher)
    assert "Check the facts" in words(lead.get(detail))
    for stranger in (cast.other_force_user, cast.researcher, cast.anonymous, cast.sponsor):
        seen = status(sign_in(stranger), detail)
        assert seen == (200 if stranger is cast.sponsor else 404)
    assert lead.post(facts, {"comment": "It was in May, not June."}).status_code == 302
    assert publisher.get(detail).status_code == 200
    with pytest.raises(Conflict, match="Answer the force's comment"):
        releases.publish(release=Release.objects.get(), by=cast.publisher)
    analyst = sign_in(cast.analyst)
    empty = analyst.post(facts, {"answer": " "})
    assert (empty.status_code, "Say what was changed" in summary(empty)) == (422, True)
    assert analyst.post(facts, {"answer": "The note says May now."}).status_code == 302
    releases.publish(release=Release.objects.get(), by=cast.publisher)
    page = words(client.get(detail))
    assert "It was in May, not June." in page
    assert "The note says May now." in page


def test_only_the_lead_checks_and_only_once(cast: Any) -> None:
    release = stages.cleared(cast)
    for person in (cast.registrar, cast.analyst, cast.publisher):
        with pytest.raises(NotPermitted):
            factual_checks.record(release=release, by=person)
    factual_checks.record(release=release, by=cast.force_user)
    with pytest.raises(Conflict, match="have been checked"):
        factual_checks.record(release=release, by=cast.force_user)


def test_a_publisher_publishes_when_the_force_let_its_time_pass(cast: Any, later: Any) -> None:
    release = stages.cleared(cast)
    later(27)
    with pytest.raises(Conflict, match="The force can check the facts"):
        releases.publish(release=release, by=cast.publisher)
    later(29)
    assert releases.publish(release=release, by=cast.publisher).published_by == cast.publisher


def test_what_is_overdue_comes_out_by_itself_and_once(cast: Any, later: Any, client: Any) -> None:
    release = stages.cleared(cast)
    factual_checks.record(release=release, comment="We do not like it.", by=cast.force_user)
    later(29)
    assert timers.publish_overdue() == 0, "not due yet"
    late(release.trial)
    later(0)
    assert timers.publish_overdue() == 0, "the force still has its time"
    later(29)
    assert timers.publish_overdue() == 1
    before = AuditEvent.objects.count()
    assert timers.publish_overdue() == 0
    assert AuditEvent.objects.count() == before
    release = Release.objects.get()
    assert (release.is_published, release.published_by) == (True, None)
    assert stages.fresh(release.trial).results_state == "published"
    assert Finding.objects.filter(release_id=str(release.public_id)).exists()
    event = AuditEvent.objects.get(event="release.published")
    assert (event.actor_name, event.detail["role"]) == ("system", "system")
    assert audit.verify().holds
    assert "by the registry itself" in words(client.get(address(release.trial)))


def test_publication_is_put_off_once_with_a_public_reason(
    cast: Any, later: Any, sign_in: Any, client: Any
) -> None:
    release = stages.cleared(cast)
    factual_checks.record(release=release, by=cast.force_user)
    late(release.trial)
    trial = stages.fresh(release.trial)
    latest = deferrals.latest(trial)
    assert latest == timezone.localdate() + dt.timedelta(days=28 + 60)
    url, registrar = address(trial, "trial-defer"), sign_in(cast.registrar)
    too_far = latest + dt.timedelta(days=1)
    sent = {
        "until_day": too_far.day,
        "until_month": too_far.month,
        "until_year": too_far.year,
        "reason": "An inquest.",
    }
    refused = registrar.post(url, sent)
    assert (refused.status_code, "not after" in summary(refused)) == (422, True)
    assert "An inquest." in refused.content.decode()
    with pytest.raises(Invalid):
        deferrals.put_off(trial=trial, until=latest, reason=" ", by=cast.registrar)
    for person in (cast.force_user, cast.publisher, cast.director):
        with pytest.raises(NotPermitted):
            deferrals.put_off(trial=trial, until=latest, reason="An inquest.", by=person)
    deferrals.put_off(trial=trial, until=latest, reason="An inquest.", by=cast.registrar)
    with pytest.raises(Conflict, match="cannot be again"):
        deferrals.put_off(trial=trial, until=latest, reason="Another.", by=cast.registrar)
    page = words(client.get(address(trial)))
    assert "An inquest." in page
    assert f"put off until {latest:%-d %B %Y}" in page
    with pytest.raises(Conflict, match="Publication is put off"):
        releases.publish(release=Release.objects.get(), by=cast.publisher)
    later(87)
    assert timers.publish_overdue() == 0
    later(89)
    assert timers.publish_overdue() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Deferral(trial=trial, until=latest, reason="Another.", by=cast.registrar, at=timezone.now()).save()


def test_an_embargo_ends_by_itself(cast: Any, later: Any, client: Any) -> None:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=30)
    trial = stages.registered(cast)
    assert timers.release_embargoes() == 0
    assert status(client, address(trial)) == 404
    later(31)
    assert timers.release_embargoes() == 1
    assert timers.release_embargoes() == 0
    trial = stages.fresh(trial)
    assert (trial.visibility, trial.embargo_until) == ("public", None)
    assert AuditEvent.objects.get(event="trial.embargo_ended").actor_name == "system"
    assert "Who can see it: public" in words(client.get(address(trial)))


def test_the_command_and_the_task_run_every_timer(cast: Any, later: Any) -> None:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=30)
    stages.registered(cast)
    said = io.StringIO()
    call_command("keep_deadlines", stdout=said)
    assert "embargoes: 0" in said.getvalue()
    later(31)
    tasks.keep_deadlines()
    assert Trial.objects.get().visibility == "public"
    with pytest.raises(CommandError, match="There is no timer"):
        call_command("keep_deadlines", "tea")


def test_notes_on_progress_are_public_and_missed_ones_are_said(
    cast: Any, sign_in: Any, client: Any, later: Any
) -> None:
    trial = stages.delivering(cast)
    url = address(trial, "trial-progress")
    assert "There is no note yet." in words(client.get(url))
    assert "Note overdue" not in words(client.get(address(trial)))
    lead = sign_in(cast.force_user)
    empty = lead.post(url, {"text": "\u200b"})
    assert (empty.status_code, "Say how the trial goes" in summary(empty)) == (422, True)
    assert sign_in(cast.analyst).post(url, {"text": "x"}).status_code == 403
    assert lead.post(url, {"text": "Twelve visits were made."}).status_code == 302
    assert "Twelve visits were made." in words(client.get(address(trial)))
    later(200)
    assert "Note overdue" in words(client.get(address(trial)))
    assert "Notes on progress to write" in words(sign_in(cast.force_user).get("/work/"))
    progress_notes.write(trial=trial, text="All visits were made.", by=cast.force_user)
    assert "Note overdue" not in words(client.get(address(trial)))


def test_what_is_late_is_said_in_public(cast: Any, client: Any, later: Any) -> None:
    trial = stages.delivering(cast)
    late(trial)
    page = words(client.get(address(trial)))
    assert "Results overdue" in page
    assert "Final report overdue" not in page
    later(1500)
    assert "Final report overdue" in words(client.get(address(trial))), "24 months from what was planned"
