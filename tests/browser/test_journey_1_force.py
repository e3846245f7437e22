"""Journey 1: a force inspector, first visit, no account: "repeat burglary, what works?"."""

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def find_and_compare(page: Any) -> None:
    """From the front page to three tactics side by side."""
    page.get_by_label("Search the tactics").fill("repeat burglary")
    page.get_by_role("button", name="Search").click()
    boxes = page.get_by_role("checkbox", name="Compare")
    assert boxes.count() >= 3
    for number in range(3):
        boxes.nth(number).check()
    page.get_by_role("button", name="Compare the ticked tactics").click()
    table = page.get_by_role("table", name="side by side")
    for name in ("Effect", "Strength of evidence", "Cost", "Officer time"):
        row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name)).first
        cells = row.get_by_role("cell").all_inner_texts()
        assert len(cells) == 3, name
        assert all(text.strip() for text in cells), name
    assert page.get_by_text("simulated", exact=False).first.is_visible()


def test_at_a_desk(visit: Any, assert_accessible: Any) -> None:
    page = visit("/")
    assert_accessible(page)
    find_and_compare(page)
    assert_accessible(page)
    page.get_by_role("link", name="First 30 days").first.click()
    assert "first 30 days" in page.get_by_role("heading", level=1).inner_text()
    assert_accessible(page)


def test_on_a_phone_without_javascript(visit: Any) -> None:
    page = visit("/", width=320, javascript=False)
    find_and_compare(page)
    page.get_by_role("link", name="First 30 days").first.click()
    assert "first 30 days" in page.get_by_role("heading", level=1).inner_text()


def test_by_keyboard_alone(visit: Any) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "INPUT":
            break
    page.keyboard.type("repeat burglary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tactics/**")
    for name in ("ticked", "compare"):
        assert page.get_by_text(name, exact=False).first.is_visible()
    page.get_by_role("checkbox", name="Compare").first.focus()
    page.keyboard.press("Space")
    assert page.get_by_role("checkbox", name="Compare").first.is_checked()


def test_the_first_30_days_print_without_the_frame(visit: Any, service: Any) -> None:
    slug = service.json("/api/v1/tactics/?search=cocoon")["results"][0]["slug"]
    page = visit(f"/tactics/{slug}/start/")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_search_that_finds_nothing_says_what_to_do(visit: Any, assert_accessible: Any) -> None:
    page = visit("/tactics/?q=zeppelin")
    assert "no tactic" in page.inner_text("main").lower()
    assert page.get_by_role("main").get_by_role("link").count() > 0
    assert_accessible(page)
