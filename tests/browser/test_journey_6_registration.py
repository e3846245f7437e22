"""Journey 6: a methods reviewer asks for a change, approves, and the registrar freezes the protocol."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_from_a_submitted_protocol_to_a_number_and_a_hash(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    trial = stages.submitted(cast)

    def decide(choice: str, comment: str) -> None:
        page = open_page("/work/", person=cast.reviewer, javascript=False)
        page.get_by_role("main").get_by_role("link", name=trial.title).first.click()
        page.get_by_label(choice, exact=True).check()
        page.get_by_label("Comment").fill(comment)
        page.get_by_role("button", name="Record the decision").click()

    decide("Ask for changes", "Say more about the visits.")
    lead = open_page("/work/", person=cast.force_user)
    lead.get_by_role("main").get_by_role("link", name=trial.title).first.click()
    assert "Say more about the visits." in lead.inner_text("main")
    assert_accessible(lead)
    lead.get_by_role("link", name="Send for review").click()
    lead.get_by_role("button", name="Send for review").click()

    decide("Approve", "Ready.")
    sponsor = open_page("/work/", person=cast.sponsor)
    sponsor.get_by_role("main").get_by_role("link", name=trial.title).first.click()
    assert_accessible(sponsor)
    sponsor.get_by_label("I have read this protocol and my force stands by it").check()
    sponsor.get_by_role("button", name="Sign the protocol").click()
    registrar = open_page(f"/trials/{trial.ref}/register/", person=cast.registrar)
    assert "Signed by" in registrar.inner_text("main")
    assert_accessible(registrar)
    digest = registrar.locator("dd.app-code").first.inner_text()
    registrar.get_by_role("textbox").fill("register")
    registrar.get_by_role("button", name="Freeze and register").click()
    number = stages.fresh(trial).number

    public = open_page("/trials/", width=320, javascript=False)
    public.get_by_role("link", name=trial.title).click()
    assert public.url.endswith(f"/trials/{number}/")
    assert digest in public.inner_text("main")
    assert "Say more about the visits." in public.inner_text("main")
