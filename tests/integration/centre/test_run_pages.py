"""The pages of runs: who sees which, and the history of one that lost its worker."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from centre import runs
from centre.models import Run, RunAttempt, User

pytestmark = pytest.mark.django_db


def submit(by: User, title: str) -> Run:
    return runs.submit(task="tests.nothing", title=title, subject=by, by=by)


def seen(person: User, address: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_force_sees_its_own_runs_and_the_centre_everybodys(cast: SimpleNamespace) -> None:
    submit(cast.force_user, "Check of May’s calls")
    submit(cast.analyst, "Registered analysis")
    of_force, of_centre = seen(cast.force_user, "/runs/"), seen(cast.registrar, "/runs/")
    assert "May’s calls" in of_force
    assert "Registered analysis" not in of_force
    assert "May’s calls" in of_centre
    assert "Registered analysis" in of_centre


def test_the_list_is_of_one_state_where_one_is_asked_for(cast: SimpleNamespace) -> None:
    submit(cast.analyst, "Waits")
    runs.cancel(run=submit(cast.analyst, "Was cancelled"), by=cast.analyst)
    shown = seen(cast.analyst, "/runs/?state=cancelled")
    assert "Was cancelled" in shown
    assert "Waits" not in shown
    assert "No run is in this state" in seen(cast.analyst, "/runs/?state=failed")
    assert "Waits" in seen(cast.analyst, "/runs/?state=nonsense")


def test_the_page_of_a_run_says_what_became_of_each_worker(cast: SimpleNamespace) -> None:
    run = submit(cast.analyst, "Registered analysis")

    def overtaken(context: runs.Context) -> Any:
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        runs.execute(str(run.pk), lambda _: dict)
        return dict

    runs.execute(str(run.pk), overtaken)
    outcomes = list(RunAttempt.objects.values_list("number", "outcome"))
    assert outcomes == [(1, "discarded"), (2, "done")]
    shown = seen(cast.analyst, f"/runs/{run.pk}/")
    assert "its output was discarded" in shown
    assert "its results were written" in shown
