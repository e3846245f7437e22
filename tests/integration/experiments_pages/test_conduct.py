"""Moving a trial on: what can happen next is said, what cannot is refused with its reason."""

import datetime as dt
import io
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import NotFound, NotPermitted
from centre.models import AuditEvent
from experiments import tasks
from experiments.actions import blind_reviews, conduct, datasets
from experiments.lifecycle import TransitionRefused
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def test_the_next_state_is_put_on_record(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    client = sign_in(cast.registrar)
    page = client.get(address(trial, "trial-conduct"))
    assert "Baseline" in words(page)
    assert client.post(address(trial, "trial-conduct"), {"to": "baseline"}).status_code == 302
    assert stages.fresh(trial).conduct_state == "baseline"
    inside = words(client.get(address(trial, "trial-conduct")))
    assert "Conduct: baseline" in inside
    assert "by the registrar, Rowan Registrar" in inside


def test_everybody_can_read_the_history(cast: Any, sign_in: Any) -> None:
    trial = stages.drawn(cast)
    page = words(sign_in(cast.anonymous).get(address(trial, "trial-detail")))
    history = page[page.index("History") :]
    told = [
        "Conduct: allocated",
        "by the allocation custodian",
        "Unit list frozen",
        "Conduct: baseline",
        "Who can see it: public",
        "Registration: registered",
        "by the registrar",
        "Registration: in review",
        "by the methods reviewer",
        "Registration: submitted",
        "by the force user",
    ]
    for one in told:  # newest first
        assert one in history, one
        history = history[history.index(one) :]
    assert "Cass Custodian" not in page[page.index("History") :]


def test_each_step_is_one_event_in_the_chain(cast: Any) -> None:
    trial = stages.drawn(cast)
    events = AuditEvent.objects.filter(subject_id=str(trial.pk), subject_type="experiments.trial")
    steps = [one for one in events.order_by("pk") if "axis" in one.detail]
    assert [(one.detail["axis"], one.detail["from"], one.detail["to"]) for one in steps] == [
        ("registration", "draft", "submitted"),
        ("registration", "submitted", "in_review"),
        ("registration", "in_review", "registered"),
        ("visibility", "private", "public"),
        ("conduct", "not_started", "baseline"),
        ("conduct", "baseline", "allocated"),
    ]
    assert all(one.detail["role"] and one.actor_name and one.previous_hash for one in steps)
    assert steps[2].detail["object"] == trial.registration.sha256
    assert steps[-1].detail["object"] == trial.allocation.record["allocation_sha256"]
    assert audit.verify().holds


@pytest.mark.parametrize(
    ("answers", "code", "message"),
    [
        ({}, 422, "Choose one of the next states"),
        ({"to": "completed"}, 422, "completed is not one of the available choices"),
        ({"to": "never_started", "reason": "\u200b"}, 409, "Say why"),
    ],
)
def test_a_step_that_is_not_possible_is_refused(
    cast: Any, sign_in: Any, answers: dict[str, str], code: int, message: str
) -> None:
    trial = stages.registered(cast)
    before = refusals()
    response = sign_in(cast.registrar).post(address(trial, "trial-conduct"), answers)
    assert response.status_code == code
    assert message in summary(response)
    assert refusals() == before + 1
    assert stages.fresh(trial).conduct_state == "not_started"


def test_what_is_missing_is_said_before(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client = sign_in(cast.force_user)
    client.post(address(trial, "trial-conduct"), {"to": "follow_up"})
    assert "Not yet: There is no outcome data to lock" in words(client.get(address(trial, "trial-conduct")))
    response = client.post(address(trial, "trial-conduct"), {"to": "data_locked", "reason": "Kept words"})
    assert response.status_code == 409
    assert "Kept words" in response.content.decode()
    assert stages.fresh(trial).conduct_state == "follow_up"


@pytest.mark.parametrize(
    ("stage", "to", "may"),
    [
        ("registered", "baseline", {"registrar"}),
        ("registered", "never_started", {"registrar"}),
        ("drawn", "delivering", {"registrar", "force_user"}),
        ("delivering", "suspended", {"registrar", "force_user"}),
        ("delivering", "terminated", {"sponsor", "director"}),
        ("accounted", "completed", {"registrar"}),
    ],
)
def test_each_step_is_somebodys_part(cast: Any, stage: str, to: str, may: set[str]) -> None:
    made = getattr(stages, stage)(cast)
    trial = getattr(made, "trial", made)
    everybody = [name for name in vars(cast) if name != "anonymous"]
    for name in sorted(everybody, key=lambda one: one in may):
        person = getattr(cast, name)
        if name in may:
            with transaction.atomic():
                moved = conduct.advance(trial=trial, to=to, reason="As agreed.", by=person)
                assert moved.conduct_state == to
                transaction.set_rollback(True)
        else:
            with pytest.raises((NotPermitted, NotFound)):
                conduct.advance(trial=trial, to=to, reason="As agreed.", by=person)
    assert stages.fresh(trial).conduct_state == trial.conduct_state


def test_the_days_of_treatment_are_on_record(cast: Any, sign_in: Any, client: Any) -> None:
    trial, today = stages.drawn(cast), timezone.localdate()
    tomorrow, earlier = today + dt.timedelta(days=1), today - dt.timedelta(days=3)
    with pytest.raises(TransitionRefused, match="today or before"):
        conduct.advance(trial=trial, to="delivering", on=tomorrow, by=cast.force_user)
    url, first = address(trial, "trial-conduct"), today - dt.timedelta(days=1)
    day = {"on_day": first.day, "on_month": first.month, "on_year": first.year}
    assert sign_in(cast.force_user).post(url, {"to": "delivering", **day}).status_code == 302
    assert stages.fresh(trial).first_treated_on == first
    with pytest.raises(TransitionRefused, match="not before the first"):
        conduct.advance(trial=trial, to="follow_up", on=earlier, by=cast.force_user)
    conduct.advance(trial=trial, to="follow_up", by=cast.force_user)
    assert stages.fresh(trial).last_treated_on == today
    page = words(client.get(address(trial)))
    assert f"First unit treated {first:%-d %B %Y} Actual" in page
    assert f"Last unit treated {today:%-d %B %Y} Actual" in page


def test_the_clock_is_kept_over_a_suspension(cast: Any) -> None:
    trial = stages.delivering(cast)
    first = stages.fresh(trial).first_treated_on
    conduct.advance(trial=trial, to="suspended", reason="Two officers are ill.", by=cast.force_user)
    conduct.advance(trial=trial, to="delivering", reason="They are back.", on=first, by=cast.force_user)
    assert stages.fresh(trial).first_treated_on == first


def test_data_are_locked_after_a_blind_review_of_the_newest_version(cast: Any, sign_in: Any) -> None:
    trial = stages.with_data(cast)
    url = address(trial, "trial-data-review")
    with pytest.raises(TransitionRefused, match="blind to arms"):
        conduct.advance(trial=trial, to="data_locked", by=cast.registrar)
    assert "Review the data" in words(sign_in(cast.registrar).get(address(trial)))
    empty = sign_in(cast.registrar).post(url, {"comment": " "})
    assert (empty.status_code, "Say what you looked at" in summary(empty)) == (422, True)
    assert sign_in(cast.custodian).post(url, {"comment": "Fine."}).status_code == 403
    assert sign_in(cast.registrar).post(url, {"comment": "Nothing is missing."}).status_code == 302
    assert "Nothing is missing." in words(sign_in(cast.registrar).get(address(trial, "trial-data")))
    newer = io.BytesIO(stages.outcomes(trial, extra=1))
    run = datasets.receive(trial=trial, file=newer, reason="A late count.", by=cast.force_user)
    tasks.ingest(str(run.pk))
    with pytest.raises(TransitionRefused, match="blind to arms"):
        conduct.advance(trial=trial, to="data_locked", by=cast.registrar)
    blind_reviews.record(trial=trial, comment="Still nothing.", by=cast.force_user)
    conduct.advance(trial=trial, to="data_locked", by=cast.registrar)
    lock = AuditEvent.objects.filter(event="trial.moved").latest("pk")
    assert lock.detail["object"] == trial.datasets.order_by("-version").first().file_sha256


def test_why_a_trial_stopped_is_public(cast: Any, client: Any) -> None:
    trial = stages.delivering(cast)
    for reason in ("", " \u200b"):
        with pytest.raises(TransitionRefused, match="Say why"):
            conduct.advance(trial=trial, to="terminated", reason=reason, by=cast.sponsor)
    conduct.advance(trial=trial, to="terminated", reason="Two officers were hurt.", by=cast.sponsor)
    page = words(client.get(address(trial)))
    assert "Stopped early" in page
    assert "Two officers were hurt." in page
    assert "by the force senior sponsor" in page


def test_only_those_whose_part_it_is_move_a_trial(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    url = address(trial, "trial-conduct")
    for person in (cast.analyst, cast.reviewer):
        client = sign_in(person)
        assert "Others move the trial from here" in words(client.get(url))
        assert client.post(url, {"to": "baseline"}).status_code == 403
    for person in (cast.other_force_user, cast.researcher):
        assert status(sign_in(person), url) == 403
    assert stages.fresh(trial).conduct_state == "not_started"
