"""From the task list to the frozen registration, by the right two people and nobody else."""

from dataclasses import replace
from typing import Any

import pytest

from centre.errors import NotPermitted
from centre.models import Membership, User
from experiments.actions import allocations, analyses, registrations, reviews, trials
from experiments.lifecycle import TransitionRefused
from experiments.models import Registration, Review, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def test_the_task_list_shows_what_is_done_and_links_what_is_not(cast: Any, sign_in: Any) -> None:
    trial = stages.empty(cast)
    response = sign_in(cast.force_user).get(address(trial, "trial-protocol"))
    text = words(response)
    assert "You have completed 0 of 13 parts" in text
    assert "Not started" in text
    assert "Add at least two arms" in text
    assert f"{address(trial, 'trial-protocol-step', 'outcomes')}#outcomes" in response.content.decode()


def test_a_complete_protocol_can_be_sent(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    assert "Nothing is missing" in words(client.get(address(trial, "trial-protocol")))
    response = client.post(address(trial, "trial-submit"))
    assert response.headers["Location"] == address(trial)
    assert stages.fresh(trial).registration_state == "submitted"


def test_an_incomplete_protocol_is_not_sent_and_every_gap_is_linked(cast: Any, sign_in: Any) -> None:
    trial = stages.empty(cast)
    client = sign_in(cast.force_user)
    before = refusals()
    response = client.post(address(trial, "trial-submit"))
    assert response.status_code == 422
    assert "Add one primary outcome" in summary(response)
    assert address(trial, "trial-protocol-step", "outcomes") in response.content.decode()
    assert refusals() == before + 1
    assert stages.fresh(trial).registration_state == "draft"


def with_five_clusters(trial: Any) -> Any:
    """Return the trial with a plan that has no answer at its size: CR2 with five clusters."""
    document = trial.protocol
    document["analysis_plan"]["columns"]["cluster"] = "beat"
    for estimate in document["analysis_plan"]["estimates"]:
        estimate["covariance"] = "CR2"
    document["sample_size"]["planned_clusters"] = 5
    type(trial).objects.filter(pk=trial.pk).update(protocol=document)
    trial.refresh_from_db()
    return trial


def test_a_plan_that_cannot_run_at_its_size_is_not_sent(cast: Any, sign_in: Any) -> None:
    trial = with_five_clusters(stages.draft(cast))
    before = refusals()
    response = sign_in(cast.force_user).post(address(trial, "trial-submit"))
    assert response.status_code == 422
    assert "5 clusters are too few for CR2" in summary(response)
    assert "Nothing is missing" not in words(response)
    assert f"{address(trial, 'trial-protocol-plan')}#estimates__0" in response.content.decode()
    assert refusals() == before + 1
    assert stages.fresh(trial).registration_state == "draft"


def test_a_plan_that_cannot_run_at_its_size_is_not_registered(cast: Any) -> None:
    trial = with_five_clusters(stages.submitted(cast))
    reviews.decide(trial=trial, decision="approve", by=cast.reviewer)
    with pytest.raises(trials.PlanDoesNotRun) as refused:
        registrations.register(trial=trial, by=cast.registrar)
    assert refused.value.problems[0].pointer == "/analysis_plan/estimates/0"
    assert "5 clusters are too few for CR2" in refused.value.problems[0].message
    assert not Registration.objects.exists()


def test_a_reviewer_reads_and_approves(cast: Any, sign_in: Any) -> None:
    trial = stages.submitted(cast)
    client = sign_in(cast.reviewer)
    page = client.get(address(trial, "trial-review"))
    assert "Calls in 12 months" in words(page)
    response = client.post(address(trial, "trial-review"), {"decision": "approve", "comment": "Sound."})
    assert response.headers["Location"] == address(trial)
    review = Review.objects.get()
    assert (review.decision, review.comment, review.reviewer) == ("approve", "Sound.", cast.reviewer)


def test_changes_go_back_with_the_comment(cast: Any, sign_in: Any) -> None:
    trial = stages.submitted(cast)
    sign_in(cast.reviewer).post(
        address(trial, "trial-review"), {"decision": "changes_requested", "comment": "Power is missing."}
    )
    page = words(sign_in(cast.force_user).get(address(trial, "trial-protocol")))
    assert "What the reviewer asked for" in page
    assert "Power is missing." in page


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "Choose approve, ask for changes, or reject"),
        ({"decision": "maybe", "comment": "Kept words"}, "maybe is not one of the available choices"),
        ({"decision": "reject", "comment": " "}, "Say what must change, or why it is rejected"),
    ],
)
def test_half_a_review_is_refused(cast: Any, sign_in: Any, answers: dict[str, str], message: str) -> None:
    trial = stages.submitted(cast)
    before = refusals()
    response = sign_in(cast.reviewer).post(address(trial, "trial-review"), answers)
    assert response.status_code == 422
    assert message in summary(response)
    assert answers.get("comment", "").strip() in response.content.decode()
    assert refusals() == before + 1
    assert not Review.objects.exists()


