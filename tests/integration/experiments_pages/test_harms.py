"""Harms: counted under the disclosure rule, told by arm only after the lock, and never a zero where nobody looked."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from centre.errors import Conflict, Invalid, NotPermitted
from experiments.account import shown_count
from experiments.actions import accounts, harms, trials
from experiments.models import Analysis, Harm, TeamMember, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, summary, words

pytestmark = pytest.mark.django_db
FOUND = {
    "name": "Injuries of officers",
    "was_found": True,
    "found_by": "systematic",
    "how": "Each team reported every shift.",
    "arm": "treatment",
    "n_events": 23,
    "n_units": 7,
    "severity": "minor",
    "relatedness": "possible",
    "action": "The briefing was changed.",
}
NONE = {"name": "Complaints", "was_found": False, "found_by": "records", "how": "The register was read."}


def told(trial: Trial, by: Any, given: dict[str, Any], **changed: Any) -> Harm:
    return harms.record(trial=stages.fresh(trial), by=by, **{**given, **changed})


@given(st.integers(min_value=1, max_value=10**6))
def test_no_count_below_ten_is_ever_shown(count: int) -> None:
    shown = shown_count(count, exact=False)
    assert (shown is None) == (count < 10)
    assert shown is None or (shown >= 10 and shown % 5 == 0 and abs(shown - count) <= 2)
    assert shown_count(count, exact=True) == count


def test_nothing_recorded_is_said_so_and_none_found_is_something_else(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client, page = sign_in(cast.force_user), address(trial, "trial-account")
    assert "Not recorded: neither a harm nor that anybody looked for one." in words(client.get(page))
    new = address(trial, "account-entry-new", "harms")
    sent = {**NONE, "was_found": "False", "arm": "-"}
    assert client.post(new, sent).status_code == 302
    text = words(client.get(page))
    assert "Looked for, and none found" in text
    assert "Not recorded: neither" not in text
    assert Harm.objects.get().n_events is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"was_found": ""}, "Choose whether it was found"),
        ({"was_found": "False", "found_by": "reported"}, "None was found only where somebody looked"),
        ({"name": ""}, "Name the harm, or choose a registered one"),
        ({"how": ""}, "Say how it was looked for or found"),
        ({"arm": ""}, "Choose an arm, or all arms together"),
        ({"n_events": ""}, "Enter how many events there were"),
        ({"n_events": "0"}, "Enter a whole number from 1 to 1,000,000"),
        ({"n_units": "some"}, "as a whole number"),
        ({"severity": ""}, "Choose how bad it was"),
        ({"relatedness": ""}, "Choose whether the tactic caused it"),
        ({"action": ""}, "Say what was done about it"),
    ],
)
def test_a_bad_answer_is_named_and_nothing_is_kept(
    cast: Any, sign_in: Any, changed: dict[str, str], message: str
) -> None:
    trial = stages.registered(cast)
    sent = {**FOUND, "was_found": "True", **changed}
    response = sign_in(cast.force_user).post(address(trial, "account-entry-new", "harms"), sent)
    assert response.status_code == 422
    assert message in summary(response)
    assert not Harm.objects.exists()


def test_before_the_lock_the_arm_is_told_to_its_writer_and_the_custodian(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    made = told(trial, cast.force_user, FOUND)
    name = next(one.label for one in trial.registration.frozen_protocol.arms if one.id == "treatment")
    page = address(trial, "trial-account")
    for person, knows in ((cast.force_user, True), (cast.custodian, True), (cast.registrar, False)):
        text = words(sign_in(person).get(page))
        assert (f"Injuries of officers, {name}" in text) is knows
        assert ("its arm is shown once the data are locked" in text) is not knows
    opened = sign_in(cast.registrar).get(address(trial, "account-entry-correct", "harms", made.public_id))
    assert "arm" not in fields_of(opened.context["form"])


def test_the_public_reads_rounded_counts_and_none_below_ten(cast: Any, sign_in: Any, client: Any) -> None:
    release = stages.published(cast)
    trial = release.trial
    first = told(trial, cast.force_user, FOUND, n_events=17)
    told(trial, cast.force_user, FOUND, corrects=first, correction_reason="Six more came to light.")
    told(trial, cast.registrar, NONE)
    for url in (
        address(trial, "trial-account"),
        address(trial, "release-detail", release.public_id),
    ):
        text = words(client.get(url))
        assert "Events 25 Units or people concerned fewer than 10" in text
        assert "Looked for, and none found" in text
        assert not re.search(
            r"\b(17|23|15) ", text.partition("Injuries of officers")[2].partition("Complaints")[0]
        )
    assert "Events 23 Units or people concerned 7" in words(
        sign_in(cast.registrar).get(address(trial, "trial-account"))
    )
    said = client.get(f"/api/v1/trials/{trial.number}/account/").json()["harms"]
    assert [(one["n_events"], one["n_units"], one["is_standing"]) for one in said] == [
        (25, None, True),
        (None, None, False),
        (None, None, True),
    ]
    for target, item in (("consort", "27"), ("who", "23")):
        items = client.get(f"/api/v1/trials/{trial.number}/exports/{target}/").json()["items"]
        text = next(one["text"] for one in items if one["item"] == item)
        assert "25 events, fewer than 10 units or people concerned" in text
        assert "looked for, and none found" in text


def test_an_analyst_of_the_trial_says_nothing_of_harms(cast: Any) -> None:
    trial = stages.registered(cast)
    TeamMember.objects.filter(trial=trial, user=cast.force_user).update(role="analyst")
    with pytest.raises(NotPermitted, match="Who analyses this trial"):
        told(trial, cast.force_user, NONE)
    made = told(trial, cast.registrar, NONE)
    row = {field.attname: getattr(made, field.attname) for field in made._meta.local_concrete_fields[2:]}
    with pytest.raises(DatabaseError), transaction.atomic():
        Harm.objects.create(**{**row, "by_id": cast.force_user.pk})
    with pytest.raises(NotPermitted):
        accounts.take_back(entry=made, reason="No.", by=cast.force_user)


def test_the_database_keeps_found_and_none_found_apart(cast: Any) -> None:
    made = told(stages.registered(cast), cast.registrar, FOUND)
    row = {field.attname: getattr(made, field.attname) for field in made._meta.local_concrete_fields[2:]}
    for changed in (
        {"was_found": False},
        {"n_events": None},
        {"n_units": 0},
        {"severity": ""},
        {"action": ""},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Harm.objects.create(**{**row, **changed})


def test_a_registered_harm_is_named_by_the_protocol(cast: Any) -> None:
    trial = stages.registered(cast)
    outcome = trial.registration.frozen_protocol.outcomes[0]
    made = told(trial, cast.registrar, NONE, outcome=outcome.id, name="")
    assert made.name == outcome.name
    for changed in ({"outcome": "nothing"}, {"arm": "nothing"}, {"found_by": "nothing"}):
        with pytest.raises(Invalid):
            told(trial, cast.registrar, NONE, **changed)


def test_who_has_recorded_a_harm_does_not_become_the_analyst(cast: Any) -> None:
    made = stages.analysed(cast)
    told(made.trial, cast.force_user, FOUND)
    TeamMember.objects.filter(trial=made.trial, user=cast.force_user).delete()
    with pytest.raises(Conflict, match="harms or losses"):
        trials.add_member(trial=made.trial, user=cast.force_user, role="analyst", by=cast.registrar)
    row = {field.attname: getattr(made, field.attname) for field in made._meta.local_concrete_fields[2:]}
    with pytest.raises(DatabaseError, match="who analyses a trial"), transaction.atomic():
        Analysis.objects.create(**{**row, "requested_by_id": cast.force_user.pk})
