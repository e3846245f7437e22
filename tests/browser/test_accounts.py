"""Passkeys with a real browser and a virtual device; the account's pages at 320 pixels."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_device(page: Any) -> None:
    """Give the page a device that keeps passkeys, and says yes."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_a_passkey_is_made_and_signs_in(
    open_page: Any, assert_accessible: Any, registrar: Any, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    page = open_page("/sign-in/", width=320)
    with_device(page)

    def type_password() -> None:
        page.get_by_label("E-mail address").fill(registrar.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

    type_password()
    expect(page.get_by_text("Set up a second factor before you go on")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Set up a passkey").click()
    assert_accessible(page)
    page.get_by_label("Name").fill("Work phone")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("link", name="Signed in as").click()
    assert_accessible(page)
    page.get_by_role("link", name="Change your second factor").click()
    expect(page.get_by_text("Work phone, made on")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in/")
    type_password()
    assert_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def test_without_javascript_an_app_is_set_up_and_a_passkey_says_why_not(
    open_page: Any, assert_accessible: Any, registrar: Any
) -> None:
    plain = open_page("/second-factor/passkey/", person=registrar, javascript=False)
    assert "A passkey needs JavaScript" in plain.inner_text("main")
    page = open_page("/second-factor/app/", person=registrar, width=320)
    page.get_by_label("Code that the app shows now").fill("000000")
    page.get_by_role("button", name="Set it up").click()
    assert page.title().startswith("Error: ")
    assert_accessible(page)
