"""The library: what people see first, what they may not see, and how many queries it takes."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tactics.actions import registry
from tactics.models import Tactic
from tests.integration.tactics.library import STRONG, candidate, found, proposed, published, signed

pytestmark = pytest.mark.django_db

NAMES = (
    "Follow-up visits after a burglary",
    "Bail checks by video",
    "Patrols of hot spots",
    "Online crime reporting",
    "Body-worn cameras",
)


@pytest.fixture
def library(cast: Any) -> list[Tactic]:
    """Five published tactics: one effective, one promising, one harmful elsewhere, two untested."""
    tactics = [published(cast.registrar, name, cost_band=number + 1) for number, name in enumerate(NAMES)]
    found(tactics[0], cast.publisher, "CPP-2026-0001-5")
    found(tactics[0], cast.publisher, "CPP-2026-0002-3")
    signed(candidate(tactics[0]), cast.reviewer, cast.second_reviewer)
    found(tactics[1], cast.publisher, "CPP-2026-0003-1")
    signed(candidate(tactics[1]), cast.reviewer, cast.second_reviewer)
    found(tactics[2], cast.publisher, "CPP-2026-0004-X", estimate=0.3, domain="complaints")
    signed(candidate(tactics[2]), cast.reviewer, cast.second_reviewer)
    return tactics


def text_of(response: Any) -> str:
    """Return the page's words without tags or runs of space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_home_asks_for_the_problem_and_shows_the_best(client: Any, library: list[Tactic]) -> None:
    response = client.get(reverse("library-home"))
    words = text_of(response)
    assert response.status_code == 200
    assert "What problem are you trying to solve?" in words
    assert "Burglary of homes (5)" in words
    assert words.index(NAMES[0]) < words.index(NAMES[1])
    assert "See all 5 tactics" in words


def test_home_of_an_empty_library(client: Any, db: None) -> None:
    words = text_of(client.get(reverse("library-home")))
    assert "No tactic has been published yet" in words
    assert "Choose a problem" not in words


def test_list_orders_best_first_with_the_facts_on_each_card(client: Any, library: list[Tactic]) -> None:
    words = text_of(client.get(reverse("tactic-list")))
    assert "5 tactics, best rated first" in words
    assert "Effect Burglary of homes: 22% lower (between 17% and 27% lower)" in words
    assert "Strength 4 of 5, strong" in words
    assert "Cost Very low" in words
    assert "Potentially harmful for Complaints against officers" in words
    assert words.index(NAMES[0]) < words.index(NAMES[1]) < words.index(NAMES[4])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "burglaries"}, set(NAMES)),  # the problem's name holds it
        ({"q": "hot spots"}, {NAMES[2]}),
        ({"q": "HOT SPOT"}, {NAMES[2]}),
        ({"q": "bwv"}, {NAMES[4]}),
        ({"q": "nothing of the kind"}, set()),
        ({"label": "effective"}, {NAMES[0]}),
        ({"strength": "3"}, {NAMES[0], NAMES[1]}),
        ({"cost": "2"}, {NAMES[0], NAMES[1]}),
        ({"problem": "burglary", "label": "untested"}, {NAMES[2], NAMES[3], NAMES[4]}),
        ({"problem": "fraud"}, set()),
        ({"stage": "scaled"}, set()),
        ({"q": "   "}, set(NAMES)),
    ],
)
def test_search_and_filters(
    client: Any, library: list[Tactic], query: dict[str, str], expected: set[str]
) -> None:
    words = text_of(client.get(reverse("tactic-list"), query))
    assert {name for name in NAMES if name in words} == expected
    if not expected:
        assert "No tactic matches" in words


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"problem": "'; drop table"}, "Choose a problem from the list"),
        ({"strength": "9"}, "Choose a strength from the list"),
        ({"q": "x" * 201}, "Search text must be 200 characters or fewer"),
        ({"q": "a\x00b"}, "Search text contains a character we cannot accept (U+0000)"),
    ],
)
def test_bad_filters_are_named(
    client: Any, library: list[Tactic], query: dict[str, str], message: str
) -> None:
    response = client.get(reverse("tactic-list"), query)
    assert response.status_code == 400
    assert message in text_of(response)


def test_list_takes_as_many_queries_for_five_as_for_one(
    client: Any, cast: Any, library: list[Tactic], django_assert_num_queries: Any
) -> None:
    url = reverse("tactic-list")
    # Problems and regions of the filter, whether what is remembered is of age; the shelf and its problems; the tactics
    # of the page, their records, citations and ratings.
    with django_assert_num_queries(9):
        client.get(url)
    with django_assert_num_queries(3):
        client.get(url)
    with django_assert_num_queries(3):
        client.get(url, {"label": "effective"})
    # Whether what is remembered is of age, the names of problems.
    with django_assert_num_queries(2):
        client.get(reverse("library-home"))


def test_drafts_are_hidden_from_strangers(cast: Any, sign_in: Any) -> None:
    draft = proposed(cast.force_user)
    for person, status in (
        (cast.anonymous, 404),
        (cast.other_force_user, 404),
        (cast.researcher, 404),
        (cast.force_user, 200),
        (cast.registrar, 200),
    ):
        client = sign_in(person)
        assert client.get(draft.get_absolute_url()).status_code == status
        assert client.get(reverse("tactic-start", args=[draft.slug])).status_code == status
        assert client.get(reverse("rating-list", args=[draft.slug])).status_code == status
        assert client.get(reverse("tactic-compare"), {"t": draft.slug}).status_code == status
        assert (draft.name in text_of(client.get(reverse("tactic-list")))) == (status == 200)


