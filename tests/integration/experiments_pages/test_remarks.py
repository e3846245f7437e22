"""Limitations, interpretations, and why a trial was stopped or is not published."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from centre.errors import Conflict
from experiments.actions import explanations, remarks
from experiments.lifecycle import Conduct
from experiments.models import Explanation, Remark
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, summary, words

pytestmark = pytest.mark.django_db


def test_a_limitation_is_written_corrected_and_public_with_the_results(
    cast: Any, sign_in: Any, client: Any
) -> None:
    release = stages.published(cast)
    trial, team = release.trial, sign_in(cast.force_user)
    new = address(trial, "account-entry-new", "remarks")
    assert team.post(new, {"kind": "limitation", "text": "One force alone."}).status_code == 302
    assert team.post(new, {"kind": "generalisability", "text": "Towns like it."}).status_code == 302
    first = Remark.objects.get(kind="limitation")
    correct = address(trial, "account-entry-correct", "remarks", first.public_id)
    answers = fields_of(team.get(correct).context["form"])
    assert answers["text"] == "One force alone."
    answers |= {"text": "Two forces alone.", "correction_reason": "There were two."}
    assert team.post(correct, answers).status_code == 302
    for url in (address(trial, "trial-account"), address(trial, "release-detail", release.public_id)):
        text = words(client.get(url))
        assert "Two forces alone." in text
        assert "Towns like it." in text
        assert "Corrected on" in text
    items = {
        one["item"]: one["text"]
        for one in client.get(f"/api/v1/trials/{trial.number}/exports/consort/").json()["items"]
    }
    assert (items["29"], items["30"]) == ("Towns like it.", "Two forces alone.")
    said = client.get(f"/api/v1/trials/{trial.number}/account/").json()["remarks"]
    assert [one["is_standing"] for one in said] == [True, False, True]


def test_why_it_is_not_published_is_public_at_once(cast: Any, sign_in: Any, client: Any) -> None:
    trial = stages.delivering(cast)
    sent = {"about": "not_published", "code": "procurement", "text": "The analyst is not hired yet."}
    new = address(trial, "account-entry-new", "explanations")
    assert sign_in(cast.registrar).post(new, sent).status_code == 302
    remarks.record(trial=stages.fresh(trial), kind="limitation", text="Hidden yet.", by=cast.force_user)
    text = words(client.get(address(trial, "trial-account")))
    assert "Procurement The analyst is not hired yet." in text
    assert "Hidden yet." not in text
    said = client.get(f"/api/v1/trials/{trial.number}/account/").json()
    assert [one["code"] for one in said["explanations"]] == ["procurement"]
    assert said["remarks"] is None
    path = f"/api/v1/trials/{trial.number}/exports/uk-evaluation-registry/"
    found = {one["item"]: one["text"] for one in client.get(path).json()["items"]}
    assert found["unpublished"] == "Procurement: The analyst is not hired yet."


@pytest.mark.parametrize(
    ("kind", "sent", "message"),
    [
        ("remarks", {"text": "x"}, "Choose what you write about"),
        ("remarks", {"kind": "limitation", "text": " "}, "Write the text"),
        ("explanations", {"code": "other", "text": "x"}, "Choose what you explain"),
        ("explanations", {"about": "not_published", "text": "x"}, "Choose the kind of reason"),
        ("explanations", {"about": "not_published", "code": "other", "text": ""}, "Say why"),
    ],
)
def test_a_bad_answer_is_named(
    cast: Any, sign_in: Any, kind: str, sent: dict[str, str], message: str
) -> None:
    trial = stages.registered(cast)
    response = sign_in(cast.force_user).post(address(trial, "account-entry-new", kind), sent)
    assert response.status_code == 422
    assert message in summary(response)


def test_only_what_is_the_case_is_explained(cast: Any) -> None:
    trial = stages.registered(cast)
    given = {"code": "resource", "text": "No officers.", "by": cast.registrar}
    with pytest.raises(Conflict, match="neither stopped nor suspended"):
        explanations.record(trial=trial, about="stopped", **given)
    stages.put(trial, Conduct.NEVER_STARTED)
    explanations.record(trial=stages.fresh(trial), about="stopped", **given)
    released = stages.published(cast).trial
    with pytest.raises(Conflict, match="are published"):
        explanations.record(trial=stages.fresh(released), about="not_published", **given)


def test_the_database_knows_the_kinds(cast: Any) -> None:
    trial = stages.registered(cast)
    one = remarks.record(trial=trial, kind="interpretation", text="It helps.", by=cast.registrar)
    other = explanations.record(
        trial=trial, about="not_published", code="signoff", text="It is read.", by=cast.registrar
    )
    for made, changed in (
        (one, {"kind": "x"}),
        (other, {"about": "x"}),
        (other, {"code": "x"}),
        (other, {"correction_reason": "Alone."}),
    ):
        row = {field.attname: getattr(made, field.attname) for field in made._meta.local_concrete_fields[2:]}
        with pytest.raises(DatabaseError), transaction.atomic():
            type(made).objects.create(**{**row, **changed})
    assert (Remark.objects.count(), Explanation.objects.count()) == (1, 1)
