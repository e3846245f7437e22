"""Design diagnosis: asked for by those who write and review, done in parts by any workers, kept as it came out."""

from typing import Any

import pytest
from django.urls import reverse

from centre.errors import Conflict, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent, Run
from experiments import tasks
from experiments.actions import diagnoses
from experiments.models import Diagnosis, DiagnosisPart
from experiments.stats import diagnosis as simulation
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db

ANSWERS = {
    "n_units": 40,
    "attrition": 0.0,
    "mean__0": 20.0,
    "spread__0": 2.0,
    "effect__0": -0.3,
    "replicates": 200,
}


@pytest.fixture(autouse=True)
def two_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try no effect and the stated one, which is what most tests look at."""
    monkeypatch.setattr(simulation, "FACTORS", (0.0, 1.0))


def asked(trial: Any, by: Any) -> Diagnosis:
    """Return a diagnosis of two parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnoses, "IN_ONE_PART", 12)
        return diagnoses.request(trial=trial, answers={**ANSWERS, "replicates": 24}, by=by)


def done(diagnosis: Diagnosis, *, backwards: bool = False) -> Diagnosis:
    """Let a worker do every part."""
    parts = list(diagnosis.parts.order_by("-first" if backwards else "first"))
    for part in parts:
        tasks.diagnose(str(part.run_id))
    return Diagnosis.objects.get(pk=diagnosis.pk)


