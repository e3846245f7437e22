"""What a force agrees to: recorded by its own people or the registrar, late when its day has passed, never half."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from centre.errors import NotPermitted
from centre.models import AuditEvent, Force
from experiments.actions import health_checks, site_steps
from experiments.lifecycle import Conduct
from experiments.models import Site, SiteStep, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, summary, words

pytestmark = pytest.mark.django_db
_DATES = ("on_day", "on_month", "on_year")


def step_url(trial: Trial, kind: str = "dpia", site: str = "testshire") -> str:
    return address(trial, "trial-site-step", site, kind)


def day(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def put(trial: Trial, by: Any, kind: str = "dpia", on: dt.date | None = None) -> SiteStep:
    force = Force.objects.get(slug="testshire")
    return site_steps.due(trial=trial, force=force, kind=kind, on=on or day(-1), by=by)


def test_a_step_goes_from_due_to_done_and_back_and_each_word_stays(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    url, soon = step_url(trial), day(9)
    assert "No date yet" in words(client.get(address(trial, "trial-sites")))
    due = {"act": "due", **dict(zip(_DATES, (soon.day, soon.month, soon.year), strict=True))}
    assert client.post(url, due).status_code == 302
    assert f"Due On {soon:%-d %B %Y}" in words(client.get(address(trial, "trial-sites")))
    assert client.post(url, {"act": "do", "reference": "DPIA 2026/14"}).status_code == 302
    assert "Done DPIA 2026/14. Recorded on" in words(client.get(url))
    assert client.post(url, {"act": "reopen", "reason": "The data changed."}).status_code == 302
    text = words(client.get(url))
    assert "Reopened: The data changed. (before: DPIA 2026/14)" in text
    assert f"Due On {soon:%-d %B %Y}" in text
    assert client.post(url, {"act": "waive", "reason": "No personal data."}).status_code == 302
    assert "Not needed No personal data." in words(client.get(url))
    events = AuditEvent.objects.filter(event__startswith="site_step.").order_by("pk")
    assert [one.event for one in events] == [
        "site_step.due",
        "site_step.done",
        "site_step.reopened",
        "site_step.not_needed",
    ]
    assert events[1].detail["force"] == "testshire"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "Choose what to record"),
        ({"act": "due"}, "Enter the date it is due"),
        ({"act": "due", "on_day": "31", "on_month": "2", "on_year": "2027"}, "Enter a real date"),
        ({"act": "do"}, "Enter the reference"),
        ({"act": "waive"}, "Say why it is not needed"),
    ],
)
def test_a_bad_answer_is_named_and_nothing_is_kept(
    cast: Any, sign_in: Any, answers: dict[str, str], message: str
) -> None:
    trial = stages.draft(cast)
    response = sign_in(cast.force_user).post(step_url(trial), answers)
    assert response.status_code == 422
    assert message in summary(response)
    assert not SiteStep.objects.exists()


def test_a_settled_step_is_reopened_first(cast: Any) -> None:
    trial = stages.draft(cast)
    where = {"trial": trial, "force": Force.objects.get(slug="testshire"), "kind": "vetting"}
    with pytest.raises(site_steps.StepOpen):
        site_steps.reopen(**where, reason="Because.", by=cast.registrar)
    site_steps.do(**where, reference="NPPV 2", by=cast.registrar)
    with pytest.raises(site_steps.StepSettled):
        site_steps.waive(**where, reason="Because.", by=cast.registrar)


def test_a_force_speaks_for_itself_alone(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    (elsewhere,) = cast.other_force_user.forces
    Site.objects.create(trial=trial, force=elsewhere, area="North")
    site_steps.due(trial=trial, force=elsewhere, kind="dpia", on=day(1), by=cast.other_force_user)
    with pytest.raises(NotPermitted):
        site_steps.due(trial=trial, force=elsewhere, kind="dpia", on=day(2), by=cast.force_user)
    other = step_url(trial, site=elsewhere.slug)
    assert "record this step" in words(sign_in(cast.force_user).get(other))
    assert sign_in(cast.force_user).post(other, {"act": "waive", "reason": "No."}).status_code == 403
    assert sign_in(cast.registrar).post(other, {"act": "do", "reference": "R1"}).status_code == 302
    assert sign_in(cast.analyst).post(other, {"act": "reopen", "reason": "No."}).status_code == 403
    assert status(sign_in(cast.researcher), other) == 404
    assert status(sign_in(cast.registrar), step_url(trial, "no-step")) == 404
    Site.objects.filter(trial=trial, force=elsewhere).delete()
    assert status(sign_in(cast.registrar), other) == 404


def test_what_is_late_waits_for_the_force_and_shows_in_the_checks(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    put(trial, cast.force_user)
    work = reverse("my-work")
    assert "Agreement steps that are late" in words(sign_in(cast.force_user).get(work))
    assert "Agreement steps that are late" not in words(sign_in(cast.registrar).get(work))
    assert "1 step is late." in words(sign_in(cast.registrar).get(address(trial, "trial-sites")))
    made = health_checks.check(trial=stages.fresh(trial))
    (said,) = (one for one in made.verdicts if one["check"] == "overdue")
    assert said["status"] == "amber"
    assert (
        f"Data protection impact assessment, Testshire Police (invented) since {day(-1):%-d %B %Y}"
        in said["said"]
    )
    stages.put(trial, Conduct.TERMINATED)
    assert not SiteStep.objects.late(timezone.localdate()).exists()


def test_a_force_is_ready_when_three_steps_are_settled(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    force = Force.objects.get(slug="testshire")
    assert trial.sites_not_ready == [force]
    page = address(trial, "trial-sites")
    assert "Not ready to open: Testshire Police (invented)." in words(sign_in(cast.registrar).get(page))
    for kind in ("sponsor", "data_sharing", "ethics"):
        site_steps.do(trial=trial, force=force, kind=kind, reference="On file", by=cast.registrar)
    assert trial.sites_not_ready == [force]
    site_steps.waive(trial=trial, force=force, kind="dpia", reason="No personal data.", by=cast.registrar)
    assert trial.sites_not_ready == []
    assert "Not ready to open" not in words(sign_in(cast.registrar).get(page))


@pytest.mark.parametrize(
    "half",
    [
        {"done_at": timezone.now()},
        {"reference": "On file"},
        {"not_needed_because": "No."},
        {"kind": "lunch"},
    ],
)
def test_the_database_keeps_each_fact_whole(cast: Any, half: dict[str, Any]) -> None:
    trial = stages.draft(cast)
    step = put(trial, cast.force_user)
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteStep.objects.filter(pk=step.pk).update(**half)
