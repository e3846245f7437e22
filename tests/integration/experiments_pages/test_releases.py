"""A release: prepared by one, checked by two others, published by a fourth."""

import hashlib
import json
from typing import Any

import pytest

from centre.errors import Invalid
from experiments import tasks
from experiments.actions import analyses, factual_checks, releases, retractions
from experiments.models import FileDecision, Release, ReleaseCheck
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def decided(release: Release, decision: str = "clear", **said: str) -> dict[str, str]:
    """Return what a checker sends: the same decision for every file, and what else is said."""
    numbers = range(release.files.count())
    return {f"decision_{number}": decision for number in numbers} | said


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
        assert sign_in(checker).post(check, decided(release, comment="Fine.")).status_code == 302
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
        ({"decision_0": ""}, "Choose clear or refuse for estimates"),
        ({"decision_0": "perhaps"}, "perhaps is not one of the available choices"),
        ({"decision_1": "refuse", "reason_1": "\u200b"}, "Say what must change in estimates"),
    ],
)
def test_half_a_check_is_refused(cast: Any, sign_in: Any, answers: dict[str, str], message: str) -> None:
    release = stages.prepared(cast)
    before = refusals()
    sent = {**decided(release), "comment": "Kept words", **answers}
    response = sign_in(cast.checker).post(address(release.trial, "release-check", release.public_id), sent)
    assert response.status_code == 422
    assert message in summary(response)
    assert "Kept words" in response.content.decode()
    assert refusals() == before + 1
    assert not ReleaseCheck.objects.exists()


def test_one_refused_file_refuses_the_release_which_can_be_prepared_again(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    url = address(release.trial, "release-check", release.public_id)
    sent = {**decided(release), "decision_1": "refuse", "reason_1": "A name is in the note."}
    sign_in(cast.checker).post(url, sent)
    text = words(sign_in(cast.analyst).get(address(release.trial, "release-detail", release.public_id)))
    assert "It must be prepared again" in text
    assert "refuse. A name is in the note." in text
    assert "Prepare a release" in words(sign_in(cast.analyst).get(address(release.trial, "trial-releases")))
    again = sign_in(cast.second_checker).post(url, decided(release))
    assert again.status_code == 409
    assert FileDecision.objects.filter(decision="refuse").count() == 1


def test_the_second_checker_does_not_see_what_the_first_decided(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    releases.clear(release=release, comment="Cells are large enough.", by=cast.checker)
    pages = [address(release.trial, name, release.public_id) for name in ("release-detail", "release-check")]
    for page in pages:
        text = words(sign_in(cast.second_checker).get(page))
        assert "Cells are large enough." not in text
        assert str(cast.checker) not in text
        assert "You decide for yourself" in text
    assert "Cells are large enough." in words(sign_in(cast.analyst).get(pages[0]))
    releases.clear(release=release, by=cast.second_checker)
    assert "Cells are large enough." in words(sign_in(cast.second_checker).get(pages[0]))


def test_every_file_is_decided_about(cast: Any) -> None:
    release = stages.prepared(cast)
    with pytest.raises(Invalid, match="Choose clear or refuse for") as refused:
        releases.check(release=release, files={"result.json": releases.Answer("clear")}, by=cast.checker)
    assert len(refused.value.problems) == release.files.count() - 1
    with pytest.raises(Invalid, match="no such file"):
        releases.check(release=release, files={"secret.csv": releases.Answer("clear")}, by=cast.checker)
    made = releases.clear(release=release, by=cast.checker)
    assert made.file_decisions.count() == release.files.count()


def test_the_report_for_the_checkers(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    url = address(release.trial, "release-report", release.public_id)
    checker = sign_in(cast.checker)
    text = words(checker.get(url))
    for said in (
        "estimates.csv",
        "Hidden, and why",
        "small-cell",
        "What no machine can see",
        "no earlier release",
    ):
        assert said in text
    sent = checker.get(url, {"as": "json"})
    assert "attachment" in sent.headers["Content-Disposition"]
    made = json.loads(sent.content)
    assert {file["name"] for file in made["files"]} == set(release.files.values_list("name", flat=True))
    assert made["release"] == str(release.public_id)
    assert sign_in(cast.force_user).get(url).status_code in (403, 404)


def test_nobody_checks_twice_or_checks_their_own(cast: Any, sign_in: Any) -> None:
    release = stages.prepared(cast)
    url = address(release.trial, "release-check", release.public_id)
    checker = sign_in(cast.checker)
    checker.post(url, decided(release))
    again = checker.post(url, decided(release))
    assert again.status_code == 409
    assert "A second person must clear this" in summary(again)
    for person in (cast.analyst, cast.registrar, cast.publisher, cast.researcher):
        assert sign_in(person).post(url, decided(release)).status_code in (403, 404), person
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
        releases.clear(release=newer, by=checker)
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
