"""The team of a trial: added by those who write it, and kept apart from those who judge it."""

from typing import Any

import pytest

from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def test_a_person_joins_the_team(cast: Any, sign_in: Any) -> None:
    trial = stages.empty(cast)
    client = sign_in(cast.force_user)
    answers = {"email": "ANALYST@test.example", "role": "analyst"}
    assert client.post(address(trial, "trial-team"), answers).status_code == 302
    assert "Ana Analyst Analyst" in words(client.get(address(trial, "trial-team")))


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"role": "analyst"}, "Enter an e-mail address"),
        ({"email": "analyst", "role": "analyst"}, "Enter a full e-mail address"),
        ({"email": "nobody@test.example", "role": "analyst"}, "Nobody signs in with this address"),
        ({"email": "analyst@test.example"}, "Choose a role"),
        ({"email": "analyst@test.example", "role": "king"}, "king is not one of the available choices"),
    ],
)
def test_a_bad_answer_is_named_and_kept(
    cast: Any, sign_in: Any, answers: dict[str, str], message: str
) -> None:
    trial = stages.empty(cast)
    before = refusals()
    response = sign_in(cast.force_user).post(address(trial, "trial-team"), answers)
    assert response.status_code == 422
    assert message in summary(response)
    assert answers.get("email", "") in response.content.decode()
    assert refusals() == before + 1
    assert trial.team_members.count() == 1


def test_who_has_reviewed_cannot_join(cast: Any, sign_in: Any) -> None:
    trial = stages.approved(cast)
    answers = {"email": "reviewer@test.example", "role": "member"}
    response = sign_in(cast.force_user).post(address(trial, "trial-team"), answers)
    assert response.status_code == 409
    assert "cannot join its team" in summary(response)


def test_others_neither_see_nor_add(cast: Any, sign_in: Any) -> None:
    trial = stages.empty(cast)
    url = address(trial, "trial-team")
    assert status(sign_in(cast.other_force_user), url) == 404
    answers = {"email": "analyst@test.example", "role": "member"}
    assert sign_in(cast.analyst).post(url, answers).status_code == 403
    assert trial.team_members.count() == 1
