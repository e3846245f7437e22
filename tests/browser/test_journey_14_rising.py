"""Journey 14: an analyst asks what is rising, sees which rule fired and what works against it, and says what it is."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.browser.waiting import until_ended
from tests.conftest import Worker
from tests.integration.hub import outbreak, sent
from tests.integration.tactics import library

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_what_is_rising_is_found_understood_and_escalated(
    open_page: Any,
    assert_accessible: Any,
    cast: SimpleNamespace,
    worker: Worker,
    tmp_path: Path,
    width: int,
    javascript: bool,
) -> None:
    def looked_at() -> None:
        if javascript:  # axe itself needs it
            assert_accessible(page)
        else:
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{page.url} scrolls sideways by {overflow} pixels"

    tactic = library.published(cast.registrar, "Visits after a burglary")
    for number in ("CPP-2026-0901-5", "CPP-2026-0902-3"):
        library.found(tactic, cast.publisher, number)
    library.signed(library.candidate(tactic), cast.reviewer, cast.second_reviewer)
    sent.kept(tmp_path, outbreak.files(), cast.analyst)

    page = open_page("/hub/", person=cast.analyst, width=width, javascript=javascript)
    page.get_by_role("link", name="Signals").click()
    assert "Nothing has been scanned yet" in page.inner_text("main")
    looked_at()
    page.get_by_role("button", name="Scan now").click()
    until_ended(page, javascript=javascript)
    page.get_by_role("link", name="See what is rising").click()
    assert "1 series is rising in March 2026 beyond what chance explains" in page.inner_text("main")
    looked_at()

    page.get_by_role("link", name="Burglary, Testshire Police (invented)").click()
    read = page.inner_text("main")
    assert "was 90 in March 2026" in read
    assert "Above the upper limit of its control chart" in read
    assert "Visits after a burglary" in read
    looked_at()
    page.get_by_role("button", name="Say so").click()
    assert "Say whether it is explained, escalated or closed" in page.inner_text("main")
    looked_at()
    page.get_by_label("Escalated").check()
    page.get_by_label("Why", exact=True).fill("To the head of crime: two visits a week from Monday.")
    page.get_by_role("button", name="Say so").click()
    assert "two visits a week from Monday" in page.inner_text("main")
    page.get_by_role("link", name="Visits after a burglary").first.click()
    assert page.get_by_role("heading", name="Visits after a burglary").count()
    page.go_back()
    page.get_by_role("link", name="Signals").click()
    assert "Escalated" in page.get_by_role("table").inner_text()
