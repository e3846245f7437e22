"""Journey 3: a member of the public, a journalist: "is facial recognition tested, and is it fair?". Five minutes."""

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", page.inner_text("main"))


def find(page: Any) -> None:
    """From the front page to what the search finds for the question."""
    page.get_by_label("Search the tactics").fill("facial recognition")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_role("link", name="Live facial recognition").is_visible()
    assert page.get_by_role("link", name="Face matching at event gates (simulated)").is_visible()
    assert "Used. No transparency record has been sent" in words(page)


def read_the_real_one(page: Any) -> None:
    """Is it tested? What is claimed, how often is it wrong, is it fair, is there a record?"""
    page.get_by_role("link", name="Live facial recognition", exact=True).click()
    said = words(page)
    assert "No trial of it is rated here yet" in said
    assert "0.48% of alerts (0.26% to 0.88%)" in said
    assert "0.00032% of faces scanned" in said
    assert "No miss rate is published" in said
    assert "No transparency record has been sent" in said
    assert "No trial of this tactic is registered" in said
    assert "may differ by ethnicity, sex and age" in said
    assert "the parts add up to 981, which is more than 962" in said


def read_the_invented_one(page: Any) -> None:
    """What a tactic with everything says: harms beside the benefit, the trial under way, the record."""
    page.get_by_role("link", name="Face matching at event gates (simulated)").click()
    said = words(page)
    assert "simulated" in said
    assert "15% of walks past a gate by volunteers on the list" in said
    assert "Does face matching find more wanted people than officers with pictures?" in said
    page.get_by_role("link", name="Read the transparency record").click()
    said = words(page)
    for answer in ("Human review", "An officer compares the pictures before every stop", "Operational Data"):
        assert answer in said
    assert page.get_by_role("link", name="Download as JSON").is_visible()


def test_on_a_phone_without_javascript(visit: Any) -> None:
    page = visit("/", width=320, javascript=False)
    find(page)
    read_the_real_one(page)
    page.go_back()
    read_the_invented_one(page)


def test_harms_stand_beside_the_benefit(visit: Any, assert_accessible: Any) -> None:
    page = visit("/")
    find(page)
    assert_accessible(page)
    page.get_by_role("link", name="Face matching at event gates (simulated)").click()
    assert_accessible(page)
    benefit, harms = (
        page.get_by_role("heading", name=name).bounding_box()
        for name in ("Does it work?", "Harms and equality")
    )
    assert abs(benefit["y"] - harms["y"]) < 5
    assert benefit["x"] < harms["x"]
    page.get_by_role("link", name="Read the transparency record").click()
    assert_accessible(page)
    page.go_back()
    page.get_by_role("link", name="How these were scored, and by whom").click()
    assert_accessible(page)


def test_by_keyboard_alone(visit: Any) -> None:
    page = visit("/", width=320)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the main content
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "INPUT":
            break
    page.keyboard.type("facial recognition")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tactics/**")
    follow(page, "Face matching at event gates (simulated)")
    page.wait_for_url("**/tactics/face-matching**")
    follow(page, "Read the transparency record")
    page.wait_for_url("**/transparency/")
    assert "Algorithmic transparency record" in page.get_by_role("heading", level=1).inner_text()


def follow(page: Any, name: str) -> None:
    """Go to a link by Tab, and press Enter on it."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way by keyboard to “{name}”")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    "path",
    [
        "/tactics/live-facial-recognition/",
        "/tactics/live-facial-recognition/transparency/",
        "/tactics/live-facial-recognition/quality/",
        "/tactics/hot-spots-policing/transparency/",
    ],
)
def test_pages_with_nothing_and_with_much(visit: Any, assert_accessible: Any, path: str, width: int) -> None:
    assert_accessible(visit(path, width=width))


def test_who_writes_and_who_reviews(visit: Any, assert_accessible: Any) -> None:
    """The forms, empty and in error, as a force and as the Centre see them, at 320 pixels."""
    page = signed_in(visit, "northmoor")
    slug = "face-matching-at-event-gates-simulated"
    for path in (
        f"/tactics/{slug}/transparency/write/",
        f"/tactics/{slug}/transparency/write/tier-1-information/",
        "/practices/new/",
        "/work/",
    ):
        page.goto(path)
        assert_accessible(page)
    page.goto("/practices/new/")
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_role("button", name="Save as a draft").click()
    assert "Enter the name of the practice" in words(page)
    assert_accessible(page)
    page = signed_in(visit, "reviewer")
    for path in (
        f"/tactics/{slug}/quality/",
        f"/tactics/{slug}/quality/mechanism/",
        f"/tactics/{slug}/error-rates/new/",
    ):
        page.goto(path)
        assert_accessible(page)
    page.get_by_role("button", name="Record it").click()
    assert "Choose what went wrong" in words(page)
    assert_accessible(page)


def signed_in(visit: Any, who: str) -> Any:
    page = visit("/sign-in/", width=320)
    page.get_by_label("E-mail").fill(f"{who}@sample.example")
    page.get_by_label("Password").fill("a sample programme password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/work/")
    return page
