"""Journey 13: the data-quality team prepares a visit, writes it up, agrees an action, and sees later that it worked."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tests.integration.hub import sent, test_visits

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def type_date(page: Any, day: dt.date) -> None:
    for part in ("day", "month", "year"):
        page.get_by_label(part.capitalize(), exact=True).fill(str(getattr(day, part)))


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_a_visit_before_during_and_after(
    open_page: Any,
    assert_accessible: Any,
    cast: SimpleNamespace,
    tmp_path: Path,
    width: int,
    javascript: bool,
) -> None:
    def looked_at(shown: Any) -> str:
        if javascript:  # axe itself needs it
            assert_accessible(shown)
        return str(shown.inner_text("main"))

    today = timezone.localdate()
    sent.kept(tmp_path, sent.content("2024-01") | test_visits.spoilt(), cast.force_user)

    # Before: the scorecard, and the day.
    page = open_page("/hub/", person=cast.analyst, width=width, javascript=javascript)
    page.get_by_role("link", name="Testshire Police").click()
    assert "have a blank street name" in looked_at(page)
    page.get_by_role("link", name="Plan a visit").click()
    looked_at(page)
    type_date(page, today)
    page.get_by_label("Who goes?").fill("Two analysts")
    page.get_by_role("button", name="Plan the visit").click()
    assert "findings to talk about" in looked_at(page)
    visit = page.url

    # During: a note, and an action with a date; a date in the past is refused and everything typed stays.
    page.get_by_role("button", name="Add the note").click()
    assert "There is a problem" in page.inner_text("main")
    page.get_by_label("What did you see?").fill("The extract takes the wrong column.")
    page.get_by_label("What did the force say?").fill("It can be sent again.")
    page.get_by_role("button", name="Add the note").click()
    assert "The extract takes the wrong column." in page.inner_text("main")
    page.get_by_role("button", name="Agree an action").click()
    page.get_by_label("have a blank street name").check()
    page.get_by_label("What is to be done?").fill("Send the month again")
    page.get_by_label("Whose is it?").fill("Data manager")
    type_date(page, today - dt.timedelta(days=1))
    page.get_by_role("button", name="Agree", exact=True).click()
    assert "The date must be today or later" in looked_at(page)
    type_date(page, today + dt.timedelta(days=30))
    page.get_by_role("button", name="Agree", exact=True).click()
    assert page.url == visit
    assert "Data manager, by " in looked_at(page)

    # The force sees it, sends the month again, and says that it is done.
    own = open_page("/hub/", person=cast.force_user, width=width, javascript=javascript)
    own.get_by_role("link", name="what was agreed").click()
    assert "Send the month again" in looked_at(own)
    sent.kept(tmp_path, sent.content("2024-02"), cast.force_user)
    own.get_by_role("link", name="Send the month again").click()
    assert "No longer found since the files of" in looked_at(own)
    own.get_by_label("What was done?").fill("Sent again with street names.")
    own.get_by_role("button", name="Say that it is done").click()
    assert "Sent again with street names." in looked_at(own)

    # After: the same checks again.
    page.reload()
    text = looked_at(page)
    assert "Since the visit 1 of 2 findings went, 1 stayed, none is new." in text
    measured = page.get_by_role("region", name="Findings before the visit and now").inner_text()
    assert measured.index("Gone") < measured.index("Still found")
    assert "No longer found since the files of" in text
    page.emulate_media(media="print")
    assert page.get_by_role("button", name="Add the note").count() == 0
    other = open_page("/hub/visits/", person=cast.other_force_user, width=width, javascript=javascript)
    assert "No visit is planned." in other.inner_text("main")
    assert "Testshire" not in other.inner_text("main")
