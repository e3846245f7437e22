"""The pages of access to restricted data: ask, decide, read, take back."""

from typing import Any

import pytest
from django.urls import reverse

from centre import vault
from centre.models import AuditEvent
from experiments.actions import disclosure_policies
from experiments.disclosure import DEFAULT, THRESHOLDS
from experiments.models import AccessApplication, AccessNotice, Release
from tests.integration.access.asked import PURPOSE, SAID, applied, data, day, ended, granted
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, summary, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(cast: Any) -> Release:
    return stages.published(cast)


def url(application: AccessApplication, name: str = "access-detail") -> str:
    return address(application.dataset.trial, name, application.public_id)


def dated(**days: int) -> dict[str, str]:
    """Return days as a browser sends them."""
    return {
        f"{name}_{part}": str(getattr(day(after), part))
        for name, after in days.items()
        for part in ("day", "month", "year")
    }


def sent(release: Release, **changes: str) -> dict[str, str]:
    """Return a filled form."""
    whole = {**SAID, **dated(starts_on=0, ends_on=60), "accepts_terms": "on"}
    return {**whole, "dataset": str(data(release).public_id), **changes}


def test_from_the_trials_page_to_the_file(cast: Any, sign_in: Any, release: Release) -> None:
    researcher, registrar = sign_in(cast.researcher), sign_in(cast.registrar)
    apply = address(release.trial, "access-apply")
    for page in (address(release.trial), address(release.trial, "release-detail", release.public_id)):
        assert apply in researcher.get(page).content.decode()
        assert apply not in registrar.get(page).content.decode()
    form = words(researcher.get(apply))
    assert "Outcomes, version 1: 40 rows" in form
    assert "At most 12 months" in form
    answer = researcher.post(apply, sent(release))
    asked = AccessApplication.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, url(asked))
    assert "Waits for a decision" in words(researcher.get(url(asked)))
    assert release.trial.title in words(registrar.get(reverse("my-work")))
    assert "To decide" in words(registrar.get(reverse("access-all")))
    decide = url(asked, "access-decide")
    assert SAID["why_rows"] in words(registrar.get(decide))
    given = {"outcome": "grant", "purpose": PURPOSE, "conditions": "", "reason": "", **dated(ends_on=30)}
    assert registrar.post(decide, given).status_code == 302
    assert "does not wait any more" in words(registrar.get(decide))
    assert "1 notice about data you asked for" in words(researcher.get(reverse("my-work")))
    notice = AccessNotice.objects.get()
    assert f"Access is granted until {day(30):%-d %B %Y}." in words(researcher.get(reverse("access-list")))
    seen = reverse("access-notice-seen", args=[notice.public_id])
    assert researcher.post(seen)["Location"] == url(asked)
    assert "Notices to you" not in words(researcher.get(reverse("access-list")))
    page = words(researcher.get(url(asked)))
    file = AccessApplication.objects.get().decision.file
    assert "Download the data" in page
    assert file.sha256 in page
    assert "Nobody has read the file yet." in page
    got = researcher.get(url(asked, "access-data"))
    assert b"".join(got.streaming_content) == vault.read(file.sha256)
    assert "no-store" in got["Cache-Control"]
    assert got["Content-Disposition"].endswith('-v1-restricted.csv"')
    for client in (researcher, registrar):
        assert "1 read, newest first" in words(client.get(url(asked)))
    assert "Download the data" not in words(registrar.get(url(asked)))


def test_revoked_at_once(cast: Any, sign_in: Any, release: Release) -> None:
    asked = granted(cast, release)
    researcher, director = sign_in(cast.researcher), sign_in(cast.director)
    assert b"".join(researcher.get(url(asked, "access-data")).streaming_content)
    revoke = url(asked, "access-revoke")
    refused = director.post(revoke, {"reason": " "})
    assert (refused.status_code, "the applicant reads it" in summary(refused)) == (422, True)
    assert director.post(revoke, {"reason": "The project has ended."}).status_code == 302
    gone = researcher.get(url(asked, "access-data"))
    assert (gone.status_code, "was revoked on" in words(gone)) == (410, True)
    assert "That you asked for it is on record." in words(gone)
    page = words(researcher.get(url(asked)))
    assert "The project has ended." in page
    assert "Download the data" not in page
    assert "2 reads, newest first" in page
    assert "Refused Your access was revoked" in page
    assert "nothing to revoke" in words(director.get(revoke))
    assert director.post(revoke, {"reason": "Again."}).status_code == 409
    assert "Granted by Rowan Registrar" in words(director.get(url(asked)))
    row = director.get(reverse("access-all")).context["rows"][0]
    assert (row.state, row.n_reads, row.n_refused) == ("revoked", 1, 1)


