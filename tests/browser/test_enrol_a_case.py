"""A force officer enrols a case on a phone, without JavaScript, and by the keyboard; the pages are accessible."""

from types import SimpleNamespace
from typing import Any

import pytest

from experiments.models import Enrolment
from tests.integration.enrolments import trickle

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_case_is_enrolled_on_a_phone(open_page: Any, assert_accessible: Any, cast: SimpleNamespace) -> None:
    trial = trickle.opened(cast)
    page = open_page(f"/trials/{trial.number}/cases/", person=cast.force_user, width=320, javascript=False)
    page.get_by_role("link", name="Enrol a case").click()
    page.get_by_role("button", name="Enrol the case").click()
    assert page.title().startswith("Error: ")
    assert "Enter the id of the case" in page.get_by_role("alert").inner_text()

    page.get_by_label("Id of the case").fill("C1")
    for question, answer in (
        ("The suspect is 18 or older", "Yes"),
        ("The offence was reported within 28 days", "Yes"),
        ("The suspect has been in this trial before", "No"),
        ("sex", "female"),
        ("area", "south"),
    ):
        page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()
    page.get_by_label("I have checked these answers").check()
    page.get_by_role("button", name="Enrol the case").click()
    assert "This is the arm of case C1" in page.inner_text("main")
    page.get_by_role("link", name="put on record what was delivered").click()
    page.get_by_label("Nothing was delivered").check()
    page.get_by_label("Safety").check()
    page.get_by_role("button", name="Put it on record").click()
    assert "Delivered instead" in page.inner_text("main")

    case = Enrolment.objects.get().public_id
    for path in ("cases/", "cases/new/", f"cases/{case}/", f"cases/{case}/override/", "allocation/"):
        assert_accessible(open_page(f"/trials/{trial.number}/{path}", person=cast.force_user, width=320))


def test_a_case_is_enrolled_by_the_keyboard(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    trial = trickle.opened(cast, "trickle_simple")
    page = open_page(f"/trials/{trial.number}/cases/new/", person=cast.force_user)
    page.get_by_label("Id of the case").focus()
    page.keyboard.type("C1")
    for answer in ("Space", "Space", "ArrowRight"):  # yes, yes, no
        page.keyboard.press("Tab")
        page.keyboard.press(answer)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("This is the arm of case C1").wait_for()
    page.go_back()
    page.get_by_role("button", name="Enrol the case").click()  # nothing but what the browser kept
    page.wait_for_load_state()
    assert_accessible(page)
    assert Enrolment.objects.count() == 1
