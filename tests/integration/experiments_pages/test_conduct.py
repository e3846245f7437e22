"""Moving a trial on: what can happen next is said, what cannot is refused with its reason."""

from typing import Any

import pytest

from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def test_the_next_state_is_put_on_record(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    client = sign_in(cast.registrar)
    page = client.get(address(trial, "trial-conduct"))
    assert "Baseline" in words(page)
    assert client.post(address(trial, "trial-conduct"), {"to": "baseline"}).status_code == 302
    assert stages.fresh(trial).conduct_state == "baseline"
    assert "Baseline, Rowan Registrar" in words(client.get(address(trial, "trial-conduct")))


@pytest.mark.parametrize(
    ("answers", "code", "message"),
    [
        ({}, 422, "Choose one of the next states"),
        ({"to": "completed"}, 422, "completed is not one of the available choices"),
        ({"to": "never_started", "reason": "\u200b"}, 409, "Say why"),
    ],
)
def test_a_step_that_is_not_possible_is_refused(
    cast: Any, sign_in: Any, answers: dict[str, str], code: int, message: str
) -> None:
    trial = stages.registered(cast)
    before = refusals()
    response = sign_in(cast.registrar).post(address(trial, "trial-conduct"), answers)
    assert response.status_code == code
    assert message in summary(response)
    assert refusals() == before + 1
    assert stages.fresh(trial).conduct_state == "not_started"


def test_what_is_missing_is_said_before(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client = sign_in(cast.force_user)
    client.post(address(trial, "trial-conduct"), {"to": "follow_up"})
    assert "Not yet: There is no outcome data to lock" in words(client.get(address(trial, "trial-conduct")))
    response = client.post(address(trial, "trial-conduct"), {"to": "data_locked", "reason": "Kept words"})
    assert response.status_code == 409
    assert "Kept words" in response.content.decode()
    assert stages.fresh(trial).conduct_state == "follow_up"


def test_only_the_team_and_the_registrar_move_a_trial(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    url = address(trial, "trial-conduct")
    for person in (cast.analyst, cast.reviewer):
        client = sign_in(person)
        assert "The trial team and the registrar move the trial." in words(client.get(url))
        assert client.post(url, {"to": "baseline"}).status_code == 403
    for person in (cast.other_force_user, cast.researcher):
        assert status(sign_in(person), url) == 403
    assert stages.fresh(trial).conduct_state == "not_started"
