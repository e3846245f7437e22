"""Journey 2: a chief officer: "is this worth it for my force?"."""

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FUTURES = re.compile(
    r"In 100 simulated futures, (about \d+ comes? out ahead|nearly all come out ahead|hardly any)"
)


@pytest.fixture(scope="module")
def slug(service: Any) -> str:
    found: str = service.json("/api/v1/tactics/?search=foot+patrols")["results"][0]["slug"]
    # The sample programme goes on while it is read: its reviewers may not have signed this rating yet.
    money = f"/api/v1/tactics/{found}/money/?outcome=violence-with-injury"
    service.wait_until(lambda one: bool(one.json(money)["figures"]), "a public figure")
    return found


def effect_and_worth(page: Any) -> None:
    """From the tactic to what it is worth: effect in plain numbers, who uses it, money with its uncertainty."""
    main = page.inner_text("main")
    assert "Where 100 violent crimes would be expected without it, about" in main
    assert re.search(r"(About \d+|Nearly all) of 100 futures", main)
    assert page.get_by_role("heading", name="Who uses it").first.is_visible()
    page.get_by_role("link", name="Benefit and cost").click()
    main = page.inner_text("main")
    assert FUTURES.search(main)
    assert "95 of 100 lie between" in main
    assert "What is not counted" in main


def for_my_force(page: Any) -> str:
    """Ask for one's own force; return the answer's address, which can be shared."""
    page.get_by_label("Incidents a year without the tactic").fill("1200")
    page.get_by_label("Years that it runs").fill("2")
    page.get_by_role("button", name="Work it out").click()
    main = page.inner_text("main")
    assert "the place that you described" in main
    assert FUTURES.search(main)
    assert "1,200, recorded ones only" in main
    address: str = page.url
    return address


def test_at_a_desk_and_a_link_to_share(visit: Any, assert_accessible: Any, slug: str) -> None:
    page = visit(f"/tactics/{slug}/")
    effect_and_worth(page)
    assert_accessible(page)
    address = for_my_force(page)
    assert_accessible(page)
    headline = FUTURES.search(page.inner_text("main"))[0]  # type: ignore[index]

    other = visit(address)
    assert headline in other.inner_text("main")


def test_on_a_phone_without_javascript(visit: Any, slug: str) -> None:
    page = visit(f"/tactics/{slug}/", width=320, javascript=False)
    effect_and_worth(page)
    for_my_force(page)


def test_by_keyboard_alone(visit: Any, slug: str) -> None:
    page = visit(f"/tactics/{slug}/money/")
    page.get_by_label("Incidents a year without the tactic").focus()
    page.keyboard.type("1200")
    page.keyboard.press("Enter")
    page.wait_for_url("**incidents=1200**")
    assert "the place that you described" in page.inner_text("main")


def test_what_was_mistyped_is_kept_and_named(visit: Any, assert_accessible: Any, slug: str) -> None:
    page = visit(f"/tactics/{slug}/money/")
    page.get_by_label("Incidents a year without the tactic").fill("lots")
    page.get_by_role("button", name="Work it out").click()
    assert page.get_by_role("alert").get_by_text("Enter a whole number of incidents").is_visible()
    assert page.get_by_label("Incidents a year without the tactic").input_value() == "lots"
    assert_accessible(page)