def test_only_a_reviewer_outside_the_team_reviews(cast: Any, sign_in: Any) -> None:
    trial = stages.submitted(cast)
    answers = {"decision": "approve"}
    for person, expected in (
        (cast.force_user, 403),
        (cast.registrar, 403),
        (cast.researcher, 404),
        (cast.other_force_user, 404),
    ):
        assert sign_in(person).post(address(trial, "trial-review"), answers).status_code == expected
    trial.team_members.create(user=cast.second_reviewer, role="member")
    own = sign_in(cast.second_reviewer)
    assert "a second person must review it" in words(own.get(address(trial, "trial-review")))
    assert own.post(address(trial, "trial-review"), answers).status_code == 403
    assert not Review.objects.exists()


def test_the_registrar_sees_the_hash_and_types_the_word(cast: Any, sign_in: Any) -> None:
    trial = stages.approved(cast)
    client = sign_in(cast.registrar)
    page = client.get(address(trial, "trial-register"))
    digest = page.context["digest"]
    assert digest in words(page)
    response = client.post(address(trial, "trial-register"), {"confirm": "Register"})
    registration = Registration.objects.get()
    assert registration.sha256 == digest
    assert (registration.version, registration.previous) == ("1.0", None)
    assert (registration.registrar, registration.reviewer) == (cast.registrar, cast.reviewer)
    assert response.headers["Location"] == address(stages.fresh(trial))


@pytest.mark.parametrize("typed", ["", "yes", "registr"])
def test_without_the_word_nothing_is_frozen(cast: Any, sign_in: Any, typed: str) -> None:
    trial = stages.approved(cast)
    before = refusals()
    response = sign_in(cast.registrar).post(address(trial, "trial-register"), {"confirm": typed})
    assert response.status_code == 422
    assert "Type “register” to confirm" in summary(response)
    assert refusals() == before + 1
    assert not Registration.objects.exists()


def test_a_trial_without_approval_is_not_registered(cast: Any, sign_in: Any) -> None:
    trial = stages.submitted(cast)
    client = sign_in(cast.registrar)
    assert "must approve the protocol before" in words(client.get(address(trial, "trial-register")))
    response = client.post(address(trial, "trial-register"), {"confirm": "register"})
    assert response.status_code == 409
    assert not Registration.objects.exists()


def test_the_wrong_person_does_not_register(cast: Any, sign_in: Any) -> None:
    trial = stages.approved(cast)
    for person, expected in ((cast.reviewer, 403), (cast.force_user, 403), (cast.researcher, 404)):
        assert status(sign_in(person), address(trial, "trial-register")) == expected
        post = sign_in(person).post(address(trial, "trial-register"), {"confirm": "register"})
        assert post.status_code == expected
    assert not Registration.objects.exists()