def test_tactic_page_says_what_was_found_in_plain_words(client: Any, library: list[Tactic]) -> None:
    words = text_of(client.get(library[0].get_absolute_url()))
    assert "Strong evidence from two trials that it reduces burglary of homes: 22% lower" in words
    assert "Where 100 burglaries would be expected without it, about 78 happened with it" in words
    assert "With two trials nobody can judge how much results vary" in words
    assert "Officer time for every 100 incidents 40 hours saved (estimate)" in words
    assert "Trial CPP-2026-0001-5" in words
    for title in ("The problem", "How it works", "Where it works", "How to do it", "What it costs"):
        assert title in words


def test_the_outcome_the_tactic_is_for_comes_first(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar, main_outcome="repeat-burglary")
    for domain in ("burglary", "repeat-burglary"):
        found(tactic, cast.publisher, domain=domain)
        signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    words = text_of(client.get(tactic.get_absolute_url()))
    assert words.index("The evidence: Repeat burglary") < words.index("The evidence: Burglary of homes")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("40.0", "40 hours saved"),
        ("-12.5", "12.5 hours spent"),
        ("1", "1 hour saved"),
        ("0", "None saved or spent"),
    ],
)
def test_officer_time_says_whether_it_is_saved_or_spent(hours: str, words: str) -> None:
    assert Tactic(hours_per_100_incidents=Decimal(hours)).hours == words


def test_tactic_page_draws_without_inline_style(client: Any, library: list[Tactic]) -> None:
    html = client.get(library[0].get_absolute_url()).content.decode()
    assert html.count("<svg") == 2
    assert "style=" not in html
    assert not re.search(r"\son\w+=", html)
    assert "NaN" not in html


def test_harm_on_another_outcome_stands_beside_the_main_rating(client: Any, library: list[Tactic]) -> None:
    words = text_of(client.get(library[2].get_absolute_url()))
    assert "suggests that it raises complaints against officers: 35% higher" in words
    assert "Nobody has tested this here yet" in words


def test_empty_is_shown_as_empty(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar, moderators="", first_30_days="", economics="", equality="Seen.")
    words = text_of(client.get(tactic.get_absolute_url()))
    # Two of three in the bar of E, M, M, I, E again; and the possible harms.
    assert words.count("Nobody has written this yet") == 5
    assert "No trial of this tactic is registered" in words
    assert "Nobody has written the first steps yet" in text_of(
        client.get(reverse("tactic-start", args=[tactic.slug]))
    )


def test_written_markup_is_shown_as_text(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar, summary="<script>alert(1)</script>", mechanism="<img src=x>")
    html = client.get(tactic.get_absolute_url()).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<img" not in html


def test_trials_under_way_are_listed(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar)
    registry.note_trial(
        tactic=tactic, trial_number="CPP-2026-0009-0", title="Visits", state="running", by=cast.registrar
    )
    words = text_of(client.get(tactic.get_absolute_url()))
    assert "Being tested now. One trial is registered" in words
    assert "CPP-2026-0009-0" in words


def test_simulated_tactic_says_so_on_every_page(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar, is_simulated=True)
    found(tactic, cast.publisher)
    rating = signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    pages = [
        tactic.get_absolute_url(),
        reverse("tactic-start", args=[tactic.slug]),
        reverse("rating-list", args=[tactic.slug]),
        rating.get_absolute_url(),
        reverse("tactic-compare") + f"?t={tactic.slug}",
    ]
    for page in pages:
        assert "This page shows simulated data" in text_of(client.get(page)), page
    assert "Simulated" in text_of(client.get(reverse("tactic-list")))


def test_compare_puts_tactics_in_the_order_chosen(client: Any, library: list[Tactic]) -> None:
    response = client.get(reverse("tactic-compare"), {"t": [library[1].slug, library[0].slug]})
    words = text_of(response)
    assert words.index(NAMES[1]) < words.index(NAMES[0])
    for fact in ("Rating", "Effect", "Strength of evidence", "Cost", "Officer time"):
        assert fact in words


def test_compare_says_what_it_cannot_do(client: Any, library: list[Tactic]) -> None:
    url = reverse("tactic-compare")
    assert "Choose the tactics that you want to see" in text_of(client.get(url))
    assert client.get(url, {"t": "no-such-tactic"}).status_code == 404
    too_many = client.get(url, {"t": [tactic.slug for tactic in library]})
    assert too_many.status_code == 400
    assert "Choose up to 4 tactics to compare" in text_of(too_many)


def test_candidate_is_seen_by_staff_only(cast: Any, sign_in: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher, estimate=0.3)
    held = candidate(tactic)
    public = text_of(sign_in(cast.force_user).get(tactic.get_absolute_url()))
    staff = text_of(sign_in(cast.registrar).get(tactic.get_absolute_url()))
    assert "Hold: possible harm" not in public
    assert "Hold: possible harm" in staff
    assert sign_in(cast.force_user).get(held.get_absolute_url()).status_code == 404
    assert sign_in(cast.registrar).get(held.get_absolute_url()).status_code == 200


def test_weak_result_is_called_inconclusive_and_not_no_effect(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar)
    weak = STRONG.from_json({**STRONG.as_json(), "std_error": 0.3})
    found(tactic, cast.publisher, estimate=-0.1, evidence=weak)
    words = text_of(client.get(tactic.get_absolute_url()))
    assert "Looked at in one study, but not securely enough to say whether it works" in words
