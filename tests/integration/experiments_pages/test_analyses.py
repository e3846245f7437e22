"""Running the registered plan, and another that says post hoc for ever."""

import json
from typing import Any

import pytest
from django.urls import reverse

from experiments import tasks
from experiments.actions import analyses
from experiments.analysis.registered import registered
from experiments.models import Analysis
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, seen, status, summary, words

pytestmark = pytest.mark.django_db


def test_the_registered_plan_runs_with_its_progress(cast: Any, sign_in: Any) -> None:
    trial = stages.locked(cast)
    client = sign_in(cast.analyst)
    response = client.post(address(trial, "trial-analyses"), seen(trial))
    analysis = Analysis.objects.get()
    url = address(trial, "analysis-detail", analysis.public_id)
    assert response.headers["Location"] == url
    waiting = client.get(url)
    assert "Refresh this page" in words(waiting)
    assert f'hx-get="{reverse("run-progress", args=[analysis.run.pk])}"' in waiting.content.decode()
    tasks.analyse(str(analysis.run.pk))
    text = words(client.get(url))
    assert "Registered analysis" in text
    assert "lower with the treatment" in text
    assert "The whole interval is on the better side." in text
    assert "POST HOC" not in text
    for digest in (analysis.registration.sha256, analysis.plan_sha256, analysis.dataset.file_sha256):
        assert digest in text
    assert "<svg" in client.get(url).content.decode()


def test_nothing_runs_before_the_lock(cast: Any, sign_in: Any) -> None:
    trial = stages.with_data(cast)
    client = sign_in(cast.analyst)
    assert "Nothing can run before the data are locked" in words(client.get(address(trial, "trial-analyses")))
    before = refusals()
    response = client.post(address(trial, "trial-analyses"))
    assert response.status_code == 409
    assert "Lock the data first" in summary(response)
    assert refusals() == before + 1
    assert not Analysis.objects.exists()


def test_another_plan_is_post_hoc_for_ever(cast: Any, sign_in: Any) -> None:
    trial = stages.fresh(stages.analysed(cast).trial)
    client = sign_in(cast.analyst)
    url = address(trial, "analysis-post-hoc")
    plan = json.loads(client.get(url).context["form"]["plan_json"].value())
    plan["estimates"][0]["covariance"] = "HC3"
    plan["alpha"] = 0.1
    assert client.post(url, {"plan_json": json.dumps(plan), **seen(trial)}).status_code == 302
    analysis = Analysis.objects.get(is_registered=False)
    tasks.analyse(str(analysis.run.pk))
    text = words(client.get(address(trial, "analysis-detail", analysis.public_id)))
    assert "POST HOC" in text
    assert "90% interval" in text
    assert "95%" not in text
    assert "Post hoc" in words(client.get(address(trial, "trial-analyses")))


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("", "Write the plan"),
        ("{not json", "not JSON"),
        (
            '{"plan_version": 1, "estimates": [{"id": "X", "role": "primary", "estimator": "magic"}]}',
            "/estimates/0/estimator: 'magic' is not an estimator",
        ),
    ],
)
def test_a_plan_that_cannot_run_is_refused_and_kept(cast: Any, sign_in: Any, plan: str, message: str) -> None:
    trial = stages.fresh(stages.analysed(cast).trial)
    before = refusals()
    response = sign_in(cast.analyst).post(address(trial, "analysis-post-hoc"), {"plan_json": plan})
    assert response.status_code == 422
    assert message in summary(response)
    assert response.context["form"]["plan_json"].value() == plan
    assert refusals() == before + 1
    assert Analysis.objects.count() == 1


def test_the_registered_plan_comes_first(cast: Any, sign_in: Any) -> None:
    trial = stages.locked(cast)
    plan = json.dumps({**trial.protocol["analysis_plan"], "alpha": 0.1})
    response = sign_in(cast.analyst).post(address(trial, "analysis-post-hoc"), {"plan_json": plan})
    assert response.status_code == 409
    assert "Run the registered plan first" in summary(response)


def test_who_sees_and_runs(cast: Any, sign_in: Any) -> None:
    analysis = stages.analysed(cast)
    url = address(analysis.trial, "analysis-detail", analysis.public_id)
    for person, code in (
        (cast.analyst, 200),
        (cast.reviewer, 200),
        (cast.force_user, 403),
        (cast.custodian, 403),
        (cast.other_force_user, 403),
        (cast.researcher, 403),
    ):
        assert status(sign_in(person), url) == code, person
    assert sign_in(cast.anonymous).get(url).status_code == 302
    for person in (cast.registrar, cast.force_user, cast.custodian):
        assert sign_in(person).post(address(analysis.trial, "trial-analyses")).status_code == 403, person
    assert Analysis.objects.count() == 1


def test_an_analysis_of_another_trial_is_not_found(cast: Any, sign_in: Any) -> None:
    analysis = stages.analysed(cast)
    other = stages.empty(cast)
    assert status(sign_in(cast.analyst), address(other, "analysis-detail", analysis.public_id)) == 404


def test_the_checks_of_conduct_know_what_was_registered(cast: Any) -> None:
    trial = stages.locked(cast)
    analysis = analyses.request(trial=trial, by=cast.analyst)
    found = registered(Analysis.objects.get(run=analysis.run))
    assert trial.allocation is not None
    assert found.assignment == dict(trial.allocation.assignments.values_list("unit", "arm"))
    assert found.shares == {"control": 1.0, "treatment": 1.0}
    assert found.is_fixed
    assert found.planned_dose == {"treatment": 1.0}
    assert found.integrity_floor == trial.registration.frozen_protocol.decision.integrity_floor
