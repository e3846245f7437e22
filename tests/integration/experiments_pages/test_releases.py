"""A release: prepared by one, checked by two others, published by a fourth."""

import hashlib
from typing import Any

import pytest

from experiments import tasks
from experiments.actions import analyses, factual_checks, releases, retractions
from experiments.models import Release, ReleaseCheck
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def test_a_release_goes_its_whole_way(cast: Any, sign_in: Any, client: Any) -> None:
    analysis = stages.analysed(cast)
    trial = analysis.trial
    analyst = sign_in(cast.analyst)
    assert "Prepare a release" in words(analyst.get(address(trial, "trial-releases")))
    assert "estimates.csv" in words(analyst.get(address(trial, "release-prepare", analysis.public_id)))
    analyst.post(address(trial, "release-prepare", analysis.public_id), {"note": "Read the limits."})
    release = Release.objects.get()
    check, publish = (address(trial, f"release-{act}", release.public_id) for act in ("check", "publish"))
    assert status(client, address(trial, "release-detail", release.public_id)) == 404
    for checker in (cast.checker, cast.second_checker):
        page = sign_in(checker).get(check)
        assert "What disclosure control says" in words(page)
        assert sign_in(checker).post(check, {"decision": "clear", "comment": "Fine."}).status_code == 302
    assert sign_in(cast.publisher).post(publish, {"confirm": "publish"}).status_code == 409
    facts = address(trial, "release-facts", release.public_id)
    assert sign_in(cast.force_user).post(facts, {"comment": ""}).status_code == 302
    assert sign_in(cast.publisher).post(publish, {"confirm": "publish"}).status_code == 302
    public = client.get(address(trial, "release-detail", release.public_id))
    assert "Read the limits." in words(public)
    assert "Cho Checker" not in words(public)
    for file in release.files.all():
        answer = client.get(address(trial, "release-file", release.public_id, file.name))
        assert hashlib.sha256(answer.content).hexdigest() == file.sha256
        assert file.sha256 in words(public)
        assert "attachment" in answer.headers["Content-Disposition"]


def test_an_analysis_is_not_released_twice(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    url = address(release.trial, "release-prepare", release.analysis.public_id)
    before = refusals()
    response = sign_in(cast.analyst).post(url, {"note": "Kept words"})
    assert response.status_code == 409
    assert "has a release already" in summary(response)
    assert "Kept words" in response.content.decode()
    assert refusals() == before + 1
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "Choose clear or refuse"),
        ({"decision": "perhaps"}, "perhaps is not one of the available choices"),
        ({"decision": "refuse", "comment": "\u200b"}, "Say what must change"),
    ],
)
def test_half_a_check_is_refused(cast: Any, sign_in: Any, answers: dict[str, str], message: str) -> None:
    release = stages.prepared(cast)
    before = refusals()
    response = sign_in(cast.checker).post(address(release.trial, "release-check", release.public_id), answers)
    assert response.status_code == 422
    assert message in summary(response)
    assert refusals() == before + 1
    assert not ReleaseCheck.objects.exists()


def test_a_refused_release_says_so_and_can_be_prepared_again(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    url = address(release.trial, "release-check", release.public_id)
    sign_in(cast.checker).post(url, {"decision": "refuse", "comment": "A name is in the note."})
    text = words(sign_in(cast.analyst).get(address(release.trial, "release-detail", release.public_id)))
    assert "It must be prepared again" in text
    assert "A name is in the note." in text
    assert "Prepare a release" in words(sign_in(cast.analyst).get(address(release.trial, "trial-releases")))
    again = sign_in(cast.second_checker).post(url, {"decision": "clear"})
    assert again.status_code == 409


def test_nobody_checks_twice_or_checks_their_own(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    url = address(release.trial, "release-check", release.public_id)
    checker = sign_in(cast.checker)
    checker.post(url, {"decision": "clear"})
    again = checker.post(url, {"decision": "clear"})
    assert again.status_code == 409
    assert "A second person must clear this" in summary(again)
    for person in (cast.analyst, cast.registrar, cast.publisher, cast.researcher):
        assert sign_in(person).post(url, {"decision": "clear"}).status_code in (403, 404), person
    assert ReleaseCheck.objects.count() == 1


def test_an_uncleared_release_is_not_published(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    url = address(release.trial, "release-publish", release.public_id)
    publisher = sign_in(cast.publisher)
    assert "Two output checkers must clear the release first" in words(publisher.get(url))
    response = publisher.post(url, {"confirm": "publish"})
    assert response.status_code == 409
    assert not Release.objects.published().exists()
    assert sign_in(cast.checker).post(url, {"confirm": "publish"}).status_code == 403


def test_a_release_is_withdrawn_with_a_reason(cast: Any, sign_in: Any) -> None:
    release = stages.published(cast)
    url = address(release.trial, "release-withdraw", release.public_id)
    reviewer, director = sign_in(cast.reviewer), sign_in(cast.director)
    assert reviewer.post(url, {"reason": ""}).status_code == 422
    assert director.post(url, {"reason": "Nobody asked."}).status_code == 403
    assert reviewer.post(url, {"reason": "A column was wrong."}).status_code == 302
    assert reviewer.post(url, {"reason": "Again."}).status_code == 409
    assert stages.fresh(release.trial).results_state == "published"
    assert director.post(url, {"decision": "refuse", "reason": ""}).status_code == 422
    assert director.post(url, {"decision": "approve"}).status_code == 302
    assert "A column was wrong." in words(reviewer.get(address(release.trial, "trial-releases")))
    assert stages.fresh(release.trial).results_state == "retracted"
    for person in (cast.analyst, cast.publisher, cast.registrar):
        assert sign_in(person).post(url, {"reason": "Mine"}).status_code == 403


def test_a_release_that_another_replaces_is_a_correction(cast: Any) -> None:
    release = stages.published(cast)
    trial = release.trial
    retractions.ask(release=release, reason="A column was wrong.", by=cast.reviewer)
    retractions.refuse(release=release, reason="First the new one.", by=cast.director)
    again = analyses.request(trial=stages.fresh(trial), by=cast.analyst)
    tasks.analyse(str(again.run.pk))
    again.refresh_from_db()
    newer = releases.prepare(trial=stages.fresh(trial), analysis=again, by=cast.analyst)
    for checker in (cast.checker, cast.second_checker):
        releases.check(release=newer, decision="clear", by=checker)
    factual_checks.record(release=newer, by=cast.force_user)
    releases.publish(release=Release.objects.get(pk=newer.pk), by=cast.publisher)
    retractions.ask(release=release, reason="A column was wrong.", by=cast.reviewer)
    retractions.approve(release=release, by=cast.director)
    assert stages.fresh(trial).results_state == "corrected"
    retractions.ask(release=newer, reason="That one too.", by=cast.reviewer)
    retractions.approve(release=newer, by=cast.director)
    assert stages.fresh(trial).results_state == "retracted"


def test_unknown_files_and_releases_are_not_found(cast: Any, client: Any) -> None:
    release = stages.published(cast)
    assert status(client, address(release.trial, "release-file", release.public_id, "secret.csv")) == 404
    assert status(client, address(release.trial, "release-detail", release.trial.public_id)) == 404
    other = stages.empty(cast)
    assert status(client, address(other, "release-detail", release.public_id)) == 404
