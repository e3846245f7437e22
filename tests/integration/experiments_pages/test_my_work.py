"""What waits for whom: each stage of a trial is one person's next button, and nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from experiments import duties
from experiments.models import Analysis, Release, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, words
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db

STAGES: list[tuple[Callable[[Any], Any], dict[str, str]]] = [
    (stages.draft, {"force_user": "write"}),
    (
        stages.submitted,
        {"reviewer": "review", "second_reviewer": "review", "sponsor": "cosign"},
    ),
    (stages.approved, {"registrar": "register"}),
    (stages.registered, {"registrar": "open"}),
    (stages.baseline, {"custodian": "freeze"}),
    (stages.frozen, {"custodian": "draw"}),
    (stages.drawn, {"registrar": "deliver", "force_user": "deliver"}),
    (stages.delivering, {"force_user": "upload"}),
    (stages.with_data, dict.fromkeys(("registrar", "force_user", "analyst"), "review-data")),
    (stages.locked, {"custodian": "reveal", "analyst": "analyse"}),
    (
        stages.analysed,
        {"custodian": "reveal", "analyst": "prepare", "registrar": "complete"},
    ),
    (
        stages.prepared,
        {
            "custodian": "reveal",
            "checker": "check",
            "second_checker": "check",
            "registrar": "complete",
        },
    ),
    (stages.cleared, {"custodian": "reveal", "registrar": "complete", "force_user": "check-facts"}),
    (stages.fact_checked, {"custodian": "reveal", "publisher": "publish", "registrar": "complete"}),
    (stages.published, {"custodian": "reveal", "registrar": "complete"}),
]


def trial_of(row: Any) -> Trial:
    return row.trial if isinstance(row, Analysis | Release) else row


@pytest.mark.parametrize(("stage", "expected"), STAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_each_stage_waits_for_the_right_person(cast: Any, stage: Any, expected: dict[str, str]) -> None:
    trial = stages.fresh(trial_of(stage(cast)))
    people = {key: person for key, person in vars(cast).items() if key != "anonymous"}
    next_duties = {key: duties.next_for(trial, person) for key, person in people.items()}
    assert {key: duty.slug for key, duty in next_duties.items() if duty} == expected
    waiting = {key: [one.duty.slug for one in duties.waiting_for(person)] for key, person in people.items()}
    assert {key: found[0] for key, found in waiting.items() if found} == expected
    assert duties.next_for(trial, cast.anonymous) is None


def test_the_page_lists_and_links_what_waits(cast: Any, sign_in: Any) -> None:
    trial = stages.submitted(cast)
    response = sign_in(cast.reviewer).get(reverse("my-work"))
    text = words(response)
    assert "1 thing waits for you." in text
    assert "Protocols to review 1" in text
    assert address(trial, "trial-review") in response.content.decode()
    assert "Review the protocol" in words(sign_in(cast.reviewer).get(address(trial)))


def test_nothing_waits_and_says_so(cast: Any, sign_in: Any) -> None:
    assert "Nothing waits for you." in words(sign_in(cast.researcher).get(reverse("my-work")))
    assert status(sign_in(cast.anonymous), reverse("my-work")) == 302


def test_a_trial_of_ones_own_is_listed(cast: Any, sign_in: Any) -> None:
    trial = stages.submitted(cast)
    text = words(sign_in(cast.force_user).get(reverse("my-work")))
    assert f"{trial.title} submitted, not started" in text
    assert trial.title not in words(sign_in(cast.other_force_user).get(reverse("my-work")))


def test_every_duty_leads_to_a_page_its_person_may_open(cast: Any, sign_in: Any) -> None:
    for stage, expected in STAGES[:6]:
        trial = stages.fresh(trial_of(stage(cast)))
        for key in expected:
            duty = duties.next_for(trial, getattr(cast, key))
            assert duty is not None
            assert status(sign_in(getattr(cast, key)), address(trial, duty.url_name)) == 200
        break


def test_a_new_finding_waits_for_the_reviewers(cast: Any, sign_in: Any) -> None:
    tactic = library.published(cast.registrar)
    library.found(tactic, cast.publisher)
    text = words(sign_in(cast.reviewer).get(reverse("my-work")))
    assert "Ratings to look at 1" in text
    assert f"{tactic}: " in text
    assert "Ratings to look at" not in words(sign_in(cast.force_user).get(reverse("my-work")))


def test_a_proposed_tactic_waits_for_those_who_publish(cast: Any, sign_in: Any) -> None:
    tactic = library.proposed(cast.force_user)
    for person in (cast.registrar, cast.publisher):
        text = words(sign_in(person).get(reverse("my-work")))
        assert f"Tactics to publish 1 Proposed, and not in the library yet. {tactic}" in text
    assert "Tactics to publish" not in words(sign_in(cast.reviewer).get(reverse("my-work")))
