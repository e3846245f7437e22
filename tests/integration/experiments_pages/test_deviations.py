"""Deviations from the protocol: told by the team, stamped by the registry, corrected only by a later entry."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from centre.errors import Conflict, Invalid, NotFound, NotPermitted
from centre.models import AuditEvent
from experiments.actions import accounts, amendments, analyses, deviations
from experiments.analysis import threats
from experiments.models import Deviation, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, status, summary, words

pytestmark = pytest.mark.django_db
POINTER = "/arms/0/must_happen"
SENT = {
    "pointer": POINTER,
    "what": "Two visits came on the third day.",
    "happened_on_0": "2",
    "happened_on_1": "3",
    "happened_on_2": "2026",
    "reason": "Snow.",
    "effect": "None is expected: both arms had snow.",
}


def told(trial: Trial, by: Any, **changed: Any) -> Deviation:
    given = {
        "pointer": POINTER,
        "what": "Two visits came on the third day.",
        "happened_on": dt.date(2026, 3, 2),
        "reason": "Snow.",
        "effect": "None is expected.",
    }
    return deviations.record(trial=stages.fresh(trial), by=by, **{**given, **changed})


def sent_form(**changed: str) -> dict[str, str]:
    parts = {"happened_on_0": "day", "happened_on_1": "month", "happened_on_2": "year"}
    given = {f"happened_on_{parts[name]}" if name in parts else name: value for name, value in SENT.items()}
    return {**given, **changed}


def test_the_team_records_and_the_registry_stamps(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client = sign_in(cast.force_user)
    assert "No deviation is on record." in words(client.get(address(trial, "trial-account")))
    new = address(trial, "account-entry-new", "deviations")
    assert client.post(new, sent_form()).status_code == 302
    text = words(client.get(address(trial, "trial-account")))
    assert "Two visits came on the third day." in text
    assert "2 March 2026" in text
    assert "before any analysis of outcomes by arm had been asked for" in text
    made = Deviation.objects.get()
    assert (made.outcome_data_opened, made.registration.version) == (False, "1.0")
    assert AuditEvent.objects.get(event="deviation.recorded").detail["entry"] == str(made.public_id)


def test_after_an_analysis_the_stamp_says_so_and_the_database_insists(cast: Any) -> None:
    trial = stages.analysed(cast).trial
    made = told(trial, cast.registrar)
    assert made.outcome_data_opened
    assert made.outcome_data_evidence["analyses"]
    row = {field.attname: getattr(made, field.attname) for field in made._meta.local_concrete_fields[2:]}
    with pytest.raises(DatabaseError), transaction.atomic():
        Deviation.objects.create(**{**row, "outcome_data_opened": False})


def test_the_rating_counts_what_was_changed_once_outcomes_by_arm_had_been_opened(cast: Any) -> None:
    """As it is for amendments: what was told blind, or of a field that may change at any time, threatens nothing."""
    trial = stages.locked(cast)
    told(trial, cast.force_user)
    analyses.request(trial=stages.fresh(trial), by=cast.analyst)
    told(trial, cast.force_user, pointer="/design/contamination_plan")
    assert threats._disclosed(trial) == 0
    major = told(trial, cast.force_user)
    assert threats._disclosed(trial) == 1
    accounts.take_back(entry=major, reason="It was another trial.", by=cast.force_user)
    assert threats._disclosed(trial) == 0
    document = stages.amended(stages.fresh(trial))
    document["decision"]["integrity_floor"] = 0.7
    made = amendments.propose(
        trial=stages.fresh(trial),
        document=document,
        reason_code="error",
        reason="A slip.",
        by=cast.force_user,
    )
    amendments.decide(amendment=made, decision="approve", by=cast.reviewer)
    assert threats._disclosed(trial) == 0, "the team may still object"
    stages.past_objections(made)
    assert threats._disclosed(trial) == 1


def test_a_correction_stands_in_its_place_and_both_stay(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    first = told(trial, cast.force_user)
    client = sign_in(cast.registrar)
    correct = address(trial, "account-entry-correct", "deviations", first.public_id)
    opened = client.get(correct)
    answers = fields_of(opened.context["form"])
    assert answers["what"] == "Two visits came on the third day."
    empty = client.post(correct, answers)
    assert (empty.status_code, "Say why the earlier entry was wrong" in summary(empty)) == (422, True)
    answers |= {"what": "Three visits came late.", "correction_reason": "One was missed."}
    assert client.post(correct, answers).status_code == 302
    text = words(client.get(address(trial, "trial-account")))
    assert "Three visits came late." in text
    assert "One was missed." in text
    assert "Two visits came on the third day." in text
    (standing,) = Deviation.objects.standing()
    assert standing.corrects == first
    again = client.post(correct, answers)
    assert again.status_code == 409
    assert "A later entry has replaced this one" in summary(again)


def test_an_entry_is_taken_back_and_can_still_be_read(cast: Any, sign_in: Any) -> None:
    trial = stages.analysed(cast).trial
    first = told(trial, cast.force_user)
    client = sign_in(cast.force_user)
    back = address(trial, "account-entry-take-back", "deviations", first.public_id)
    assert "Say why" in summary(client.post(back, {"reason": " "}))
    assert client.post(back, {"reason": "It was another trial."}).status_code == 302
    assert not Deviation.objects.standing().exists()
    text = words(client.get(address(trial, "trial-account")))
    assert "Taken back" in text
    assert "It was another trial." in text
    assert "Two visits came on the third day." in text
    with pytest.raises(accounts.AlreadyCorrected):
        accounts.take_back(entry=Deviation.objects.get(pk=first.pk), reason="Again.", by=cast.force_user)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pointer": "/arms/7/label"}, "Select a valid choice"),
        ({"pointer": ""}, "Choose a field of the registered protocol"),
        ({"what": " "}, "Say what happened"),
        ({"what": "Ask pc@testshire.example about it."}, "This looks like personal data"),
        ({"happened_on_year": "2999"}, "must be today or in the past"),
        ({"reason": ""}, "Say why it happened"),
        ({"effect": ""}, "Say what it may do to the results"),
    ],
)
def test_a_bad_answer_is_named_and_nothing_is_kept(
    cast: Any, sign_in: Any, changed: dict[str, str], message: str
) -> None:
    trial = stages.registered(cast)
    new = address(trial, "account-entry-new", "deviations")
    response = sign_in(cast.force_user).post(new, sent_form(**changed))
    assert response.status_code == 422
    assert message in summary(response)
    assert "both arms had snow" in response.content.decode() or "effect" in changed
    assert not Deviation.objects.exists()


def test_the_public_reads_it_with_the_results_and_on_the_release(
    cast: Any, client: Any, sign_in: Any
) -> None:
    release = stages.cleared(cast)
    trial = release.trial
    told(trial, cast.force_user)
    page = address(trial, "trial-account")
    assert "It becomes public with the results" in words(client.get(page))
    assert "Two visits" not in words(client.get(page))
    assert "Two visits" in words(
        sign_in(cast.checker).get(address(trial, "release-check", release.public_id))
    )
    stages.factual_checks.record(release=release, by=cast.force_user)
    stages.releases.publish(release=stages.Release.objects.get(), by=cast.publisher)
    assert "Two visits" in words(client.get(page))
    told(trial, cast.force_user, what="A late one.")
    text = words(client.get(address(trial, "release-detail", release.public_id)))
    assert "Two visits" in text
    assert text.count("after this release was published") == 1


def test_who_may_record(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    made = told(trial, cast.force_user)
    for person in (cast.analyst, cast.reviewer, cast.director, cast.sponsor):
        with pytest.raises(NotPermitted):
            told(trial, person)
    with pytest.raises(NotPermitted):
        told(trial, cast.researcher)
    new = address(trial, "account-entry-new", "deviations")
    assert "The team of this trial and the registrar" in words(sign_in(cast.analyst).get(new))
    assert sign_in(cast.analyst).post(new, sent_form()).status_code == 403
    assert status(sign_in(cast.researcher), new) == 403
    assert status(sign_in(cast.registrar), address(trial, "account-entry-new", "nothing")) == 404
    other = stages.registered(cast)
    assert (
        status(sign_in(cast.registrar), address(other, "account-entry-correct", "deviations", made.public_id))
        == 404
    )
    with pytest.raises(NotFound):
        told(other, cast.registrar, corrects=made, correction_reason="Wrong trial.")


def test_a_draft_has_no_account_and_a_field_must_exist(cast: Any) -> None:
    with pytest.raises(Conflict):
        told(stages.draft(cast), cast.force_user)
    trial = stages.registered(cast)
    for pointer in ("", "/", "arms", "/arms/x", "/arms/-1", "/no_such", "/arms/0/label/0"):
        with pytest.raises(Invalid):
            told(trial, cast.force_user, pointer=pointer)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    with pytest.raises(Invalid):
        told(trial, cast.force_user, happened_on=tomorrow)


def test_registered_and_reported_say_what_deviated(cast: Any, client: Any) -> None:
    release = stages.published(cast)
    trial = release.trial
    of_outcome = told(
        trial, cast.force_user, pointer="/outcomes/0/definition", what="Counted by hand in May."
    )
    of_estimate = told(
        trial, cast.force_user, pointer="/analysis_plan/estimates/0/estimator", what="Run by hand first."
    )
    other = told(trial, cast.force_user)
    gone = told(trial, cast.force_user, pointer="/outcomes/0", what="A mistake.")
    accounts.take_back(entry=gone, reason="It did not happen.", by=cast.force_user)
    said = client.get(f"/api/v1/releases/{release.public_id}/").json()["registered_and_reported"]
    estimate = next(one for one in said if one["promise"].startswith("H1:"))
    assert estimate["is_kept"]
    assert estimate["deviations"] == [str(of_outcome.public_id), str(of_estimate.public_id)]
    assert said[-1]["deviations"] == [str(other.public_id)]
    assert (said[-1]["is_kept"], said[-1]["report"]) == (False, "Not kept")
    text = words(client.get(address(trial, "release-detail", release.public_id)))
    assert "With a deviation" in text
    assert "Deviation of 2 March 2026: Counted by hand in May." in text
