"""Health checks: by night and on demand, over time, across trials, and told to those who can act."""

import io
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from centre.models import AuditEvent
from experiments import tasks
from experiments.actions import conduct, datasets, health_checks
from experiments.models import HealthCheck, Notice
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages, test_delivery
from tests.integration.experiments_pages.pages import address, words
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def test_a_trial_is_checked_on_demand_and_the_past_stays(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client = sign_in(cast.force_user)
    url = address(trial, "trial-health")
    assert "This trial has not been checked yet" in words(client.get(url))
    assert client.post(url).status_code == 302
    text = words(client.get(url))
    assert "Dose integrity Not known It cannot be judged: no dose has been reported." in text
    assert "Protocol drift On course What runs is what was registered." in text
    test_delivery.send(trial, test_delivery.report(trial, 0.3), cast.force_user)
    client.post(url)
    text = words(client.get(url))
    assert "Dose integrity Act 30% of the planned dose was delivered" in text
    assert "Status over time" in text
    assert HealthCheck.objects.count() == 2
    assert AuditEvent.objects.filter(event="trial.checked").count() == 2


def test_only_those_inside_see_and_ask(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    url = address(trial, "trial-health")
    for person in (cast.researcher, cast.other_force_user):
        assert sign_in(person).get(url).status_code == 403
        assert sign_in(person).post(url).status_code == 403
    assert not HealthCheck.objects.exists()


def test_who_can_act_is_told_once_when_it_gets_worse(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    test_delivery.send(trial, test_delivery.report(trial, 0.3), cast.force_user)
    health_checks.check(trial=stages.fresh(trial))
    told = Notice.objects.filter(check_name="integrity")
    assert {one.user for one in told} == {cast.force_user, cast.registrar}
    assert all(one.status == "red" for one in told)
    health_checks.check(trial=stages.fresh(trial))
    assert told.count() == 2

    client = sign_in(cast.registrar)
    assert "notice" in words(client.get(reverse("my-work")))
    watch = client.get(reverse("trials-to-watch"))
    assert "Dose integrity , Do visits reduce calls?" in words(watch)
    mine = told.get(user=cast.registrar)
    seen = reverse("notice-seen", args=[mine.public_id])
    assert sign_in(cast.force_user).post(seen).status_code == 404
    assert client.post(seen).headers["Location"] == address(trial, "trial-health")
    assert "Notices to you" not in words(client.get(reverse("trials-to-watch")))


def test_the_night_checks_each_live_trial_once(cast: Any) -> None:
    trial = stages.delivering(cast)
    stages.draft(cast)
    call_command("check_trials")
    call_command("check_trials")
    (made,) = HealthCheck.objects.all()
    assert (made.trial, made.by) == (trial, None)
    with time_machine.travel(timezone.now() + timezone.timedelta(days=1), tick=True):
        call_command("check_trials")
    assert HealthCheck.objects.count() == 2


def test_one_trial_that_cannot_be_checked_does_not_hide_the_others(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stages.delivering(cast), trickle.opened(cast)
    real = health_checks.bridge.verdicts

    def broken(trial: Any, today: Any) -> Any:
        if trial.pk == first.pk:
            raise ValueError("odd data")
        return real(trial, today)

    monkeypatch.setattr(health_checks.bridge, "verdicts", broken)
    call_command("check_trials")
    assert [one.trial for one in HealthCheck.objects.all()] == [second]


def test_across_trials_the_most_urgent_comes_first(
    cast: Any, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    calm, late = trickle.opened(cast), stages.delivering(cast)
    test_delivery.send(late, test_delivery.report(late, 0.1), cast.force_user)
    for trial in (calm, late):
        health_checks.check(trial=stages.fresh(trial))
    client = sign_in(cast.registrar)
    with django_assert_max_num_queries(20):
        text = words(client.get(reverse("trials-to-watch")))
    assert "1 of 2 trials needs attention" in text
    assert text.index(f"{late.number}, delivering") < text.index(f"{calm.number}, allocated")
    only = words(client.get(reverse("trials-to-watch"), {"check": "drift"}))
    assert "No trial has anything to look at there" in only
    assert "No trial is running" in words(sign_in(cast.other_force_user).get(reverse("trials-to-watch")))


def test_cases_one_by_one_are_read_in_the_order_they_came(cast: Any) -> None:
    trial = trickle.opened(cast)
    trickle.enrolled(trial, cast.force_user, 6)
    made = health_checks.check(trial=stages.fresh(trial))
    by_name = {one["check"]: one for one in made.verdicts}
    assert by_name["sample_ratio"]["said"].startswith("6 cases; read after every one")
    assert by_name["recruitment"]["figures"]["actual"] == 6


@pytest.mark.parametrize(("action", "state"), [("notify", "delivering"), ("pause", "suspended")])
def test_a_guardrail_that_is_passed_stops_a_delivered_trial_by_itself(
    cast: Any, action: str, state: str
) -> None:
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    written = stages.document(tactic)
    written["safety"] |= {"guardrails": [{"outcome": "calls", "threshold": "-100", "action": action}]}
    trial = stages.delivering_with(cast, tactic, written)
    run = datasets.receive(
        trial=trial, file=io.BytesIO(stages.outcomes(trial)), filename="calls.csv", by=cast.force_user
    )
    tasks.ingest(str(run.pk))
    health_checks.check(trial=stages.fresh(trial))
    trial = stages.fresh(trial)
    assert trial.conduct_state == state
    events = AuditEvent.objects.filter(event="trial.suspended_by_guardrail")
    if action == "notify":
        assert not events.exists()
        return
    [event] = events
    assert (event.actor_name, event.detail["from"], event.detail["to"]) == (
        "system",
        "delivering",
        "suspended",
    )
    assert "the guardrail has been passed" in trial.state_reason
    assert Notice.objects.filter(trial=trial, check_name="guardrail", user=cast.force_user).exists()
    health_checks.check(trial=trial)
    assert events.count() == 1, "a trial that stands still is not stopped again"
    trial = conduct.advance(
        trial=stages.fresh(trial), to="delivering", reason="The group has looked.", by=cast.force_user
    )
    assert trial.conduct_state == "delivering"
