"""The frame of every page: accessible, whole at 320 pixels, by keyboard and without JavaScript."""

import pytest

from centre import sample

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PAGES = ["/sign-in/", "/developers/", "/assurance/", "/accessibility/", "/privacy/", "/no-such-page/"]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible(open_page, assert_accessible, path, width) -> None:
    assert_accessible(open_page(path, width=width))


def test_a_refused_form_is_accessible_and_takes_the_focus(open_page, assert_accessible) -> None:
    page = open_page("/sign-in/", width=320)
    page.get_by_role("button", name="Sign in").click()

    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    page.get_by_role("link", name="Enter your password").click()
    assert page.evaluate("document.activeElement.id") == "id_password"
    assert_accessible(page)


def test_the_first_tab_stop_skips_to_the_content(open_page) -> None:
    page = open_page("/assurance/")
    page.wait_for_load_state("networkidle")  # without its script the link still scrolls, and moves no focus
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_a_person_signs_in_and_out_without_javascript(open_page) -> None:
    sample.make_people()
    page = open_page("/sign-in/?next=/assurance/", javascript=False, width=320)
    page.get_by_label("E-mail address").fill("analyst@sample.example")
    page.get_by_label("Password").fill(sample.PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Assurance"
    assert page.get_by_text("Signed in as Ari Finch (sample)").is_visible()
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("link", name="Sign in").first.is_visible()


def test_the_menu_opens_on_a_phone(open_page) -> None:
    page = open_page("/assurance/", width=320)
    menu = page.get_by_role("button", name="Menu")
    menu.click()

    assert menu.get_attribute("aria-expanded") == "true"
    assert page.get_by_role("navigation", name="Menu").get_by_role("link", name="Developers").is_visible()
