"""Finding a tactic: the same on SQLite and on PostgreSQL, whatever way the reader says it."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from centre.models import Force
from tactics import shelving
from tactics.actions import registry, tactics
from tactics.actions.tactics import details_of
from tactics.corrections import understood
from tactics.models import LibraryWord, Tactic, TacticWords
from tests.integration.tactics.library import candidate, details, found, proposed, published, signed

pytestmark = [pytest.mark.django_db, pytest.mark.both]

PLAIN = {"problem_text": "Plain.", "mechanism": "Plain.", "implementation": "Plain.", "moderators": ""}


@pytest.fixture
def library(cast: Any) -> dict[str, Tactic]:
    """Six tactics, each of which says its own things."""
    said: dict[str, dict[str, Any]] = {
        "cocoon": {"name": "Cocoon visits", "summary": "After a burglary officers visit the neighbours"},
        "video": {
            "name": "Rapid video response",
            "summary": "Victims of domestic abuse speak to an officer by video",
            "problems": ("domestic-abuse",),
            "cost_band": 1,
        },
        "cameras": {"name": "Body-worn cameras", "summary": "Officers wear cameras", "problems": ("trust",)},
        "hotspots": {"name": "Patrols of hot spots", "summary": "Officers walk", "problems": ("hot-spots",)},
        "repeat": {"name": "Repeat burglary packs", "summary": "Locks for burgled homes", "cost_band": 4},
        "cafe": {
            "name": "Café watch",
            "summary": "Shop thefts are told at once",
            "problems": ("shop-theft",),
        },
    }
    return {
        key: published(cast.registrar, **{**PLAIN, "main_outcome": "recorded-crime", **said_of})
        for key, said_of in said.items()
    }


def names(text: str, tactics_found: Any = None, by: Any = None) -> list[str]:
    """Return the names of what a search finds, the best match first."""
    rows = Tactic.objects.published() if tactics_found is None else tactics_found
    search = understood(text, rows)
    if search.is_in_vain:
        return []
    memory = shelving.memory()
    shelf = memory.public if tactics_found is None else memory.shelf_for(by)
    scores = shelf.scores(memory.hits(search.sought)) if search.sought else None
    among = shelf.everything if scores is None else scores > 0
    return [tactic.name for tactic in shelving.rows(rows, shelf.ordered(among, scores=scores))]


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cocoon", ["Cocoon visits"]),
        ("repeat burglary", ["Repeat burglary packs", "Cocoon visits"]),  # all words before some words
        ("burglaries", ["Repeat burglary packs", "Cocoon visits"]),  # in the name before in the text
        ("break-in", ["Repeat burglary packs", "Cocoon visits"]),
        ("DA", ["Rapid video response"]),
        ("domestic violence", ["Rapid video response"]),
        ("RVR", ["Rapid video response"]),
        ("bwv", ["Body-worn cameras"]),
        ("hotspot", ["Patrols of hot spots"]),
        ("HOT SPOT", ["Patrols of hot spots"]),
        ("patrolling", ["Patrols of hot spots"]),
        ("cafe", ["Café watch"]),
        ("CAFÉ", ["Café watch"]),
        ("shoplifting", ["Café watch"]),
        ("cocon", ["Cocoon visits"]),  # one slip
        ("domestik abuse", ["Rapid video response"]),
        ("burgl", ["Repeat burglary packs", "Cocoon visits"]),  # a beginning
        ("zeppelin", []),
        ("zeppelin cocoon", ["Cocoon visits"]),
        ("'; drop table tactics_tactic; --", []),
        ('"cocoon" OR NOT(*)', ["Cocoon visits"]),
        ("& | ! <-> :*", None),  # nothing to look for: everything
        ("what works", None),
    ],
)
def test_a_search_finds_the_same_in_the_same_order(
    library: dict[str, Tactic], text: str, expected: list[str] | None
) -> None:
    found_names = names(text)
    assert found_names == expected if expected is not None else len(found_names) == len(library)


def test_the_index_follows_every_change(cast: Any) -> None:
    draft = proposed(cast.registrar, "Bicycle marking", **PLAIN)
    everything = Tactic.objects.all()
    assert names("bicycle", everything, cast.registrar) == ["Bicycle marking"]
    assert not LibraryWord.objects.filter(word="bicycle").exists()  # a draft's words are nobody's to guess
    tactics.publish(tactic=draft, by=cast.registrar)
    assert LibraryWord.objects.filter(word="bicycle").exists()
    draft.refresh_from_db()
    changed = details("Tricycle marking", **PLAIN)
    tactics.edit(tactic=draft, details=changed, version=draft.version, by=cast.registrar)
    assert names("tricycle") == ["Tricycle marking"]
    assert names("bicycle") == []
    TacticWords.objects.all().delete()
    assert names("tricycle") == []
    call_command("index_words")
    assert names("tricycle") == ["Tricycle marking"]
    assert names("tricycl") == ["Tricycle marking"]
    assert not LibraryWord.objects.filter(word="bicycle").exists()  # nobody says it any longer


def test_a_change_that_fails_leaves_the_index(cast: Any) -> None:
    tactic = published(cast.registrar, "Bicycle marking", **PLAIN)
    with pytest.raises(tactics.StaleForm):
        tactics.edit(tactic=tactic, details=details_of(tactic), version=99, by=cast.registrar)
    assert names("bicycle") == ["Bicycle marking"]


def test_an_index_of_the_database_is_used(library: dict[str, Tactic]) -> None:
    search = understood("burglary", Tactic.objects.all())
    plan = Tactic.objects.saying(search.sought).explain()
    assert "tactics_tacticwords" in plan
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'tactics_tacticwords'")
            assert any("USING gin (vector)" in row[0] for row in cursor.fetchall())
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'tactics_tacticwords_index'")
            assert "fts5" in cursor.fetchone()[0]


def test_the_page_says_what_it_understood_and_why_each_matches(
    client: Any, library: dict[str, Tactic]
) -> None:
    shown = text_of(client.get(reverse("tactic-list"), {"q": "burglry RVR"}))
    assert "No tactic says “burglry”. Showing results for burglary" in shown
    assert "For “rvr” the search also looks for rapid video response" in shown
    assert "Found: “burglary” in the name" in shown
    assert "“rapid video response” in the name" in shown


def test_nothing_found_says_what_can_be_done(client: Any, library: dict[str, Tactic]) -> None:
    shown = text_of(client.get(reverse("tactic-list"), {"q": "zeppelin", "cost": "1"}))
    assert "No tactic matches" in shown
    assert "No tactic says “zeppelin”" in shown
    assert "search the trial registry for the same words" in shown
    without = client.get(reverse("tactic-list"), {"q": "cocoon", "cost": "1"})
    assert "search without “Cost: Very low or less”" in text_of(without)


def test_filters_show_how_many_each_leaves(client: Any, library: dict[str, Tactic]) -> None:
    shown = text_of(client.get(reverse("tactic-list")))
    for choice in (
        "Burglary of homes (2)",
        "Domestic abuse (1)",
        "Very low or less (1)",
        "Low or less (5)",
        "Untested –",
    ):
        assert choice in shown, choice
    narrowed = text_of(client.get(reverse("tactic-list"), {"problem": "burglary"}))
    assert "2 tactics" in narrowed
    assert "Problem: Burglary of homes Remove" in narrowed
    assert "High or less (2)" in narrowed  # counted among those that pass the other filters
    assert "Low or less (1)" in narrowed


def test_filters_by_place_people_region_and_trials(client: Any, cast: Any) -> None:
    force = Force.objects.exclude(region="").filter(kind="territorial").first()
    assert force is not None
    here = published(cast.registrar, "Lamp posts", setting_kind="public-places", population_kind="residents")
    published(cast.registrar, "Leaflets", setting_kind="homes", population_kind="victims")
    Tactic.objects.filter(pk=here.pk).update(force=force)
    registry.note_trial(tactic=here, trial_number="CPP-2026-0009-0", state="running", by=cast.registrar)
    url = reverse("tactic-list")
    for query in (
        {"setting": "public-places"},
        {"population": "residents"},
        {"region": force.region},
        {"tested": "now"},
        {"label": "being_tested"},
    ):
        shown = text_of(client.get(url, query))
        assert "1 tactic" in shown, query
        assert "Lamp posts" in shown, query
        assert "Trials 1 under way" in shown, query
    assert "Leaflets" in text_of(client.get(url, {"tested": "none"}))
    assert client.get(url, {"setting": "moon"}).status_code == 400


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        ("name", "Body-worn cameras", "Repeat burglary packs"),
        ("cost", "Rapid video response", "Repeat burglary packs"),
    ],
)
def test_orders(client: Any, library: dict[str, Tactic], sort: str, first: str, last: str) -> None:
    shown = text_of(client.get(reverse("tactic-list"), {"sort": sort}))
    assert shown.index(first) < shown.index("Cocoon visits") < shown.index(last)


def test_the_strongest_evidence_first(client: Any, cast: Any, library: dict[str, Tactic]) -> None:
    found(library["hotspots"], cast.publisher, domain="recorded-crime")
    signed(candidate(library["hotspots"]), cast.reviewer, cast.second_reviewer)
    shown = text_of(client.get(reverse("tactic-list"), {"sort": "strength"}))
    assert shown.index("Patrols of hot spots") < shown.index("Body-worn cameras")
    assert "3 or more of 5 (1)" in shown


def test_the_words_of_the_search_have_a_page(client: Any, db: None) -> None:
    shown = text_of(client.get(reverse("search-words")))
    assert "VAWG Short for violence against women and girls" in shown
    assert "This project&#x27;s own list" in shown


def test_the_api_searches_as_the_page_does(client: Any, library: dict[str, Tactic]) -> None:
    for text, expected in (("burglry", {"Cocoon visits", "Repeat burglary packs"}), ("zeppelin", set())):
        rows = client.get("/api/v1/tactics/", {"search": text}).json()["results"]
        assert {row["name"] for row in rows} == expected


def test_a_full_list_takes_no_more_queries(
    client: Any, cast: Any, library: dict[str, Tactic], django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        published(cast.registrar, f"Burglary tactic {number}", **PLAIN)
    for query in ({}, {"q": "burglary"}, {"q": "burglry repet", "cost": "4", "sort": "cost"}):
        with django_assert_max_num_queries(14):
            assert client.get(reverse("tactic-list"), query).status_code == 200
