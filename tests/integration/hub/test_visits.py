"""Visits to a force: planned, written up, measured again; and the actions that were agreed, until they are ended."""

import datetime as dt
import html
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from centre.errors import Conflict, Invalid, NotPermitted
from centre.hub import following, judging
from centre.hub.actions import quality_actions, visits
from centre.models import AuditEvent, Force, QualityAction, Visit, VisitNote
from tests.integration.hub.sent import NAME, content, kept
from tests.unit.centre.hub import invented

pytestmark = pytest.mark.django_db
MONTHS = ("2024-01", "2024-02")
BLANK = "blank_street:2024-02"


def spoilt(month: str = "2024-02") -> dict[str, bytes]:
    """Return a file in which the street name of every place is blank."""
    rows = [row | {"Reported by": NAME, "Falls within": NAME} for row in invented.rows(month)]
    for row in rows:
        if row["LSOA code"]:
            row["Location"] = "On or near "
    return {invented.name_of(month): invented.text(rows)}


@pytest.fixture
def sent(tmp_path: Path, cast: SimpleNamespace, force: Force) -> Force:
    """Return a force that has sent a month in which street names are blank."""
    kept(tmp_path, content("2024-01") | spoilt(), cast.force_user)
    return force


def today(days: int = 0) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def agreed(force: Force, by: Any, **changed: Any) -> QualityAction:
    said: dict[str, Any] = {
        "finding": BLANK,
        "what": "Send the month again with street names.",
        "owner": "Data manager",
        "due_on": today(30),
    }
    return quality_actions.agree(force=force, by=by, **{**said, **changed})


def planned(force: Force, by: Any, days: int = 0) -> Visit:
    return visits.plan(force=force, visited_on=today(days), team="Two analysts", by=by)


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_an_action_stands_beside_its_finding_until_it_is_ended(
    sent: Force, cast: SimpleNamespace, sign_in: Any
) -> None:
    action = agreed(sent, cast.analyst)
    assert (action.check_name, action.months, action.rules_version) == (
        "blank_street",
        ["2024-02"],
        "HUB-1.2",
    )
    assert "have a blank street name" in action.words
    url = reverse("hub-force", args=["testshire"])
    for person in (cast.force_user, cast.analyst):
        page = text(sign_in(person).get(url))
        assert "Send the month again with street names." in page
        assert "Data manager, by " in page
        assert ("Agree an action" in page) is (person is cast.analyst)
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        assert "Overdue" in text(sign_in(cast.analyst).get(url))
        home = text(sign_in(cast.force_user).get(reverse("hub-home")))
        assert "<strong>1 of 1</strong> open action is overdue" in home
    answer = sign_in(cast.force_user).post(
        reverse("hub-action", args=[action.pk]), {"outcome": "done", "words": "Sent."}
    )
    assert answer.status_code == 302
    action.refresh_from_db()
    assert (action.outcome, action.ended_by, action.ended_words) == ("done", cast.force_user, "Sent.")
    assert "Still found" in text(sign_in(cast.analyst).get(reverse("hub-action", args=[action.pk])))
    assert [one.event for one in AuditEvent.objects.filter(subject_id=str(action.pk))] == [
        "quality_action.agreed",
        "quality_action.ended",
    ]


def test_a_finding_that_went_is_told_with_the_files_since_which_it_is_gone(
    sent: Force, cast: SimpleNamespace, tmp_path: Path, sign_in: Any
) -> None:
    action = agreed(sent, cast.registrar)
    kept(tmp_path, content("2024-03"), cast.force_user)
    (before,) = following.followed([action], judging.judged(sent))
    assert (before.is_gone, before.gone_with) == (False, None)
    corrected = kept(tmp_path, content("2024-02"), cast.force_user)
    kept(tmp_path, content("2024-04"), cast.force_user)
    (now,) = following.of_all([action])
    assert (now.found, now.gone_with) == ((), corrected)
    page = text(sign_in(cast.force_user).get(reverse("hub-force", args=["testshire"])))
    assert "Agreed, and no longer found" in page
    assert reverse("hub-submission", args=[corrected.pk]) in page


