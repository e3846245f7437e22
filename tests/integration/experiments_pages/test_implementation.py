"""Delivery and cost: asked for before a trial is completed, measured or with the reason why not."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from centre.errors import Conflict
from experiments.actions import accounts, conduct, implementations
from experiments.lifecycle import TransitionRefused
from experiments.models import Implementation
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, summary, words

pytestmark = pytest.mark.django_db
MEASURED = {
    "delivered": "Two visits to each household.",
    "by_whom": "Neighbourhood teams.",
    "adaptation": "Nothing was adapted.",
    "staff_hours": "1240.5",
    "hours_basis": "measured",
    "cost": "18250.00",
    "price_year": "2025",
    "payer": "The force.",
    "cost_covers": "Staff time and training; no research.",
}


def test_a_trial_is_completed_after_it_was_told(cast: Any, sign_in: Any) -> None:
    trial = stages.analysed(cast).trial
    with pytest.raises(TransitionRefused, match="what was delivered and what it took"):
        conduct.advance(trial=stages.fresh(trial), to="completed", by=cast.registrar)
    client, page = sign_in(cast.force_user), address(trial, "trial-account")
    assert "Record what was delivered and what it took" in words(client.get(page))
    new = address(trial, "account-entry-new", "implementation")
    assert client.post(new, MEASURED).status_code == 302
    text = words(client.get(page))
    assert "1,240.5 (measured in the trial)" in text
    assert "£18,250.00 in prices of 2025, paid by The force." in text
    again = client.post(new, MEASURED)
    assert (again.status_code, "Correct that entry" in summary(again)) == (409, True)
    made = Implementation.objects.get()
    correct = address(trial, "account-entry-correct", "implementation", made.public_id)
    answers = fields_of(client.get(correct).context["form"])
    answers |= {"by_whom": "Response teams.", "correction_reason": "They were others."}
    assert client.post(correct, answers).status_code == 302
    standing = Implementation.objects.standing().get()
    assert (standing.by_whom, standing.staff_hours) == ("Response teams.", made.staff_hours)
    accounts.take_back(entry=standing, reason="Of another trial.", by=cast.force_user)
    with pytest.raises(TransitionRefused):
        conduct.advance(trial=stages.fresh(trial), to="completed", by=cast.registrar)
    implementations.record(trial=trial, **stages.DELIVERED, by=cast.registrar)
    conduct.advance(trial=stages.fresh(trial), to="completed", by=cast.registrar)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"delivered": " "}, "Say what was delivered"),
        ({"by_whom": ""}, "Say who delivered it"),
        ({"adaptation": ""}, "Say what was adapted, or that nothing was"),
        ({"staff_hours": ""}, "Enter the staff hours, or say why they were not measured"),
        ({"staff_hours": "many"}, "Enter the staff hours as a number"),
        ({"staff_hours": "-1"}, "greater than or equal to 0"),
        ({"hours_basis": ""}, "Choose where the hours come from"),
        ({"hours_not_measured_because": "No."}, "Leave this blank where you enter the hours"),
        ({"cost": ""}, "Enter the cost, or say why it was not measured"),
        ({"cost": "NaN"}, "Enter the cost as a number"),
        ({"price_year": ""}, "Enter the year of the prices"),
        ({"price_year": "2999"}, "Enter the year of the prices"),
        ({"payer": ""}, "Say who paid"),
        ({"cost_covers": ""}, "Say what the cost covers"),
        ({"cost_not_measured_because": "No."}, "Leave this blank where you enter the cost"),
    ],
)
def test_a_bad_answer_is_named_and_nothing_is_kept(
    cast: Any, sign_in: Any, changed: dict[str, str], message: str
) -> None:
    trial = stages.registered(cast)
    url = address(trial, "account-entry-new", "implementation")
    response = sign_in(cast.force_user).post(url, {**MEASURED, **changed})
    assert response.status_code == 422
    assert message in summary(response)
    assert not Implementation.objects.exists()


def test_the_database_keeps_a_number_or_its_excuse(cast: Any) -> None:
    trial = stages.registered(cast)
    made = implementations.record(trial=trial, **stages.DELIVERED, by=cast.registrar)
    with pytest.raises(Conflict):
        implementations.record(trial=trial, **stages.DELIVERED, by=cast.registrar)
    row = {field.attname: getattr(made, field.attname) for field in made._meta.local_concrete_fields[2:]}
    for changed in (
        {"hours_not_measured_because": ""},
        {"staff_hours": 5},
        {"hours_basis": "measured"},
        {"cost_not_measured_because": ""},
        {"cost": 5, "cost_not_measured_because": ""},
        {"price_year": 2025},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Implementation.objects.create(**{**row, **changed})


def test_the_api_and_the_export_say_it(cast: Any, client: Any) -> None:
    trial = stages.published(cast).trial
    (told,) = [
        implementations.record(
            trial=trial,
            **{**stages.DELIVERED, "hours_not_measured_because": ""},
            staff_hours=1240,
            hours_basis="estimate",
            by=cast.force_user,
        )
    ]
    said = client.get(f"/api/v1/trials/{trial.number}/account/").json()["implementation"]
    assert [(one["id"], one["staff_hours"], one["cost"]) for one in said] == [
        (str(told.public_id), 1240.0, None)
    ]
    items = client.get(f"/api/v1/trials/{trial.number}/exports/consort/").json()["items"]
    text = next(one["text"] for one in items if one["item"] == "24a")
    assert "Staff hours: 1,240" in text
    assert "Cost: not measured because: Nobody counted it." in text
