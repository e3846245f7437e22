"""Journey 5: a trial lead writes a protocol without JavaScript on a phone, solves its problems and sends it."""

from types import SimpleNamespace
from typing import Any

import pytest

from experiments.actions import trials
from experiments.models import Trial
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_draft_is_begun_and_gets_its_arms_row_by_row(open_page: Any, cast: SimpleNamespace) -> None:
    page = open_page("/work/", person=cast.force_user, width=320, javascript=False)
    page.get_by_role("link", name="Start a new trial").click()
    page.get_by_label("Title", exact=True).fill("Do visits help?")
    page.get_by_role("button", name="Start the draft").click()
    assert "You have completed 0 of" in page.inner_text("main")
    page.get_by_role("link", name="Arms", exact=True).click()
    page.get_by_role("button", name="Add another arm").click()
    assert page.get_by_role("group", name="Arm 3").is_visible()
    third = page.get_by_role("group", name="Arm 3")
    third.get_by_label("Code", exact=True).fill("C")
    page.get_by_role("group", name="Arm 1").get_by_label("Code", exact=True).fill("T")
    page.get_by_role("button", name="Remove arm 2").click()
    assert page.get_by_role("group", name="Arm 2").get_by_label("Code", exact=True).input_value() == "C"
    page.get_by_role("button", name="Save and go to the list").click()
    assert "Saved: Arms" in page.inner_text("main")
    assert [arm.id for arm in Trial.objects.get().draft.arms] == ["T", "C"]


def test_a_draft_starts_from_a_template_and_reads_as_a_document(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    page = open_page("/work/", person=cast.force_user, width=320, javascript=False)
    page.get_by_role("link", name="Start a new trial").click()
    page.get_by_label("Title", exact=True).fill("Do patrols help?")
    page.get_by_label("Hot spots, drawn to be patrolled or not").check()
    page.get_by_role("button", name="Start the draft").click()
    trial = Trial.objects.get()
    assert trial.draft.design.design == "rct_place"
    assert "Completed" in page.get_by_role("listitem").filter(has_text="Hypotheses").inner_text()
    page.get_by_text("Everything still needed").click()
    page.get_by_role("link", name="Enter the planned dose").click()
    planned = page.get_by_role("group", name="Arm 1")
    assert planned.get_by_label("Name", exact=True).input_value() == "Directed patrol"
    assert "Frozen at registration" in page.inner_text("main")
    planned.get_by_label("Planned dose", exact=True).fill("30")
    planned.get_by_label("Smallest acceptable dose").fill("40")
    page.get_by_role("button", name="Save and go to the list").click()
    refused = page.get_by_role("alert")
    assert "The smallest acceptable dose cannot be above the planned one" in refused.inner_text()
    planned.get_by_label("Smallest acceptable dose").fill("15")
    page.get_by_role("button", name="Save and go to the list").click()
    assert stages.fresh(trial).draft.arms[0].dosage.planned == 30

    wide = open_page(f"/trials/{trial.ref}/document/", person=cast.force_user)
    assert_accessible(wide)
    assert wide.get_by_role("heading", name="5.1 Arm 1").is_visible()
    assert "Not answered" in wide.locator("[id='/dates/first_unit']").inner_text()
    assert "Directed patrol" in wide.locator("[id='/arms/0/label']").inner_text()
    assert (
        "Rate ratio (Poisson regression)"
        in wide.locator("[id='/analysis_plan/estimates/0/estimator']").inner_text()
    )
    wide.get_by_role("link", name="Start a new trial from a copy").click()
    assert_accessible(wide)
    assert wide.get_by_label("A copy of another trial’s protocol").is_checked()
    wide.get_by_label("Title", exact=True).fill("Do patrols help again?")
    wide.get_by_role("button", name="Start the draft").click()
    copy = Trial.objects.latest("pk")
    assert copy.draft.arms == stages.fresh(trial).draft.arms

    wide.goto(f"/trials/compare/?a={trial.ref}&b={copy.ref}")
    assert_accessible(wide)
    assert "Do patrols help again?" in wide.get_by_role("row", name="Title").inner_text()
    assert "Directed patrol" not in wide.inner_text("main")
    wide.get_by_label("Show what is the same too").check()
    wide.get_by_role("button", name="Compare").click()
    assert "Directed patrol" in wide.inner_text("main")


def test_what_is_missing_leads_to_its_question_and_the_protocol_is_sent(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    trial = stages.draft(cast)
    document = stages.document(trial.tactic)
    document["sample_size"]["power"] = None
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)

    page = open_page(f"/trials/{trial.ref}/protocol/", person=cast.force_user)
    assert_accessible(page)
    page.get_by_text("Everything still needed (1)").click()
    page.get_by_role("link", name="Enter the power").click()
    assert page.url.endswith("/protocol/allocation/#sample_size__power")
    assert_accessible(page)
    page.get_by_label("Power", exact=True).fill("0.8")
    page.get_by_label("Power", exact=True).press("Enter")  # the hidden first button saves: no row is removed
    assert "Comparison over time" in page.get_by_role("heading", level=1).inner_text()
    assert len(stages.fresh(trial).draft.allocation.ratio) == 2

    page.goto(f"/trials/{trial.ref}/protocol/")
    page.get_by_role("link", name="Send for review").click()
    page.get_by_role("button", name="Send for review").click()
    assert "The protocol is with the methods reviewers" in page.inner_text("main")
    assert stages.fresh(trial).registration_state == "submitted"


def test_looks_before_the_end_are_answered_on_a_phone_and_carried_into_the_plan(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    trial = stages.draft(cast)
    document = stages.document(trial.tactic)
    document["decision"]["interim"] = {}
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)

    wide = open_page(f"/trials/{trial.ref}/protocol/estimand/", person=cast.force_user)
    assert_accessible(wide)
    page = open_page(f"/trials/{trial.ref}/protocol/", person=cast.force_user, width=320, javascript=False)
    page.get_by_text("Everything still needed (1)").click()
    page.get_by_role("link", name="Choose how looks before the end are paid for").click()
    page.get_by_label("A few looks, each with its boundary").check()
    page.get_by_label("When a few looks are made").fill("0.5\n1")
    page.get_by_label("Nearly all is kept for the end").check()
    page.get_by_label("Who looks, and what would stop the trial").fill("The oversight group.")
    page.get_by_role("button", name="Save and go to the list").click()
    page.get_by_text("Everything still needed (1)").click()
    page.get_by_role("link", name="no primary estimate has them").click()
    page.get_by_label("Looks before the end").fill("0.5 1")
    page.get_by_role("button", name="Save and go to the list").click()
    assert "Everything still needed" not in page.inner_text("main")
    assert stages.fresh(trial).draft.decision.interim.looks == (0.5, 1.0)
