"""An approved change waits 48 hours for the team's objection; an objection sends it back to a reviewer."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from centre.errors import Conflict, NotPermitted
from centre.models import AuditEvent
from experiments.actions import allocations, amendments, objections, timers
from experiments.models import Amendment, TeamMember, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, summary, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the clock go on by some hours."""
    real = timezone.now

    def go_on(hours: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(hours=hours))

    return go_on


def proposed(cast: Any, trial: Trial) -> Amendment:
    document = stages.amended(trial)
    document["decision"]["integrity_floor"] = 0.7
    return amendments.propose(
        trial=trial, document=document, reason_code="error", reason="Typed wrongly.", by=cast.force_user
    )


def approved(cast: Any, trial: Trial) -> Amendment:
    made = amendments.decide(amendment=proposed(cast, trial), decision="approve", by=cast.reviewer)
    TeamMember.objects.create(trial=trial, user=cast.researcher, role="member")
    return Amendment.objects.get(pk=made.pk)


def test_silence_lets_it_come_into_force_after_48_hours(cast: Any, later: Any, client: Any) -> None:
    trial = stages.registered(cast)
    made = approved(cast, trial)
    assert "unless somebody in the team objects" in words(client.get(address(trial, "trial-versions")))
    later(47)
    assert timers.bring_amendments_into_force() == 0
    later(49)
    assert timers.bring_amendments_into_force() == 1
    assert timers.bring_amendments_into_force() == 0
    trial = stages.fresh(trial)
    assert trial.registration.version == "2.0"
    assert trial.registration.amendment == made
    assert trial.registration.badge == "prospective", "a later version is no late registration"
    assert AuditEvent.objects.get(event="amendment.in_force").actor_name == "system"
    page = words(client.get(address(trial)))
    assert "Amended" in page
    assert "What was promised has changed since" in page
    with pytest.raises(Conflict, match="can be objected to for 48 hours"):
        objections.record(amendment=made, reason="Too late.", by=cast.researcher)


@pytest.mark.parametrize(("answer", "version"), [("uphold", "1.0"), ("overrule", "2.0")])
def test_an_objection_goes_back_to_a_reviewer(
    cast: Any, sign_in: Any, later: Any, client: Any, answer: str, version: str
) -> None:
    trial = stages.registered(cast)
    made = approved(cast, trial)
    member, url = sign_in(cast.researcher), address(trial, "trial-amend-object")
    empty = member.post(url, {"reason": " "})
    assert (empty.status_code, "Say what is wrong with it" in summary(empty)) == (422, True)
    assert member.post(url, {"reason": "It hides a failure."}).status_code == 302
    assert member.post(url, {"reason": "Again."}).status_code == 409
    later(49)
    assert timers.bring_amendments_into_force() == 0
    reviewer, url = sign_in(cast.second_reviewer), address(trial, "trial-amend-answer")
    assert "It hides a failure." in words(reviewer.get(address(trial, "trial-amend")))
    silent = reviewer.post(url, {"answer": answer})
    assert (silent.status_code, "Say why" in summary(silent)) == (422, True)
    assert reviewer.post(url, {"answer": answer, "comment": "On balance."}).status_code == 302
    assert stages.fresh(trial).registration.version == version
    assert timers.bring_amendments_into_force() == 0
    page = words(client.get(address(trial, "trial-versions")))
    assert "It hides a failure." in page
    assert "On balance." in page
    assert not amendments.pending(stages.fresh(trial))
    assert Amendment.objects.get(pk=made.pk).has_fallen is (answer == "uphold")


def test_who_may_object_and_who_may_answer(cast: Any) -> None:
    trial = stages.registered(cast)
    made = approved(cast, trial)
    for person in (cast.force_user, cast.registrar, cast.second_reviewer, cast.other_force_user):
        with pytest.raises(NotPermitted):
            objections.record(amendment=made, reason="No.", by=person)
    objections.record(amendment=made, reason="No.", by=cast.researcher)
    for person in (cast.force_user, cast.registrar, cast.researcher):
        with pytest.raises(NotPermitted):
            objections.answer(amendment=made, answer="overrule", comment="Yes.", by=person)


def test_nothing_is_frozen_and_nothing_proposed_while_a_change_is_on_its_way(cast: Any) -> None:
    trial = stages.baseline(cast)
    made = approved(cast, trial)
    with pytest.raises(Conflict, match="not in force yet"):
        proposed(cast, trial)
    with pytest.raises(Conflict, match="An amendment waits"):
        allocations.freeze_units(trial=trial, lines=stages.lines(), by=cast.custodian)
    stages.past_objections(made)
    allocation = allocations.freeze_units(trial=stages.fresh(trial), lines=stages.lines(), by=cast.custodian)
    assert allocation.registration.version == "2.0"


def test_the_stamp_of_outcome_data_is_the_registrys_own(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    assert proposed(cast, trial).outcome_data_evidence == {"analyses": [], "outcome_data": []}
    assert "No outcome data had been received" in words(client.get(address(trial, "trial-versions")))


def test_after_data_and_after_analysis_the_stamp_says_so(cast: Any, client: Any) -> None:
    trial = stages.analysed(cast).trial
    made = proposed(cast, stages.fresh(trial))
    assert made.outcome_data_opened
    assert len(made.outcome_data_evidence["analyses"]) == 1
    assert len(made.outcome_data_evidence["outcome_data"]) == 1
    assert "Somebody had analysed outcome data" in words(client.get(address(trial, "trial-versions")))
    amendments.decide(amendment=made, decision="approve", by=cast.reviewer)
    stages.past_objections(made)
    now = stages.fresh(trial).registration
    assert (now.outcome_data_category, now.assignment_data_category) == (4, 2)
    page = words(client.get(address(trial)))
    assert "Had been analysed (category 4 of 4)" in page
    assert "Existed, and nobody in the team had seen them (category 2 of 4)" in page
