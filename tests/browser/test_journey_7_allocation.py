"""Journey 7: the custodian freezes a unit list and draws; each person sees what they must, and no more."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_list_is_frozen_and_drawn_once(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    trial = stages.baseline(cast)
    page = open_page("/work/", person=cast.custodian, javascript=False)
    page.get_by_role("main").get_by_role("link", name=trial.title).first.click()
    page.get_by_role("link", name="Freeze the unit list").click()
    page.get_by_label("Or paste the list").fill(stages.unit_csv())
    page.get_by_role("button", name="Freeze the list").click()
    assert "The list of 40 units is frozen." in page.inner_text("main")
    page.get_by_role("link", name="Draw the allocation").click()
    page.get_by_role("textbox").fill("draw")
    page.get_by_role("button", name="Draw").click()
    assert "Who is in which arm" in page.inner_text("main")

    public = open_page(f"/trials/{trial.number}/allocation/", width=320)
    assert_accessible(public)
    assert stages.fresh(trial).allocation.commitment in public.inner_text("main")
    assert public.get_by_role("cell", name="treatment").count() == 0
    force = open_page(f"/trials/{trial.number}/allocation/", person=cast.force_user)
    assert_accessible(force)
    assert force.get_by_role("cell", name="treatment").count() > 0
