"""The registry: who finds which trial, and what the record says."""

from typing import Any

import pytest
from django.urls import reverse

from experiments import tasks
from experiments.actions import analyses, factual_checks, releases
from experiments.models import Release, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def test_the_list_is_empty_and_says_so(client: Any) -> None:
    assert "No trial has been registered yet" in words(client.get(reverse("trial-list")))


def test_a_registered_trial_is_found_by_words_number_design_and_tactic(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    for query in (
        {},
        {"q": "visits calls"},
        {"q": trial.number},
        {"design": "rct_individual"},
        {"conduct": "not_started", "results": "none"},
        {"tactic": trial.tactic.slug},
    ):
        assert trial.title in words(client.get(reverse("trial-list"), query)), query
    nothing = client.get(reverse("trial-list"), {"q": "helicopters"})
    assert "No trial fits this search" in words(nothing)
    assert trial.title not in words(nothing)


def test_an_unknown_filter_is_refused_by_name(cast: Any, client: Any) -> None:
    response = client.get(reverse("trial-list"), {"design": "astrology"})
    assert response.status_code == 422
    assert "astrology is not one of the available choices" in summary(response)


def test_drafts_are_in_nobodys_list_and_only_the_team_sees_them(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    for person, expected in (
        (cast.anonymous, 404),
        (cast.researcher, 404),
        (cast.other_force_user, 404),
        (cast.force_user, 200),
        (cast.reviewer, 200),
    ):
        client = sign_in(person)
        assert status(client, address(trial)) == expected, person
        assert trial.title not in words(client.get(reverse("trial-list")))


def test_the_record_shows_the_promise(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    registration = trial.registration
    assert registration is not None
    text = words(client.get(address(trial)))
    for part in (
        trial.number,
        registration.sha256,
        "Prospective",
        "Rowan Registrar, after review by Mina Reviewer",
        "Calls in 12 months",
        "lower is better",
        "Estimated",
        "Results due",
        "This page shows simulated data",
        "Did not exist yet (category 1 of 4)",
    ):
        assert part in text, part
    assert "Conduct" not in [place.label for place in client.get(address(trial)).context["places"]]


def test_the_record_finds_a_trial_by_either_of_its_names(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    assert status(client, f"/trials/{trial.number.lower()}/") == 200
    assert status(client, f"/trials/{trial.public_id}/") == 200
    assert status(client, "/trials/CPP-2026-9999-9/") == 404
    assert status(client, "/trials/anything/") == 404


def test_published_results_are_in_words_numbers_and_a_figure(cast: Any, client: Any) -> None:
    release = stages.published(cast)
    response = client.get(address(release.trial))
    text = words(response)
    assert "This is the registered plan, run to the letter." in text
    assert "lower with the treatment, in calls for each household" in text
    assert "The whole interval is on the better side." in text
    assert "<svg" in response.content.decode()
    assert "Difference. Difference in means (Neyman)" in text
    assert "Promised and reported: 40 units were planned" in text
    assert "H1: Calls in 12 months (primary) Reported, with 40 units Yes" in text


def test_what_was_promised_stands_before_what_came_to_mind_later(cast: Any, client: Any) -> None:
    release = stages.published(cast)
    trial = stages.fresh(release.trial)
    plan = {**release.analysis.plan, "alpha": 0.1}
    later = analyses.request(trial=trial, by=cast.analyst, plan=plan)
    tasks.analyse(str(later.run.pk))
    later.refresh_from_db()
    second = releases.prepare(trial=stages.fresh(trial), analysis=later, by=cast.analyst)
    for checker in (cast.checker, cast.second_checker):
        releases.clear(release=second, by=checker)
    factual_checks.record(release=second, by=cast.force_user)
    releases.publish(release=Release.objects.get(pk=second.pk), by=cast.publisher)
    text = words(client.get(address(trial)))
    assert text.index("This is the registered plan") < text.index(
        "This analysis was not in the registered plan"
    )


def test_a_trial_is_begun(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.force_user)
    page = client.get(reverse("trial-new"))
    assert "Before you finish you need" in words(page)
    response = client.post(reverse("trial-new"), {"title": "Do visits help?", "lead_force": "testshire"})
    trial = Trial.objects.get()
    assert response.headers["Location"] == address(trial, "trial-protocol")
    assert (trial.title, trial.lead_force.slug, trial.created_by) == (
        "Do visits help?",
        "testshire",
        cast.force_user,
    )


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("", "Enter a trial title"),
        ("\u200b \u00a0", "Enter a trial title"),
        ("x" * 10_001, "Title must be 150 characters or fewer"),
        ("a\u202eb", "Title contains a character we cannot accept (U+202E)"),
        ("a\x00b", "Title contains a character we cannot accept (U+0000)"),
        ("Call 07700 900123", "This looks like personal data"),
    ],
)
def test_a_bad_title_is_named_and_nothing_is_made(cast: Any, sign_in: Any, title: str, message: str) -> None:
    before = refusals()
    response = sign_in(cast.force_user).post(
        reverse("trial-new"), {"title": title, "lead_force": "testshire"}
    )
    assert response.status_code == 422
    assert message in summary(response)
    assert refusals() == before + 1
    assert not Trial.objects.exists()
    assert 'value="testshire" selected' in response.content.decode()


def test_markup_in_a_title_is_text(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.force_user)
    client.post(reverse("trial-new"), {"title": "<script>alert(1)</script>", "lead_force": "testshire"})
    page = client.get(address(Trial.objects.get())).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_only_those_who_draft_may_begin_a_trial(cast: Any, sign_in: Any) -> None:
    for person in (cast.reviewer, cast.analyst, cast.researcher):
        client = sign_in(person)
        assert status(client, reverse("trial-new")) == 403
        assert client.post(reverse("trial-new"), {"title": "Mine"}).status_code == 403
        assert "Start a new trial" not in words(client.get(reverse("trial-list")))
    assert sign_in(cast.anonymous).get(reverse("trial-new")).status_code == 302
    assert not Trial.objects.exists()


def test_a_force_user_cannot_begin_a_trial_of_another_force(
    cast: Any, sign_in: Any, other_force: Any
) -> None:
    answers = {"title": "Theirs", "lead_force": other_force.slug}
    response = sign_in(cast.force_user).post(reverse("trial-new"), answers)
    assert response.status_code == 422
    assert "Select a valid choice" in summary(response)
    assert not Trial.objects.exists()


def test_the_document_reads_from_the_first_question_to_the_last(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    text = words(client.get(address(trial, "trial-document")))
    for part in (
        "Title and summary",
        "Arm 1",
        "Visits",
        "Outcome 1",
        "Estimate H1",
        "Data seen, sharing and publication",
    ):
        assert part in text, part
    assert "Not answered" not in text


def test_what_an_invented_force_starts_is_simulated(cast: Any, sign_in: Any) -> None:
    tactic = stages.draft(cast).tactic
    sent = {"title": "Do visits help?", "tactic": tactic.slug, "lead_force": "testshire"}
    assert sign_in(cast.force_user).post(reverse("trial-new"), sent).status_code == 302
    assert Trial.objects.get(title="Do visits help?").is_simulated
    assert library.proposed(cast.force_user, "Calls back").is_simulated