def test_after_the_visit_the_same_checks_are_measured_again(
    sent: Force, cast: SimpleNamespace, tmp_path: Path, sign_in: Any
) -> None:
    visit = planned(sent, cast.analyst)
    url, client = reverse("hub-visit", args=[visit.pk]), sign_in(cast.analyst)
    before = text(client.get(url))
    assert "Nothing has been sent since the visit." in before
    assert "Measured again" not in before
    agreed(sent, cast.analyst, visit=visit)
    assert client.post(url, {"seen": "An old extract.", "said": "It is replaced."}).status_code == 302
    kept(tmp_path, content("2024-02") | spoilt("2024-03"), cast.force_user)
    page = text(sign_in(cast.force_user).get(url))
    assert "Since the visit 1 of 2 findings went, 1 stayed, 1 is new." in page
    assert "2 of 2 months could be compared before it, 3 of 3 can be now." in page
    for said in ("An old extract.", "It is replaced.", "No longer found since the files of", "Not sent yet"):
        assert said in page
    assert "Add the note" not in page


def test_what_was_sent_after_the_day_began_is_not_from_before_the_visit(force: Force, analyst: Any) -> None:
    entered = timezone.now()
    visit = planned(force, analyst)
    assert entered <= visit.begins_at == visit.planned_at
    later = planned(force, analyst, days=-3)
    assert timezone.localtime(later.begins_at).time() == dt.time.min
    assert timezone.localdate(later.begins_at) == later.visited_on


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        ({"due_on": dt.date(2020, 1, 1)}, "/due_on", "today or later"),
        ({"due_on": dt.date(2999, 1, 1)}, "/due_on", "within two years"),
        ({"finding": "blank_street:2024-01"}, "/finding", "not found in the newest files"),
        ({"what": " "}, "/what", "Say what is to be done"),
        ({"owner": ""}, "/owner", "Say whose it is"),
        ({"owner": "data@force.example"}, "/owner", "remove an e-mail address"),
    ],
)
def test_an_action_that_cannot_be_agreed(
    sent: Force, cast: SimpleNamespace, changed: dict[str, Any], pointer: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        agreed(sent, cast.analyst, **changed)
    (problem,) = refused.value.problems
    assert problem.pointer == pointer
    assert said in problem.message
    assert not QualityAction.objects.exists()


def test_a_refused_form_keeps_what_was_typed_and_the_audit_log_knows(
    sent: Force, cast: SimpleNamespace, sign_in: Any
) -> None:
    client, url = sign_in(cast.analyst), reverse("hub-action-agree", args=["testshire"])
    filled = text(client.get(f"{url}?finding={BLANK}"))
    assert f'value="{BLANK}" aria-' in filled or "checked" in filled
    typed = {"finding": BLANK, "what": "Send it again", "owner": "Data manager"}
    past = {"due_on_day": "1", "due_on_month": "1", "due_on_year": "2020"}
    answer = client.post(url, typed | past)
    assert answer.status_code == 422
    page = text(answer)
    assert "The date must be today or later" in page
    assert "Send it again" in page
    assert 'value="2020"' in page
    assert AuditEvent.objects.filter(event__contains="refused").exists()
    assert not QualityAction.objects.exists()


def test_an_action_is_ended_once_and_dropped_by_the_centre_alone(sent: Force, cast: SimpleNamespace) -> None:
    action = agreed(sent, cast.analyst)
    for by in (cast.other_force_user, cast.sponsor, cast.reviewer, cast.researcher):
        with pytest.raises(NotPermitted):
            quality_actions.end(action=action, outcome="done", words="x", by=by)
    for outcome, words, by in (
        ("dropped", "No time.", cast.force_user),
        ("finished", "x", cast.analyst),
        ("done", " ", cast.force_user),
    ):
        with pytest.raises(Invalid):
            quality_actions.end(action=action, outcome=outcome, words=words, by=by)
    quality_actions.end(action=action, outcome="dropped", words="Not ours to mend.", by=cast.registrar)
    with pytest.raises(Conflict, match="It was ended on"):
        quality_actions.end(action=action, outcome="done", words="Done.", by=cast.force_user)
    assert QualityAction.objects.get().outcome == "dropped"


def test_the_database_keeps_ends_and_calling_off_whole(sent: Force, cast: SimpleNamespace) -> None:
    action, visit = agreed(sent, cast.analyst), planned(sent, cast.analyst)
    with connection.cursor() as cursor:
        for table, column, row in (
            ("centre_qualityaction", "outcome", action),
            ("centre_visit", "called_off_because", visit),
        ):
            key = row._meta.pk.get_db_prep_value(row.pk, connection)
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(f"UPDATE {table} SET {column} = 'done' WHERE id = %s", [key])
    with pytest.raises(IntegrityError), transaction.atomic():
        VisitNote.objects.create(visit=visit, by=cast.analyst)


def test_who_plans_and_writes(sent: Force, cast: SimpleNamespace) -> None:
    visit = planned(sent, cast.registrar)
    for by in (cast.force_user, cast.sponsor, cast.director, cast.reviewer):
        with pytest.raises(NotPermitted):
            planned(sent, by)
        with pytest.raises(NotPermitted):
            visits.note(visit=visit, seen="x", said="", by=by)
        with pytest.raises(NotPermitted):
            visits.call_off(visit=visit, because="x", by=by)
        with pytest.raises(NotPermitted):
            agreed(sent, by)
    assert not VisitNote.objects.exists()


def test_a_visit_is_planned_once_a_day_and_written_up_from_its_day_on(
    sent: Force, other_force: Force, cast: SimpleNamespace
) -> None:
    ahead, other = planned(sent, cast.analyst, days=7), planned(other_force, cast.analyst)
    with pytest.raises(Conflict, match="is planned already"):
        planned(sent, cast.analyst, days=7)
    with pytest.raises(Invalid, match="within a year"):
        planned(sent, cast.analyst, days=400)
    with pytest.raises(Conflict, match="write it up from that day on"):
        visits.note(visit=ahead, seen="x", said="", by=cast.analyst)
    with pytest.raises(Conflict, match="write it up from that day on"):
        agreed(sent, cast.analyst, visit=ahead)
    with pytest.raises(Invalid, match="That visit was not to"):
        agreed(sent, cast.analyst, visit=other)
    mixed = agreed(sent, cast.analyst)
    mixed.pk, mixed.visit, mixed._state.adding = uuid.uuid4(), other, True
    with pytest.raises(IntegrityError, match="hub: an action is agreed at a visit"), transaction.atomic():
        mixed.save()
    with pytest.raises(Invalid, match="Write what you saw"):
        visits.note(visit=other, seen=" ", said="", by=cast.analyst)
    visits.note(visit=other, seen="All well.", said="", by=cast.analyst)
    with pytest.raises(Conflict, match="took place"):
        visits.call_off(visit=other, because="Snow.", by=cast.analyst)
    visits.call_off(visit=ahead, because="Snow.", by=cast.analyst)
    with pytest.raises(Conflict, match="was called off"):
        visits.call_off(visit=ahead, because="Snow.", by=cast.analyst)
    assert planned(sent, cast.analyst, days=7).pk != ahead.pk


def test_pages_are_for_the_own_force_alone(
    sent: Force, other_force: Force, cast: SimpleNamespace, sign_in: Any
) -> None:
    visit, action = planned(sent, cast.analyst), agreed(sent, cast.analyst)
    pages = [reverse("hub-visit", args=[visit.pk]), reverse("hub-action", args=[action.pk])]
    assert [sign_in(cast.force_user).get(url).status_code for url in pages] == [200, 200]
    assert [sign_in(cast.other_force_user).get(url).status_code for url in pages] == [404, 404]
    assert [sign_in(cast.other_force_user).post(url, {}).status_code for url in pages] == [404, 404]
    assert sign_in(cast.force_user).post(pages[0], {"seen": "x"}).status_code == 403
    assert sign_in(cast.sponsor).post(pages[1], {"words": "x"}).status_code == 403
    listed = text(sign_in(cast.other_force_user).get(reverse("hub-visit-list")))
    assert "Send the month again" not in listed
    assert str(visit.pk) not in listed
    own = text(sign_in(cast.force_user).get(reverse("hub-visit-list")))
    assert "Send the month again" in own
    assert str(visit.pk) in own
