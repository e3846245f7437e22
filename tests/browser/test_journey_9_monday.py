"""Journey 9: a trial manager sees on Monday what needs attention across all trials, and who was told of it."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from experiments.models import Trial
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages, test_delivery

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def checked(cast: SimpleNamespace) -> dict[str, Trial]:
    """Three running trials after the nightly round: the dose of one is low, another owes results, one is calm."""
    calm, low, owing = trickle.opened(cast), stages.delivering(cast), stages.registered(cast)
    test_delivery.send(low, test_delivery.report(low, 0.1), cast.force_user)
    due = timezone.localdate() - dt.timedelta(days=40)
    Trial.objects.filter(pk=owing.pk).update(results_due_on=due)
    found = {"calm": calm, "low": low, "owing": owing}
    for name, trial in found.items():
        Trial.objects.filter(pk=trial.pk).update(title=f"A trial that is {name}")
    call_command("check_trials")
    return {name: stages.fresh(trial) for name, trial in found.items()}


def test_monday_morning(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace, checked: dict[str, Trial]
) -> None:
    calm, low, owing = (checked[name] for name in ("calm", "low", "owing"))
    page = open_page("/work/", person=cast.force_user, javascript=False)
    page.get_by_role("link", name="about trials that need attention").click()
    text = page.inner_text("main")
    assert "2 of 3 trials need attention." in text
    assert text.rindex(low.title) < text.rindex(calm.title)
    assert text.rindex(owing.title) < text.rindex(calm.title)
    notices = page.get_by_role("region", name="Notices to you")
    assert low.number in notices.inner_text()
    assert owing.number in notices.inner_text()
    assert calm.number not in notices.inner_text()

    page.get_by_label("Only trials with").select_option(label="Overdue")
    page.get_by_role("button", name="Show", exact=True).click()
    assert [one.inner_text() for one in page.get_by_role("main").get_by_role("heading", level=2).all()][
        1:
    ] == [f"{owing.title} Act"]
    page.go_back()

    n_before = notices.get_by_role("button").count()
    notices.get_by_role("button", name=f"go to the trial {low.number}").first.click()
    assert page.url.endswith(f"/trials/{low.number}/checks/")
    assert "Act" in page.inner_text("main")
    page.goto("/work/trials/")
    assert page.get_by_role("region", name="Notices to you").get_by_role("button").count() == n_before - 1


def test_others_see_their_own_trials_and_notices_alone(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace, checked: dict[str, Trial]
) -> None:
    for person in (cast.force_user, cast.registrar):
        page = open_page("/work/trials/", person=person, width=320)
        assert_accessible(page)
        page.goto(f"/trials/{checked['low'].number}/checks/")
        assert_accessible(page)
    other = open_page("/work/trials/", person=cast.other_force_user, width=320)
    assert "No trial is running." in other.inner_text("main")
    assert checked["low"].number not in other.content()
    assert other.get_by_role("main").get_by_role("combobox").count() == 0  # nothing to narrow
    assert_accessible(other)