def test_neither_the_author_nor_the_reviewer_registers_whatever_their_posts(cast: Any) -> None:
    trial = stages.approved(cast)
    for person, who in (
        (cast.force_user, "the author cannot register their own trial"),
        (cast.reviewer, "the reviewer cannot also register the trial"),
    ):
        Membership.objects.create(user=person, role="registrar")
        with pytest.raises(registrations.SecondPerson) as refusal:
            registrations.register(trial=trial, by=User.objects.get(pk=person.pk))
        assert str(refusal.value) == f"A second person must clear this: {who}."
    assert not Registration.objects.exists()


def test_what_is_no_longer_complete_is_not_registered(cast: Any) -> None:
    trial = stages.approved(cast)
    Trial.objects.filter(pk=trial.pk).update(protocol={**trial.protocol, "outcomes": []})
    with pytest.raises(trials.ProtocolIncomplete) as refusal:
        registrations.register(trial=stages.fresh(trial), by=cast.registrar)
    assert "The protocol is not complete" in str(refusal.value)
    assert "Add one primary outcome" in [problem.message for problem in refusal.value.problems]
    assert not Registration.objects.exists()


def seen(trial: Trial, minor: int, **declared: None) -> tuple[int, int]:
    """Freeze a further version and return its categories of outcome and of assignment data."""
    trial = stages.fresh(trial)
    before = trial.registration
    read = replace(trial.draft, data=replace(trial.draft.data, **declared))
    made = registrations.freeze(
        trial=trial,
        read=read,
        version=(9, minor),
        registrar=before.registrar,
        reviewer=None,
        previous=before,
    )
    assert (made.previous, made.registrar, made.reviewer) == (before, before.registrar, None)
    return made.outcome_data_category, made.assignment_data_category


def test_a_version_says_what_our_own_rows_know_of_the_data_whatever_was_declared(cast: Any) -> None:
    """Declared is that neither exists; what nobody declared counts as the worst."""
    trial = stages.frozen(cast)
    assert seen(trial, 1) == (1, 1)
    assert seen(trial, 2, outcome_data_seen=None) == (4, 1)
    assert seen(trial, 3, assignment_data_seen=None) == (1, 4)
    allocations.draw(trial=trial, by=cast.custodian)
    assert seen(trial, 4) == (1, 2)


def test_a_version_knows_of_data_of_the_reveal_and_of_an_analysis(cast: Any) -> None:
    trial = stages.locked(cast)
    assert seen(trial, 1) == (3, 2)
    allocations.reveal(trial=trial, by=cast.custodian)
    assert seen(trial, 2) == (3, 3)
    analyses.request(trial=stages.fresh(trial), by=cast.analyst)
    assert seen(trial, 3) == (4, 3)


def test_a_rejection_takes_two_people_and_stays_private(cast: Any, sign_in: Any, client: Any) -> None:
    trial = stages.submitted(cast)
    url = address(trial, "trial-reject")
    registrar = sign_in(cast.registrar)
    early = registrar.post(url, {"confirm": "reject"})
    assert early.status_code == 409
    answers = {"decision": "reject", "comment": "There is no comparison."}
    assert sign_in(cast.reviewer).post(address(trial, "trial-review"), answers).status_code == 302
    assert stages.fresh(trial).registration_state == "in_review"
    with pytest.raises(TransitionRefused, match="must approve this protocol"):
        registrations.register(trial=trial, by=cast.registrar)
    assert "There is no comparison." in words(registrar.get(url))
    assert registrar.post(url, {"confirm": "reject"}).status_code == 302
    trial = stages.fresh(trial)
    assert (trial.registration_state, trial.number) == ("rejected", None)
    assert status(client, address(trial)) == 404
    assert "There is no comparison." in words(sign_in(cast.force_user).get(address(trial)))


def test_who_reviewed_does_not_confirm_the_rejection(cast: Any) -> None:
    Membership.objects.create(user=cast.reviewer, role="registrar")
    trial = stages.submitted(cast)
    reviews.decide(trial=trial, decision="reject", comment="No.", by=cast.reviewer)
    with pytest.raises(NotPermitted, match="A second person must clear this"):
        registrations.reject(trial=trial, by=User.objects.get(pk=cast.reviewer.pk))
