"""For a force: a problem, three tactics, and all that it takes to begin."""

import re
from typing import Any

import pytest
from django.urls import reverse

from centre.models import Force
from tactics.fit import NOT_KNOWN
from tests.integration.tactics.library import candidate, found, published, signed

pytestmark = pytest.mark.django_db

NAMES = ("Visits", "Locks", "Lights", "Patrols")
BURGLARY = reverse("problem-briefing", args=["burglary"])


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def library(cast: Any) -> dict[str, Any]:
    """Four tactics: one effective, one harmful, two that nobody tested."""
    tactics = {name: published(cast.registrar, name) for name in NAMES}
    for number, force in (("CPP-2026-0001-5", "Kent Police"), ("CPP-2026-0002-3", "Durham Constabulary")):
        found(tactics["Visits"], cast.publisher, number, forces=(force,))
    found(tactics["Patrols"], cast.publisher, "CPP-2026-0004-X", estimate=0.3)
    for name in ("Visits", "Patrols"):
        signed(candidate(tactics[name]), cast.reviewer, cast.second_reviewer)
    return tactics


def test_three_tactics_with_all_it_takes_to_begin(client: Any, library: dict[str, Any]) -> None:
    response = client.get(BURGLARY)
    shown = text_of(response)
    assert "Three tactics to look at" in shown
    assert shown.index("Visits") < shown.index("Lights") < shown.index("Locks")
    for fact in (
        "Effect Burglary of homes: 22% lower",
        "Strength 4 of 5, strong",
        "Cost Low (Officer time at 2024 rates)",
        "Officer time For every 100 incidents: 40 hours saved (estimate)",
        "Who did it No force has said yet that it did",
        "Tried in Durham Constabulary, Kent Police",
        "Contact Neighbourhood policing team",
        "First 30 days of Visits",
    ):
        assert fact in shown, fact
    assert "Fit to" not in shown


def test_what_harms_is_named_and_not_offered(client: Any, library: dict[str, Any]) -> None:
    shown = text_of(client.get(BURGLARY))
    offered, avoided = shown.split("Not offered here")
    assert "Patrols" not in offered
    assert "Patrols : One trial suggests that it raises burglary of homes" in avoided.replace(" :", " :")


def test_the_fit_says_where_it_was_tried_and_what_is_not_known(client: Any, library: dict[str, Any]) -> None:
    shown = text_of(client.get(BURGLARY, {"force": "sussex"}))
    assert "Fit to Sussex Police It was not tried in your force. In your region: Kent Police." in shown
    assert "In the rest of your nation: Durham Constabulary." in shown
    assert "Kent Police: 1.3 times your officers, about as much recorded crime for each resident" in shown
    assert "officers at 30 September 2019" in shown
    assert NOT_KNOWN in shown
    assert "No result yet, so nothing is known of where it fits." in shown
    assert "Fit to" not in text_of(client.get(BURGLARY, {"force": "no-such-force"}))


def test_a_force_user_sees_the_fit_to_their_own(cast: Any, sign_in: Any, library: dict[str, Any]) -> None:
    own = Force.objects.get(slug="testshire")
    assert f"Fit to {own}" in text_of(sign_in(cast.force_user).get(BURGLARY))


def test_a_problem_without_tactics_says_what_to_do(client: Any, db: None) -> None:
    shown = text_of(client.get(reverse("problem-briefing", args=["fraud"])))
    assert "No tactic yet" in shown
    assert "see whether a trial is under way" in shown
    assert client.get(reverse("problem-briefing", args=["no-such-problem"])).status_code == 404


def test_a_search_leads_to_the_problem_it_names(client: Any, library: dict[str, Any]) -> None:
    html = client.get(reverse("tactic-list"), {"q": "we have repeat burglary"}).content.decode()
    assert BURGLARY in html
    assert reverse("problem-briefing", args=["fraud"]) not in html


def test_the_page_takes_few_queries(
    client: Any, cast: Any, library: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        published(cast.registrar, f"Tactic {number}")
    with django_assert_max_num_queries(16):
        client.get(BURGLARY, {"force": "sussex"})


def test_a_tactic_is_added_to_the_comparison_by_its_words(client: Any, library: dict[str, Any]) -> None:
    url = reverse("tactic-compare")
    response = client.get(url, {"t": library["Visits"].slug, "find": "locks"})
    assert "Add “Locks”" in text_of(response)
    assert f"?t={library['Visits'].slug}&amp;t={library['Locks'].slug}" in response.content.decode()
    assert "No other tactic says this" in text_of(client.get(url, {"find": "zeppelin"}))
    assert "Contact Neighbourhood policing team" in text_of(response)
