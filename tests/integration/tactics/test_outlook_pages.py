"""“What would move this?” on the page and by the API, and which trial to fund next."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from tactics.actions import findings
from tests.integration.tactics.library import STRONG, candidate, found, proposed, published, signed

pytestmark = pytest.mark.django_db


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def address(tactic: Any) -> str:
    return reverse("tactic-outlook", args=[tactic.slug])


@pytest.fixture
def tactic(cast: Any) -> Any:
    """A promising tactic, and a candidate that nobody outside may hear of."""
    cache.clear()
    made = published(cast.registrar)
    found(made, cast.publisher)
    signed(candidate(made), cast.reviewer, cast.second_reviewer)
    found(made, cast.publisher, "CPP-2026-0002-3", estimate=0.4)
    return made


def test_the_page_says_label_strength_and_chance(client: Any, tactic: Any) -> None:
    page = words(client.get(address(tactic), {"clusters": "160"}))
    assert (
        "If it finds what is expected, “Promising” becomes “Effective”, with strength 4 of 5 (now 3)." in page
    )
    assert "an effect of 22% lower, as in the trials so far, with its uncertainty" in page
    assert "Potentially harmful" not in page.split("Chance of each label")[0]
    assert "L2 Effective" in page


def test_the_question_is_taken_and_kept(client: Any, tactic: Any) -> None:
    answer = client.get(address(tactic), {"clusters": "40", "benefit": "-30", "spread": "0.2"})
    page = words(answer)
    assert "an effect of 30% higher, as you asked; a spread of 0.20 between units, as you asked" in page
    assert 'value="-30"' in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"clusters": "3"}, "from 4 to 2,000"),
        ({"clusters": "many"}, "from 4 to 2,000"),
        ({"benefit": "100"}, "enter less than 100"),
        ({"benefit": "a lot"}, "Enter a number"),
        ({"spread": "0"}, "The spread must be above 0"),
        ({"outcome": "no-such"}, "Choose an outcome"),
    ],
)
def test_a_wrong_question_is_refused_beside_its_field(
    client: Any, tactic: Any, asked: dict[str, str], message: str
) -> None:
    answer = client.get(address(tactic), asked)
    assert message in words(answer, 422)
    assert "govuk-error-message" in answer.content.decode()


def test_a_tactic_without_trials_asks_for_the_spread(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar)
    page = words(client.get(address(tactic)))
    assert "There is no answer. No trial so far says how many units it had" in page
    page = words(client.get(address(tactic), {"spread": "0.3", "clusters": "320"}))
    assert "an effect of 10% lower, the smallest that “no effect” must rule out" in page


def test_a_draft_has_nothing_to_move(cast: Any, sign_in: Any, client: Any) -> None:
    draft = proposed(cast.force_user, "A draft")
    assert client.get(address(draft)).status_code == 404
    assert "there is nothing to move" in words(sign_in(cast.force_user).get(address(draft)))


def test_the_api_gives_the_same_numbers(client: Any, tactic: Any) -> None:
    url = reverse("api-tactic-next-trial", args=[tactic.slug, "burglary"])
    found = client.get(url, {"clusters": "160"}).json()
    assert (found["label_now"], found["strength_now"]) == ("promising", 3)
    assert (found["asked"]["label"], found["asked"]["strength"]) == ("effective", 4)
    assert [row["clusters"] for row in found["ladder"]] == [20, 40, 80, 160, 320]
    assert sum(found["asked"]["chances"].values()) == pytest.approx(1)
    assert found["not_estimable"] is None
    for wrong in ({"clusters": "3"}, {"benefit": "100"}, {"spread": "x"}, {"colour": "red"}):
        assert client.get(url, wrong).status_code == 400
    assert client.get(reverse("api-tactic-next-trial", args=[tactic.slug, "complaints"])).status_code == 404


def test_which_trial_to_fund_next(client: Any, cast: Any, tactic: Any) -> None:
    url = reverse("next-trials")
    page = words(client.get(url))
    assert "Follow-up visits after a burglary" in page
    assert "Promising 0 It stays 160" in page  # 80 places would find too little; 160 would make it Effective
    other = published(cast.registrar, "Another tactic")
    found(other, cast.publisher, "CPP-2026-0003-1", n_units=None, evidence=STRONG)
    signed(candidate(other), cast.reviewer, cast.second_reviewer)
    assert "Another tactic, Burglary" in words(client.get(url)).split("Where that cannot be said")[1]
    cache.clear()
    assert "No public rating rests on a trial yet" not in page


def test_an_empty_library_ranks_nothing(client: Any, db: None) -> None:
    assert "No public rating rests on a trial yet" in words(client.get(reverse("next-trials")))


def test_a_withdrawn_finding_is_no_part_of_the_question(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher, release_id="release-1")
    found(tactic, cast.publisher, "CPP-2026-0002-3")
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    findings.retract(release_id="release-1", reason="A coding error.", by=None)
    url = reverse("api-tactic-next-trial", args=[tactic.slug, "burglary"])
    assert client.get(url).json()["label_now"] == "promising"
