"""Journey 10: the analyst, two output checkers and the publisher take locked data to a published page.

A real worker runs the registered plan; JavaScript is off for the checkers, who need none.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import Worker
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_from_locked_data_to_a_published_page(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace, worker: Worker
) -> None:
    trial = stages.locked(cast)

    # The analyst finds the work, starts the registered plan, and sees it end.
    page = open_page("/work/", person=cast.analyst)
    assert_accessible(page)
    page.get_by_role("main").get_by_role("link", name=trial.title).first.click()
    page.get_by_role("link", name="Analyses").first.click()
    assert_accessible(page)
    page.get_by_role("button", name="Run the registered plan").click()
    page.get_by_text("In words").wait_for(timeout=60_000)
    assert page.get_by_role("heading", name="Registered analysis").is_visible()
    assert page.get_by_text("POST HOC").count() == 0
    assert_accessible(page)
    page.get_by_role("link", name="Prepare a release").click()
    assert_accessible(page)
    page.get_by_role("button", name="Prepare").click()
    release = page.url
    assert "/releases/" in release

    # A stranger sees nothing of it yet.
    hidden = open_page(release)
    assert "Page not found" in hidden.get_by_role("heading", level=1).inner_text()

    # Two people clear it, file by file.
    for path in ("check/", "report/"):
        narrow = open_page(f"{release}{path}", person=cast.checker, width=320)
        assert_accessible(narrow)
    for number, checker in enumerate((cast.checker, cast.second_checker)):
        check = open_page("/work/", person=checker, javascript=False, width=320 if number else 1280)
        check.get_by_role("main").get_by_role("link", name=trial.title).first.click()
        check.goto(f"{release}check/")
        assert "What disclosure control says" in check.inner_text("main")
        assert "Cells are large enough." not in check.inner_text("main"), "it shows what the other said"
        check.get_by_role("link", name="The report for the checkers").click()
        assert "What no machine can see" in check.inner_text("main")
        check.goto(f"{release}check/")
        for clear in check.get_by_role("radio", name="Clear").all():
            clear.check()
        check.get_by_role("textbox", name="Comment on the whole").fill("Cells are large enough.")
        check.get_by_role("button", name="Record the decision").click()
        assert "/check/" not in check.url, check.inner_text("main")

    # The force reads it first, and finds no fact wrong.
    facts = open_page(f"{release}facts/", person=cast.force_user, width=320)
    assert_accessible(facts)
    facts.get_by_role("button", name="Record the check").click()
    assert "/facts/" not in facts.url, facts.inner_text("main")

    # The publisher publishes, and everybody reads it.
    desk = open_page(f"{release}publish/", person=cast.publisher)
    assert_accessible(desk)
    desk.get_by_role("textbox").fill("publish")
    desk.get_by_role("button", name="Publish").click()
    public = open_page(f"/trials/{trial.number}/", width=320)
    assert "What came out" in public.inner_text("main")
    assert_accessible(public)
    public.goto(release)
    assert "result.json" in public.inner_text("main")
    assert_accessible(public)
