"""Journey 11: a published trial changes the library by itself; two reviewers sign what follows; the page lives on.

A real worker pools, rates and tells. A minute is the promise; what was needed is printed.
"""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from tactics.actions import subscriptions
from tactics.models import Rating
from tests.conftest import Worker
from tests.integration.experiments_pages import stages
from tests.integration.tactics.library import candidate, found, published, signed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROMISED = 60.0  # seconds


def awaited(what: str, is_there: Callable[[], bool], since: float) -> None:
    """Ask again and again, as a reader would, until it is there or the minute is over."""
    while not is_there():
        assert time.monotonic() - since < PROMISED, f"after a minute: no {what}"
        time.sleep(0.25)
    print(f"{what}: {time.monotonic() - since:.1f} s")


def test_publishing_one_trial_changes_page_interface_feed_and_notice(
    open_page: Any, cast: SimpleNamespace, worker: Worker
) -> None:
    release = stages.fact_checked(cast)
    trial = release.trial
    slug = trial.tactic.slug
    subscriptions.follow(tactic=trial.tactic, by=cast.other_force_user)
    reader = open_page(f"/tactics/{slug}/")
    assert "New result" not in reader.inner_text("main")

    desk = open_page(
        reverse("release-publish", args=[trial.number, release.public_id]), person=cast.publisher
    )
    desk.get_by_role("textbox").fill("publish")
    desk.get_by_role("button", name="Publish").click()
    since = time.monotonic()

    def page_says() -> bool:
        reader.goto(f"/tactics/{slug}/")
        return "New result" in reader.inner_text("main")

    def interface_says() -> bool:
        answer = reader.request.get(f"/api/v1/tactics/{slug}/").json()
        return any(rating["label"] not in ("being_tested", "untested") for rating in answer["ratings"])

    def feed_says() -> bool:
        return "New result" in reader.request.get(f"/tactics/{slug}/feed/").text()

    follower = open_page("/tactics/followed/", person=cast.other_force_user)

    def notice_says() -> bool:
        follower.goto("/tactics/followed/")
        return "New result" in follower.inner_text("main")

    awaited("page", page_says, since)
    awaited("feed", feed_says, since)
    awaited("notice", notice_says, since)
    # A label that claims nothing is public at once; any other waits for two people, and the page says so.
    if Rating.objects.candidates().filter(tactic=trial.tactic).exists():
        assert "two reviewers must agree first" in reader.inner_text("main")
        signed(candidate(trial.tactic), cast.reviewer, cast.second_reviewer)
        since = time.monotonic()
    awaited("interface", interface_says, since)


def test_two_reviewers_sign_a_new_rating(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace, worker: Worker
) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    subscriptions.follow(tactic=tactic, by=cast.force_user)
    found(tactic, cast.publisher, "CPP-2026-0002-3")

    # The public page keeps its rating, and says that a result waits.
    reader = open_page(tactic.get_absolute_url(), width=320)
    assert "Promising" in reader.inner_text("main")
    assert "two reviewers must agree first" in reader.inner_text("main")
    assert_accessible(reader)

    # Each reviewer finds it among their work, reads the trace and what changed, and signs. One hand forgets the box.
    # The first works without JavaScript, which axe itself needs.
    for number, reviewer in enumerate((cast.reviewer, cast.second_reviewer)):
        page = open_page("/work/", person=reviewer, width=1280 if number else 320, javascript=bool(number))
        page.get_by_role("main").get_by_role("link", name=tactic.name).first.click()
        said = page.inner_text("main")
        assert "Why it changed" in said
        assert "The label is “Effective” (rule L2); it was “Promising”." in said
        assert page.get_by_role("table", name="The rules that fired, in order").get_by_text("L2").count()
        if number:
            assert_accessible(page)
        page.get_by_role("button", name="Review and sign").or_(
            page.get_by_role("link", name="Review and sign")
        ).click()
        if not number:
            page.get_by_role("button", name="Sign the rating").click()
            assert "Confirm that you have read the trace" in page.inner_text("main")
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Sign the rating").click()
        expected = "The rating is public" if number else "A second reviewer must sign too"
        assert expected in page.inner_text("body")
    since = time.monotonic()

    # The living page: the new label, why, and every rating before.
    reader.goto(tactic.get_absolute_url())
    assert "Effective" in reader.inner_text("main")
    assert "The label is “Effective” (rule L2)" in reader.inner_text("main")
    assert_accessible(reader)
    reader.get_by_role("link", name="How the rating came about").click()
    assert "Promising" in reader.inner_text("main")
    assert_accessible(reader)
    follower = open_page("/tactics/followed/", person=cast.force_user)

    def notice_says() -> bool:
        follower.goto("/tactics/followed/")
        return "New rating" in follower.inner_text("main")

    awaited("notice of the new rating", notice_says, since)
    assert_accessible(follower)
