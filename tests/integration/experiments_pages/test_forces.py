"""The page of a force, and the map of who uses a tactic."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from centre.models import Force, ForceBoundaries
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import words
from tests.integration.tactics.library import proposed, published
from tests.integration.tactics.practice import claimed, entered

pytestmark = pytest.mark.django_db

MOST_QUERIES = 20


def page_of(slug: str) -> str:
    return reverse("force-detail", args=[slug])


def test_the_list_has_every_force_with_its_figures(client: Any, cast: Any) -> None:
    entered(published(cast.registrar), Force.objects.get(slug="kent"), cast.registrar)
    html = client.get(reverse("force-list")).content.decode()
    shown = words(client.get(reverse("force-list")))
    assert "Kent Police South East 3,548 1,897,100 86 1" in shown
    assert "City of London Police London 753 13,500 – 0" in shown
    assert "British Transport Police GB-wide (rail) 2,984 Not known – 0" in shown
    assert shown.index("Wiltshire Police") < shown.index("Invented forces") < shown.index("Testshire Police")
    assert html.count('href="/forces/') == 44 + 2


def test_a_force_shows_what_is_known_with_dates_and_what_is_not(client: Any, cast: Any) -> None:
    kent = Force.objects.get(slug="kent")
    empty = words(client.get(page_of("kent")))
    for fact in (
        "3,548, at 30 September 2019 (Home Office, police workforce tables)",
        "162,908, in the year to 31 December 2024",
        "No trial that you can see takes place here.",
        "The force has not said yet which tactics it uses.",
        "The force has not said yet what hours a tactic saved or took.",
        "Not known. The Centre's data hub, which will measure it, is not part of this registry yet.",
    ):
        assert fact in empty, fact
    tactic = published(cast.registrar)
    entered(tactic, kent, cast.registrar, stage="stopped", reason="No time.")
    claimed(tactic, kent, cast.registrar)
    full = words(client.get(page_of("kent")))
    assert "Stopped since 1 March 2025 Two of six districts No time." in full
    assert f"{tactic} Untested 1 January 2025 to 31 December 2025 Realised, measured in a trial 1,000" in full
    assert "Burglary is undercounted" in words(client.get(page_of("leicestershire")))
    assert client.get(page_of("no-such-force")).status_code == 404


def test_an_invented_force_says_so(client: Any, cast: Any) -> None:
    shown = words(client.get(page_of("testshire")))
    assert "This page shows simulated data." in shown
    assert "An invented force has none." in shown


def test_trials_are_shown_as_far_as_the_person_may_see_them(cast: Any, sign_in: Any) -> None:
    release = stages.published(cast)
    draft = stages.draft(cast)
    public = words(sign_in(cast.anonymous).get(page_of("testshire")))
    assert release.trial.number in public
    assert f"trial-detail {draft.ref}" not in public
    link = reverse("trial-detail", args=[draft.ref])
    assert link not in sign_in(cast.anonymous).get(page_of("testshire")).content.decode()
    assert link in sign_in(cast.force_user).get(page_of("testshire")).content.decode()


def test_the_page_takes_few_queries_however_much_there_is(
    client: Any, cast: Any, django_assert_max_num_queries: Any
) -> None:
    kent = Force.objects.get(slug="kent")
    for number in range(12):
        tactic = published(cast.registrar, f"Tactic {number}")
        entered(tactic, kent, cast.registrar)
        claimed(tactic, kent, cast.registrar)
    for page in (page_of("kent"), reverse("force-list")):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(page).status_code == 200


def boundaries() -> ForceBoundaries:
    areas = {"kent": {"path": "M0,0L9,0L9,9Z", "x": 5.0, "y": 5.0, "size": 40.5}}
    document = {
        "width": 400.0,
        "height": 480.0,
        "attribution": ["Source: an invented office"],
        "areas": areas,
    }
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made: ForceBoundaries = ForceBoundaries.objects.create(
        vintage="December 2023", source_sha256="0" * 64, document=document, loaded_at=at
    )
    return made


def test_the_map_says_by_mark_and_name_who_uses_it(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar)
    entered(tactic, Force.objects.get(slug="kent"), cast.registrar)
    address = reverse("tactic-adoptions", args=[tactic.slug])
    html = client.get(address).content.decode()
    assert 'href="/forces/kent/" aria-label="Kent Police: Adopted"' in html
    assert html.count('class="app-map__shape"') == 43  # the silent ones
    assert "No mark: has not said (43)" in html
    assert "Testshire" not in html
    assert "map=areas" not in html
    boundaries()
    assert "Show the map with boundaries" in client.get(address).content.decode()
    areas = client.get(f"{address}?map=areas").content.decode()
    assert 'd="M0,0L9,0L9,9Z"' in areas
    assert "Source: an invented office" in areas
    assert "Show tiles of one size" in areas


def test_an_invented_tactic_has_invented_forces_on_its_map_and_no_real_one(client: Any, cast: Any) -> None:
    boundaries()
    tactic = published(cast.registrar, is_simulated=True)
    entered(tactic, Force.objects.get(slug="testshire"), cast.force_user)
    html = client.get(reverse("tactic-adoptions", args=[tactic.slug]) + "?map=areas").content.decode()
    assert "Testshire Police (invented): Adopted" in html
    assert "Kent" not in html
    assert "map=areas" not in html


def test_numbers_in_the_drawing_are_written_for_machines(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar)
    entered(tactic, Force.objects.get(slug="kent"), cast.registrar)
    html = client.get(reverse("tactic-adoptions", args=[tactic.slug])).content.decode()
    drawing = re.search(r'viewBox="([^"]+)" role="group"', html)
    assert drawing is not None
    assert all(float(part) >= 0 for part in drawing[1].split())


def test_a_draft_has_no_ledger_for_others(cast: Any, sign_in: Any) -> None:
    address = reverse("tactic-adoptions", args=[proposed(cast.force_user).slug])
    assert sign_in(cast.anonymous).get(address).status_code == 404
    assert "No force has said yet" in words(sign_in(cast.force_user).get(address))