def test_ended(cast: Any, sign_in: Any, release: Release) -> None:
    old = ended(cast, granted(cast, release))
    researcher = sign_in(cast.researcher)
    gone = researcher.get(url(old, "access-data"))
    assert (gone.status_code, "Your access ended on" in words(gone)) == (410, True)
    assert [one.event for one in old.reads()] == ["access.read_refused"]
    assert "Ended" in words(researcher.get(reverse("access-list")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"question": "\u200b"}, "Say what question you want to answer"),
        ({"others": ""}, "Say who else would see the rows"),
        ({"lawful_basis": "Call 07700 900123"}, "remove a phone number"),
        ({"ends_on_year": ""}, "The date must include a year"),
        ({"ends_on_day": "31", "ends_on_month": "2"}, "Enter a real date"),
        (dated(ends_on=-1), "The last day must not be before the first"),
        (dated(starts_on=-1), "The first day must be today or later"),
        (dated(ends_on=400), "Ask for 12 months or less"),
        ({"accepts_terms": ""}, "Say that you will keep to the terms"),
        ({"dataset": "00000000-0000-4000-8000-000000000000"}, "Choose the data that you ask for"),
    ],
)
def test_what_is_no_application_keeps_what_was_typed(
    cast: Any, sign_in: Any, release: Release, changes: dict[str, str], message: str
) -> None:
    before = refusals()
    answer = sign_in(cast.researcher).post(
        address(release.trial, "access-apply"), sent(release, why_rows="Kept words", **changes)
    )
    assert (answer.status_code, message in summary(answer)) == (422, True)
    assert "Kept words" in answer.content.decode()
    assert refusals() == before + 1
    assert not AccessApplication.objects.exists()


def test_there_is_nothing_to_ask_for_before_results_are_out(cast: Any, sign_in: Any) -> None:
    held = stages.cleared(cast)
    researcher = sign_in(cast.researcher)
    apply = address(held.trial, "access-apply")
    assert (researcher.get(apply).status_code, researcher.post(apply, sent(held)).status_code) == (404, 404)
    assert apply not in researcher.get(address(held.trial)).content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": ""}, "Choose grant or refuse"),
        ({"outcome": "grant", "purpose": ""}, "Say what the data may be used for"),
        (
            {"outcome": "grant", "ends_on_day": "", "ends_on_month": "", "ends_on_year": ""},
            "Enter the last day",
        ),
        ({"outcome": "grant", **dated(ends_on=61)}, "Give a day from"),
        ({"outcome": "refuse", "reason": ""}, "Say why: the applicant reads it"),
    ],
)
def test_half_a_decision_is_none(
    cast: Any, sign_in: Any, release: Release, changes: dict[str, str], message: str
) -> None:
    asked = applied(cast, release)
    whole = {"outcome": "grant", "purpose": PURPOSE, "conditions": "Kept words", **dated(ends_on=30)}
    answer = sign_in(cast.director).post(url(asked, "access-decide"), whole | changes)
    assert (answer.status_code, message in summary(answer)) == (422, True)
    assert "Kept words" in answer.content.decode()
    assert not hasattr(AccessApplication.objects.get(), "decision")


def test_a_refusal_and_a_withdrawal(cast: Any, sign_in: Any, release: Release) -> None:
    asked = applied(cast, release)
    researcher, director = sign_in(cast.researcher), sign_in(cast.director)
    said = {"outcome": "refuse", "reason": "The files are enough."}
    assert director.post(url(asked, "access-decide"), said).status_code == 302
    assert "The files are enough." in words(researcher.get(url(asked)))
    assert researcher.get(url(asked, "access-data")).status_code == 404
    again = applied(cast, release)
    withdraw = url(again, "access-withdraw")
    assert "Nobody has decided" in words(researcher.get(withdraw))
    assert researcher.post(withdraw).status_code == 302
    assert "Withdrawn on" in words(researcher.get(url(again)))
    assert researcher.post(withdraw).status_code == 409


def test_the_decider_is_told_what_the_list_of_units_gives_away(
    cast: Any, sign_in: Any, release: Release
) -> None:
    asked = applied(cast, release)
    registrar = sign_in(cast.registrar)
    assert "share their arm" not in words(registrar.get(url(asked, "access-decide")))  # 20 in each arm
    stricter = {name: getattr(DEFAULT, name) for name in THRESHOLDS} | {"threshold": 21}
    made = disclosure_policies.propose(thresholds=stricter, reason="More care.", by=cast.director)
    disclosure_policies.adopt(version=made.version, by=cast.registrar)
    told = words(registrar.get(url(asked, "access-decide")))
    assert "40 of 40 units share their arm, start and stratum with fewer than 20 others" in told


def test_what_somebody_else_asked_for_does_not_exist(cast: Any, sign_in: Any, release: Release) -> None:
    asked = granted(cast, release)
    elsewhere = stages.published(cast).trial
    missing = address(release.trial, "access-detail", "00000000-0000-4000-8000-000000000000")
    for who in (cast.publisher, cast.force_user):
        client = sign_in(who)
        there, not_there = client.get(url(asked)), client.get(missing)
        assert (there.status_code, not_there.status_code) == (404, 404)
        assert words(there) == words(not_there)
        assert client.get(url(asked, "access-data")).status_code == 404
    wrong_trial = address(elsewhere, "access-detail", asked.public_id)
    assert sign_in(cast.researcher).get(wrong_trial).status_code == 404
    assert not AuditEvent.objects.filter(event="access.read").exists()