def test_a_diagnosis_is_asked_for_watched_and_read(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    assert address(trial, "trial-diagnosis") in client.get(address(trial, "trial-protocol")).content.decode()
    empty = client.get(address(trial, "trial-diagnosis"))
    assert "This design has not been diagnosed yet" in words(empty)
    response = client.post(address(trial, "trial-diagnosis"), ANSWERS)
    diagnosis = Diagnosis.objects.get()
    url = address(trial, "diagnosis-detail", diagnosis.public_id)
    assert response.headers["Location"] == url
    assert diagnosis.parts.count() == 8
    text = words(client.get(url))
    assert "Waiting for a worker" in text
    assert "Progress: 0%" in text
    first, *others = diagnosis.parts.all()
    tasks.diagnose(str(first.run_id))
    assert "Progress: 12%" in words(client.get(url))
    for part in others:
        tasks.diagnose(str(part.run_id))
    page = client.get(url)
    text = words(page)
    assert "The plan finds a true effect of −6 in" in text
    assert "and an effect where there is none in" in text
    assert "Count: mean 20, spread 2, effect -0.3" in text
    assert "<svg" in page.content.decode()
    diagnosis.refresh_from_db()
    for digest in (diagnosis.protocol_sha256, diagnosis.parameters_sha256, diagnosis.document_sha256):
        assert digest in text
    newest = words(client.get(address(trial, "trial-diagnosis")))
    assert "What the newest diagnosis of this protocol says" in newest
    assert AuditEvent.objects.filter(event="diagnosis.finished").count() == 1


def test_the_order_of_the_parts_changes_no_byte(cast: Any) -> None:
    trial = stages.draft(cast)
    one, other = done(asked(trial, cast.force_user)), done(asked(trial, cast.force_user), backwards=True)
    assert one.document_sha256 == other.document_sha256 != ""
    assert one.parameters_sha256 == other.parameters_sha256


def test_a_finished_diagnosis_cannot_change(cast: Any) -> None:
    diagnosis = done(asked(stages.draft(cast), cast.force_user))
    with pytest.raises(Frozen):
        diagnosis.save()
    with pytest.raises(Frozen):
        Diagnosis.objects.filter(pk=diagnosis.pk).update(document=None)
    part = diagnosis.parts.first()
    assert part
    tasks.diagnose(str(part.run_id))  # a message that comes twice does nothing
    assert Diagnosis.objects.get(pk=diagnosis.pk).document_sha256 == diagnosis.document_sha256


def test_a_part_whose_worker_died_is_done_again(cast: Any) -> None:
    diagnosis = asked(stages.draft(cast), cast.force_user)
    part = diagnosis.parts.first()
    assert part
    Run.objects.filter(pk=part.run_id).update(
        state="running", attempt=1, fence=1, lease_owner="elsewhere:1:1:x", lease_until="2020-01-01T00:00Z"
    )
    assert done(diagnosis).is_finished
    assert Run.objects.get(pk=part.run_id).attempt == 2


def test_a_cancelled_diagnosis_begins_nothing_more(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    diagnosis = asked(trial, cast.force_user)
    tasks.diagnose(str(diagnosis.parts.all()[0].run_id))
    url = address(trial, "diagnosis-detail", diagnosis.public_id)
    client = sign_in(cast.force_user)
    assert "Cancel this diagnosis" in words(client.get(url))
    client.post(address(trial, "diagnosis-cancel", diagnosis.public_id))
    assert not done(diagnosis).is_finished
    assert DiagnosisPart.objects.filter(runs__isnull=False).count() == 1
    text = words(client.get(url))
    assert "It was cancelled" in text
    assert "Cancel this diagnosis" not in text
    again = client.post(address(trial, "diagnosis-cancel", diagnosis.public_id), follow=True)
    assert "has already ended" in words(again)


def test_a_failed_part_stops_the_rest_and_says_why(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    diagnosis = asked(trial, cast.force_user)
    first, second = diagnosis.parts.all()
    Run.objects.filter(pk=first.run_id).update(
        state="failed", finished_at="2026-01-01T00:00Z", error="The worker was lost 3 times."
    )
    tasks.diagnose(str(second.run_id))
    assert not Diagnosis.objects.get(pk=diagnosis.pk).is_finished
    assert "Another part of this diagnosis was stopped" in Run.objects.get(pk=second.run_id).error
    text = words(sign_in(cast.force_user).get(address(trial, "diagnosis-detail", diagnosis.public_id)))
    assert "It was ended: The worker was lost 3 times." in text


@pytest.mark.parametrize("name", ["force_user", "registrar", "reviewer"])
def test_who_writes_and_who_reviews_may_ask(cast: Any, name: str) -> None:
    assert asked(stages.draft(cast), getattr(cast, name)).requested_by == getattr(cast, name)


def test_nobody_else_may(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    diagnosis = asked(trial, cast.force_user)
    with pytest.raises(NotPermitted):
        asked(trial, cast.checker)
    pages = (address(trial, "trial-diagnosis"), address(trial, "diagnosis-detail", diagnosis.public_id))
    for url in pages:
        assert status(sign_in(cast.checker), url) == 200  # centre staff read
        for stranger in (cast.other_force_user, cast.researcher):
            assert status(sign_in(stranger), url) == 404
        assert status(sign_in(cast.anonymous), url) == 302
    assert "Ask for a diagnosis" not in words(sign_in(cast.checker).get(pages[0]))
    before = refusals()
    assert sign_in(cast.checker).post(pages[0], ANSWERS).status_code == 403
    cancel = address(trial, "diagnosis-cancel", diagnosis.public_id)
    assert sign_in(cast.checker).post(cancel).status_code == 403
    assert refusals() == before + 2
    elsewhere = stages.empty(cast)
    assert (
        status(sign_in(cast.force_user), address(elsewhere, "diagnosis-detail", diagnosis.public_id)) == 404
    )


def test_what_cannot_be_drawn_is_refused_at_its_field(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    url = address(trial, "trial-diagnosis")
    response = sign_in(cast.force_user).post(url, {**ANSWERS, "effect__0": "-0.6", "attrition": "2"})
    assert response.status_code == 422
    assert "Twice the effect must leave a count above 0" in summary(response)
    assert "#effect__0" in response.content.decode()
    assert "The share lost must be at least 0" in summary(response)
    response = sign_in(cast.force_user).post(url, {"replicates": "200"})
    assert "Enter the mean of" in summary(response)
    assert not Diagnosis.objects.exists()


def test_without_a_plan_there_is_nothing_to_run(cast: Any, sign_in: Any) -> None:
    trial = stages.empty(cast)
    url = address(trial, "trial-diagnosis")
    assert "Write the analysis plan first" in words(sign_in(cast.force_user).get(url))
    assert sign_in(cast.force_user).post(url, ANSWERS).status_code == 409


def test_three_at_once_are_enough(cast: Any) -> None:
    trial = stages.draft(cast)
    for _ in range(diagnoses.MOST_AT_ONCE):
        asked(trial, cast.force_user)
    with pytest.raises(Conflict, match="Three diagnoses"):
        asked(trial, cast.force_user)


def test_the_reviewer_is_led_to_the_diagnosis_of_this_very_text(cast: Any, sign_in: Any) -> None:
    trial = stages.submitted(cast)
    client = sign_in(cast.reviewer)
    assert "has no design diagnosis yet" in words(client.get(address(trial, "trial-review")))
    diagnosis = done(asked(trial, cast.reviewer))
    page = client.get(address(trial, "trial-review"))
    assert "The design was diagnosed on" in words(page)
    assert address(trial, "diagnosis-detail", diagnosis.public_id) in page.content.decode()


def test_a_diagnosis_of_an_earlier_edition_says_so(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    diagnosis = done(asked(trial, cast.force_user))
    document = stages.fresh(trial).protocol
    document["sample_size"]["planned_units"] = 44
    type(trial).objects.filter(pk=trial.pk).update(protocol=document)
    client = sign_in(cast.force_user)
    url = address(trial, "diagnosis-detail", diagnosis.public_id)
    assert "The protocol has changed since" in words(client.get(url))
    assert "An earlier edition" in words(client.get(address(trial, "trial-diagnosis")))


def test_the_parts_do_not_crowd_my_work(cast: Any, sign_in: Any) -> None:
    asked(stages.draft(cast), cast.force_user)
    assert "part 1 of" not in words(sign_in(cast.force_user).get(reverse("my-work")))
