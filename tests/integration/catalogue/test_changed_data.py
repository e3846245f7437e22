"""[93] Who asks for an analysis of the data that they saw gets no other: the change is told, and nothing is begun."""

import io
import json
from typing import Any

import pytest
from django.test import Client

from centre import tokens
from centre.models import Run
from experiments import tasks
from experiments.actions import datasets
from experiments.models import Analysis, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, refusals, summary, words

pytestmark = pytest.mark.django_db
CHANGED = "The data changed since you opened this page; look again and submit again"


def replace(trial: Trial, by: Any) -> str:
    """Let another version of the outcome data be accepted; return its hash."""
    file = io.BytesIO(stages.outcomes(trial, extra=1))
    run = datasets.receive(trial=trial, file=file, reason="Two rows were late.", by=by)
    tasks.ingest(str(run.pk))
    newest = stages.fresh(trial).newest_outcomes
    assert newest is not None
    assert newest.version == 2
    return newest.file_sha256


@pytest.mark.parametrize("name", ["trial-analyses", "analysis-post-hoc"])
def test_a_page_does_not_run_on_data_it_did_not_show(cast: Any, sign_in: Any, name: str) -> None:
    trial = stages.locked(cast) if name == "trial-analyses" else stages.fresh(stages.analysed(cast).trial)
    client, url = sign_in(cast.analyst), address(trial, name)
    opened = client.get(url)
    assert "It will run on Outcomes, version 1" in words(opened)
    typed = fields_of(opened.context["form"])
    if "plan_json" in typed:
        typed["plan_json"] = json.dumps({**trial.protocol["analysis_plan"], "alpha": 0.1})
    newest = replace(trial, cast.force_user)

    before, runs, made = refusals(), Run.objects.count(), Analysis.objects.count()
    refused = client.post(url, typed)
    assert refused.status_code == 409
    assert CHANGED in summary(refused)
    assert "It will run on Outcomes, version 2" in words(refused)
    assert (refusals(), Run.objects.count(), Analysis.objects.count()) == (before + 1, runs, made)

    again = fields_of(refused.context["form"])
    assert again == {**typed, "seen": newest}, "what was typed stays, and the page speaks of the new version"
    assert client.post(url, again).status_code == 302
    assert Analysis.objects.first().dataset.file_sha256 == newest


def test_a_form_that_does_not_say_what_was_seen_is_refused(cast: Any, sign_in: Any) -> None:
    trial = stages.locked(cast)
    assert sign_in(cast.analyst).post(address(trial, "trial-analyses")).status_code == 409
    assert not Analysis.objects.exists()


def test_the_api_does_not_run_on_data_that_came_since(cast: Any) -> None:
    trial = stages.locked(cast)
    seen = trial.newest_outcomes.file_sha256
    newest = replace(trial, cast.force_user)
    key = tokens.make(name="t", scope="write", days=1, by=cast.analyst)[1]

    def ask(sha256: str) -> Any:
        return Client().post(
            f"/api/v1/trials/{trial.ref}/analyses/",
            {"seen_sha256": sha256},
            content_type="application/json",
            headers={"Authorization": f"Token {key}"},
        )

    before, runs = refusals(), Run.objects.count()
    refused = ask(seen)
    assert refused.status_code == 409
    assert CHANGED in refused.json()["detail"]
    assert (refusals(), Run.objects.count()) == (before + 1, runs)
    assert not Analysis.objects.exists()
    assert ask("version 1").json()["errors"][0]["pointer"] == "/seen_sha256"
    assert ask(newest).status_code == 202
    assert Analysis.objects.get().dataset.file_sha256 == newest
