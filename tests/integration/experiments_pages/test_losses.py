"""Losses: people give the reasons, the data give the numbers, and where the two do not agree the page says so."""

import csv
import io
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from centre.errors import Invalid, NotPermitted
from experiments.account import loss_checks
from experiments.actions import allocations, losses
from experiments.models import Loss, TeamMember, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, summary, words

pytestmark = pytest.mark.django_db
MOVED = {"stage": "no_outcome", "arm": "control", "n_units": 3, "reason": "They moved away."}


def told(trial: Trial, by: Any, **changed: Any) -> Loss:
    return losses.record(trial=stages.fresh(trial), by=by, **{**MOVED, **changed})


@pytest.fixture
def three_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave three units of the control arm without an outcome."""
    whole = stages.outcomes

    def some(trial: Trial) -> bytes:
        rows = list(csv.reader(io.StringIO(whole(trial).decode())))
        gone = [row for row in rows if row[1] == "control"][:3]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(row for row in rows if row not in gone)
        return text.getvalue().encode()

    monkeypatch.setattr(stages, "outcomes", some)


def released(cast: Any) -> Trial:
    trial: Trial = stages.published(cast).trial
    allocations.reveal(trial=stages.fresh(trial), by=cast.custodian)
    return stages.fresh(trial)


def test_reasons_and_data_are_compared_arm_by_arm(
    cast: Any, sign_in: Any, client: Any, three_missing: None
) -> None:
    trial = released(cast)
    flow, team = address(trial, "trial-flow"), sign_in(cast.registrar)
    text = words(team.get(flow))
    assert "Not recorded: no loss, and no reason of one, is on record." in text
    assert "3 without a primary outcome in the data; reasons are given for 0. They do not agree" in text
    first = told(trial, cast.force_user, n_units=2)
    told(trial, cast.force_user, stage="left_out", n_units=4)
    told(trial, cast.force_user, period="May", n_units=5)
    told(trial, cast.force_user, arm="treatment", stage="not_treated", n_units=11, reason="Refused.")
    found = {one.arm: one for one in loss_checks(trial, cast.registrar, exact=True)}
    (control, treated) = (one.label for one in trial.registration.frozen_protocol.arms)
    if "ontrol" not in control and found[control].missing == 0:
        control, treated = treated, control
    assert (found[control].missing, found[control].explained, found[control].agrees) == (3, 2, False)
    assert (found[treated].missing, found[treated].explained, found[treated].agrees) == (0, 0, True)
    told(trial, cast.force_user, corrects=first, correction_reason="One more moved.")
    checks = {one.arm: one.agrees for one in loss_checks(trial, cast.registrar, exact=True)}
    assert set(checks.values()) == {True}
    text = words(client.get(flow))
    assert "They do not agree" not in text
    assert "fewer than 10 without a primary outcome in the data" in text
    assert "Did not get what its arm calls for 10 Refused." in text
    said = client.get(f"/api/v1/trials/{trial.number}/flow/").json()["lost"]
    assert {(one["missing"], one["explained"], one["agrees"]) for one in said} == {(None, None, True)}
    entries = client.get(f"/api/v1/trials/{trial.number}/account/").json()["losses"]
    assert [one["n_units"] for one in entries if one["stage"] == "not_treated"] == [10]
    items = client.get(f"/api/v1/trials/{trial.number}/exports/consort/").json()["items"]
    assert "fewer than 10 units, no outcome could be measured. Why: They moved away." in next(
        one["text"] for one in items if one["item"] == "22b"
    )


def test_an_export_says_where_the_reasons_fall_short(cast: Any, client: Any, three_missing: None) -> None:
    trial = released(cast)
    items = client.get(f"/api/v1/trials/{trial.number}/exports/consort/").json()["items"]
    said = next(one["text"] for one in items if one["item"] == "22b")
    assert "the reasons given do not account for the outcomes that the data miss" in said


def test_nothing_is_compared_before_the_draw_is_open(cast: Any, sign_in: Any) -> None:
    trial = stages.analysed(cast).trial
    told(trial, cast.force_user)
    assert loss_checks(trial, cast.registrar, exact=True) == []
    assert loss_checks(trial, cast.anonymous, exact=False) == []
    assert len(loss_checks(trial, cast.custodian, exact=True)) == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"stage": ""}, "Choose what happened to them"),
        ({"arm": ""}, "Choose an arm, or all arms together"),
        ({"arm": "-"}, "Choose an arm: this trial draws them"),
        ({"n_units": ""}, "Enter how many units"),
        ({"n_units": "0"}, "Enter how many units, from 1"),
        ({"reason": " "}, "Say why they were lost"),
        ({"period": "x" * 41}, "The period must be 40 characters or fewer"),
    ],
)
def test_a_bad_answer_is_named_and_nothing_is_kept(
    cast: Any, sign_in: Any, changed: dict[str, str], message: str
) -> None:
    trial = stages.registered(cast)
    response = sign_in(cast.force_user).post(
        address(trial, "account-entry-new", "losses"), {**MOVED, **changed}
    )
    assert response.status_code == 422
    assert message in summary(response)
    assert not Loss.objects.exists()


def test_an_analyst_of_the_trial_says_nothing_of_losses(cast: Any) -> None:
    trial = stages.registered(cast)
    TeamMember.objects.filter(trial=trial, user=cast.force_user).update(role="analyst")
    with pytest.raises(NotPermitted, match="Who analyses this trial"):
        told(trial, cast.force_user)
    made = told(trial, cast.registrar)
    with pytest.raises(Invalid):
        told(trial, cast.registrar, arm="nothing")
    row = {field.attname: getattr(made, field.attname) for field in made._meta.local_concrete_fields[2:]}
    for changed in ({"by_id": cast.force_user.pk}, {"n_units": 0}, {"stage": "gone"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Loss.objects.create(**{**row, **changed})
