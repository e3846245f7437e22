"""Journey 4: an innovation lead comes with an idea; leaves with a tactic, a power estimate and a draft trial."""

from types import SimpleNamespace
from typing import Any

import pytest

from experiments.forms.power_words import DESIGNS, QUESTIONS
from experiments.models import Trial
from tactics.models import Tactic
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NAME = "Text message after a shop theft"


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_an_idea_becomes_a_tactic_a_power_estimate_and_a_draft(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace, width: int, javascript: bool
) -> None:
    page = open_page("/tactics/propose/", person=cast.force_user, width=width, javascript=javascript)
    page.get_by_label("Tactic name").fill(NAME)
    page.get_by_label("Summary").fill("A text tells the manager what happened to the report")
    page.get_by_label("Problem", exact=True).fill("Shops stop reporting because they never hear back")
    page.get_by_label("How it works").fill(
        "A text within a week shows that reporting matters; more is reported"
    )
    page.get_by_role("button", name="Save as a draft").click()
    assert "Your tactic is saved as a draft" in page.inner_text("main")
    tactic = Tactic.objects.get(name=NAME)
    assert tactic.mechanism.startswith("A text within a week")
    if javascript:  # axe itself needs it
        assert_accessible(page)

    page.get_by_role("link", name="Work out how large a trial of it has to be").click()
    page.get_by_label(DESIGNS["cluster"]).check()
    page.get_by_label(QUESTIONS["size"]).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Look at an example with made-up numbers").click()
    assert "groups in each arm" in page.locator("section[aria-labelledby=answer]").inner_text()

    page.goto(tactic.get_absolute_url())
    page.get_by_role("link", name="Draft a trial of it").click()
    assert page.get_by_label("Tactic under test").input_value() == tactic.slug
    page.get_by_label("Title", exact=True).fill("Do texts make shops report more?")
    page.get_by_role("button", name="Start the draft").click()
    assert Trial.objects.get().tactic == tactic
    assert "You have completed" in page.inner_text("main")


def test_a_visitor_is_told_who_drafts_a_trial(open_page: Any, cast: SimpleNamespace) -> None:
    tactic = stages.draft(cast).tactic
    page = open_page(tactic.get_absolute_url())
    assert page.get_by_role("link", name="Draft a trial of it").count() == 0
    assert "A force or the Centre drafts the trial" in page.inner_text("main")
