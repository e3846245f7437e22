"""A standard is proposed by one person and adopted by another, and a chief officer reads how their force stands."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.integration.hub import standing

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_standard_from_proposal_to_comparison(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace, width: int, javascript: bool
) -> None:
    def looked_at(page: Any) -> str:
        if javascript:  # axe itself needs it
            assert_accessible(page)
        else:
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{page.url} scrolls sideways by {overflow} pixels"
        return str(page.inner_text("main"))

    standing.dictionary(cast.registrar)
    lines = [
        line for at, one in enumerate(standing.forces()) for line in standing.rows(one.slug, 84 + at % 3)
    ]
    standing.sent(cast.registrar, *lines, *standing.rows("testshire", 40))

    # Hours alone are refused, and what was typed stays.
    page = open_page("/hub/standards/", person=cast.registrar, width=width, javascript=javascript)
    page.get_by_role("link", name="Propose a standard").click()
    page.get_by_label("Key").fill("files-right-first-time")
    page.get_by_label("Name", exact=True).fill("Files right first time")
    page.get_by_label("What good looks like").fill("Nine files in ten need no work twice.")
    page.get_by_label("Officer hours").check()
    page.locator("#id_direction_0").check()
    for part, value in (("Day", "1"), ("Month", "1"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_role("button", name="Propose").click()
    assert "Inputs like hours alone are no standard of productivity" in looked_at(page)
    page.get_by_label("Files sent").check()
    page.get_by_label("Outcome", exact=True).select_option(standing.OUTCOME)
    page.get_by_role("button", name="Propose").click()
    assert "Proposed and not adopted" in looked_at(page)

    # Another person adopts it.
    second = open_page("/hub/standards/", person=cast.director, width=width, javascript=javascript)
    second.get_by_role("link", name="Files right first time").click()
    assert "Officer hours (hours)" in looked_at(second)
    second.get_by_role("button", name="Adopt").click()
    assert "Of 9 forces compared, 8 are as forces usually are" in looked_at(second)

    # A force reads how it stands.
    own = open_page("/hub/standards/", person=cast.force_user, width=width, javascript=javascript)
    own.get_by_role("link", name="against each standard").click()
    assert "better in 0 and worse in 1" in looked_at(own)
