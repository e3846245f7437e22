"""Journey 2: a chief officer: "is this worth it for my force?". Effect, who did it and what happened, hours, a link."""

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def ask_whether_it_is_worth_it(page: Any) -> None:
    """From the problem to what happened in the forces that did it, and back with a link to share."""
    page.get_by_label("Your force").select_option("kent")
    page.get_by_role("button", name="Show the fit").click()
    card = page.locator(".app-card").filter(has_text="Cocoon visits").first
    assert "Fit to Kent Police" in card.inner_text()
    assert "(stopped)" in card.inner_text()
    card.get_by_role("link", name="What happened").click()
    table = page.get_by_role("table", name="Who uses it, as each force says")
    stopped = table.get_by_role("row").filter(has_text="Stopped since").first
    assert "two days late" in stopped.inner_text()
    page.locator("a.app-map__link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/forces/*/")
    assert "Officer hours, as the force says" in page.inner_text("main")
    page.go_back()
    page.get_by_role("link", name="Back to the tactic").click()
    assert "Where 100" in page.inner_text("main")
    page.get_by_role("link", name="The hours account").click()
    shown = page.inner_text("main")
    assert shown.index("First: does it work?") < shown.index("What forces say")
    assert "There is no number for all forces." in shown
    page.get_by_role("link", name="Back to the tactic").click()
    assert page.url in page.inner_text("main")  # "Cite this page" has the link to share


def test_at_a_desk(visit: Any, assert_accessible: Any) -> None:
    page = visit("/problems/burglary/")
    ask_whether_it_is_worth_it(page)
    assert_accessible(page)


def test_on_a_phone_without_javascript(visit: Any) -> None:
    ask_whether_it_is_worth_it(visit("/problems/burglary/", width=320, javascript=False))
