"""[31] A trial follows others, of its own kind, and never itself, however long the way round."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from centre.errors import Invalid
from centre.models import AuditEvent
from experiments import protocol
from experiments.actions import amendments, predecessors, trials
from experiments.models import Amendment, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, refusals, summary, words

pytestmark = pytest.mark.django_db
CIRCLE = "A trial cannot follow itself"


def following(trial: Trial, *numbers: str, **sections: Any) -> dict[str, Any]:
    """Return the registered protocol with these trials as those that it follows."""
    document = {**protocol.to_json(stages.fresh(trial).draft), **sections}
    document["problem"] = {**document["problem"], "follows_trials": list(numbers)}
    return document


def amend(trial: Trial, document: dict[str, Any], by: Any) -> Amendment:
    return amendments.propose(
        trial=trial, document=document, reason_code="error", reason="It was left out.", by=by
    )


@pytest.fixture
def pair(cast: Any) -> tuple[Trial, Trial]:
    """A pilot, and the trial that follows it."""
    pilot, later = stages.registered(cast), stages.registered(cast)
    made = amend(later, following(later, pilot.number), cast.force_user)
    assert made.registration is not None, "a minor change"
    assert made.registration.sha256 == made.base.sha256, "which is not in the hash"
    return pilot, stages.fresh(later)


@pytest.mark.parametrize("way", ["itself", "round another"])
def test_a_trial_cannot_follow_itself(cast: Any, sign_in: Any, pair: tuple[Trial, Trial], way: str) -> None:
    pilot, later = pair
    named = pilot.number if way == "itself" else later.number
    client, step = sign_in(cast.force_user), address(pilot, "trial-amend-step", "question")
    typed = fields_of(client.get(step).context["form"]) | {"problem__follows_trials": named}
    assert client.post(step, typed).status_code == 302
    page = address(pilot, "trial-amend")
    assert [one.pointer for one in client.get(page).context["problem_list"]] == ["/problem/follows_trials/0"]
    assert CIRCLE in words(client.get(page))

    before = refusals()
    refused = client.post(page, {"reason_code": "error", "reason": "It was left out."})
    assert refused.status_code == 422
    assert CIRCLE in summary(refused)
    assert refused.context["form"]["reason"].value() == "It was left out."
    assert client.get(step).context["form"]["problem__follows_trials"].value() == named, (
        "what was typed stays"
    )
    assert refusals() == before + 1
    assert not pilot.amendments.exists()
    assert not pilot.follows.exists()


def test_two_changes_that_wait_for_each_other_do_not_close_a_circle(
    cast: Any, pair: tuple[Trial, Trial]
) -> None:
    """The change was sound when it was proposed; it is looked at again when it comes into force."""
    pilot, later = pair
    amend(later, following(later), cast.force_user)
    longer = {**protocol.to_json(pilot.draft)["decision"], "decision_rule": "Another rule."}
    waiting = amend(pilot, following(pilot, later.number, decision=longer), cast.force_user)
    amendments.decide(amendment=waiting, decision="approve", by=cast.reviewer)
    amend(later, following(later, pilot.number), cast.force_user)
    with pytest.raises(predecessors.Circle):
        stages.past_objections(waiting)
    assert not pilot.follows.exists()
    assert not AuditEvent.objects.filter(event="amendment.in_force").exists()


def test_what_comes_before_and_after_is_shown_where_it_is_public(
    cast: Any, sign_in: Any, pair: tuple[Trial, Trial]
) -> None:
    pilot, later = pair
    anyone, inside = Client(), sign_in(cast.force_user)

    def said(client: Client, trial: Trial) -> tuple[str, list[str], list[str]]:
        record = client.get(f"/api/v1/trials/{trial.number}/").json()
        return words(client.get(address(trial))), record["follows"], record["followed_by"]

    page, follows, followed_by = said(anyone, later)
    assert f"This trial follows {pilot.title} ({pilot.number})" in page
    assert (follows, followed_by) == ([pilot.number], [])
    exported = anyone.get(f"/api/v1/trials/{later.number}/exports/osf/").content.decode()
    assert f"Follows the trials: {pilot.number}" in exported
    page, follows, followed_by = said(anyone, pilot)
    assert f"Followed by {later.title} ({later.number})" in page
    assert (follows, followed_by) == ([], [later.number])

    cast.embargo_until = timezone.localdate() + dt.timedelta(days=30)
    hidden = stages.registered(cast)
    amend(hidden, following(hidden, pilot.number), cast.force_user)
    page, _, followed_by = said(anyone, pilot)
    assert hidden.number not in page
    assert followed_by == [later.number]
    page, _, followed_by = said(inside, pilot)
    assert f"({hidden.number})" in page
    assert followed_by == [later.number, hidden.number]


def test_a_draft_follows_trials_of_its_own_kind_and_nobody_hears_of_it(cast: Any) -> None:
    pilot, drafted = stages.registered(cast), stages.empty(cast)
    document = following(drafted, pilot.number)
    Trial.objects.filter(pk=pilot.pk).update(is_simulated=False)
    with pytest.raises(Invalid) as refusal:
        trials.save(trial=drafted, document=document, edition=1, by=cast.force_user)
    [found] = refusal.value.problems
    assert found.pointer == "/problem/follows_trials/0"
    assert found.message == "A simulated trial follows simulated trials, and a real trial real ones"
    Trial.objects.filter(pk=pilot.pk).update(is_simulated=True)
    saved = trials.save(trial=drafted, document=document, edition=1, by=cast.force_user)
    assert list(saved.follows.all()) == [pilot]
    assert not pilot.followed_by.registered().exists()
    assert Client().get(f"/api/v1/trials/{pilot.number}/").json()["followed_by"] == []
