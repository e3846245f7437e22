"""Journey 8: a data officer sends an extract with mistakes, is told line by line, and sends a good one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.browser.waiting import until_ended
from tests.conftest import Worker
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_mistakes_are_named_and_the_corrected_file_is_kept(
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

    trial = stages.delivering(cast)
    good = stages.outcomes(trial).decode()
    (tmp_path / "good.csv").write_text(good)
    (tmp_path / "bad.csv").write_text(good.replace("\n", ",surplus\n", 2))

    page = open_page("/work/", person=cast.force_user, width=width, javascript=javascript)
    page.get_by_role("main").get_by_role("link", name=trial.title).first.click()
    assert "Before you start" in page.inner_text("main")
    looked_at()
    page.get_by_label("Data file").set_input_files(tmp_path / "bad.csv")
    page.get_by_role("button", name="Upload and check").click()
    until_ended(page, javascript=javascript)
    page.get_by_text("What to put right").wait_for()
    looked_at()
    assert "line" in page.inner_text("main")

    page.get_by_role("link", name="Go back and try again").click()
    page.get_by_label("Data file").set_input_files(tmp_path / "good.csv")
    page.get_by_role("button", name="Upload and check").click()
    until_ended(page, javascript=javascript)
    page.get_by_role("link", name="See the data").click()
    assert "Outcomes 1" in page.inner_text("main")
    looked_at()
