"""The ten-minute test: a new force user with a problem, by keyboard alone, without JavaScript, at 320 pixels.

From "we have repeat burglary" to three options with cost, strength and a contact, and the first 30 days of one. What a
person needs is counted in keys and pages: at a second a key and a minute a page read, it fits ten minutes.
"""

import time
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_KEYS = 120
MOST_PAGES = 4
FACTS = ("Effect", "Strength", "Cost", "Officer time", "Who did it", "Contact")


class Keyboard:
    """A person's hands: every key is counted, and nothing is clicked."""

    def __init__(self, page: Any) -> None:
        self.page, self.keys, self.pages = page, 0, 1

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)
        self.keys += 1

    def type(self, text: str) -> None:
        """Type words."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def to(self, *words: str) -> None:
        """Go on by Tab until what has the focus says the words."""
        for _ in range(60):
            self.press("Tab")
            if any(word in self.focused() for word in words):
                return
        raise AssertionError(f"no Tab leads to {words}; the last was {self.focused()}")

    def focused(self) -> str:
        """Return what a person sees of the thing with the focus."""
        one = self.page.locator(":focus")
        if one.count() != 1:
            return ""
        name = one.get_attribute("aria-label") or one.get_attribute("name") or ""
        return f"{name} {one.inner_text()}"

    def open(self, wanted: str) -> None:
        """Follow what has the focus."""
        self.press("Enter")
        self.page.wait_for_url(wanted)
        self.pages += 1
        overflow = self.page.locator("body").bounding_box()["width"]
        assert overflow <= 320, f"{self.page.url} is {overflow} pixels wide"


def test_from_a_problem_to_three_options(visit: Any) -> None:
    started = time.monotonic()
    page = visit("/", width=320, javascript=False)
    hands = Keyboard(page)
    hands.to("Skip to main content")
    hands.press("Enter")
    hands.to("q ")
    hands.type("we have repeat burglary")
    hands.open("**/tactics/?q=*")
    hands.to("Skip to main content")
    hands.press("Enter")
    hands.to("three tactics with cost, contact and first steps")
    hands.open("**/problems/burglary/")

    options = page.locator(".app-card").all()
    assert len(options) == 3
    for option in options:
        names = option.locator("dt").all_inner_texts()
        said = dict(zip(names, option.locator("dd").all_inner_texts(), strict=True))
        assert set(FACTS) <= set(said), said
        assert all(said[fact].strip() for fact in FACTS), said

    hands.to("First 30 days")
    hands.open("**/start/")
    assert "first 30 days" in page.get_by_role("heading", level=1).inner_text()
    assert "Who to contact" in page.inner_text("main")
    assert hands.keys <= MOST_KEYS, hands.keys
    assert hands.pages <= MOST_PAGES
    assert time.monotonic() - started < 600


def test_each_page_of_the_way_is_accessible(visit: Any, assert_accessible: Any) -> None:
    for path in (
        "/",
        "/tactics/?q=we+have+repeat+burglary",
        "/tactics/?q=burglry&cost=2",
        "/tactics/?q=zeppelin",
        "/tactics/?problem=nothing",
        "/problems/burglary/",
        "/problems/fraud/",
        "/gap-map/",
        "/gap-map/?problem=fraud",
        "/rejected-studies/",
        "/rejected-studies/?reason=one_unit",
        "/about-the-search/",
        "/tactics/compare/?find=burglary",
        "/tactics/hot-spots-policing/",
    ):
        for width in (1280, 320):
            page = visit(path, width=width)
            assert_accessible(page)
