"""No page of the library asks the database more than 20 times, or weighs more than 150 kB, however much there is."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centre.models import Force
from tactics.actions import registry, rejections
from tactics.management.cited import loading
from tactics.models import Tactic
from tests.integration.tactics.library import candidate, found, published, signed
from tests.integration.tactics.practice import claimed, entered

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MOST_QUERIES, LARGEST = 20, 150_000
OUTCOMES = ("burglary", "complaints", "robbery", "shop-theft", "use-of-force")


@pytest.fixture
def library(cast: Any) -> list[Tactic]:
    """Thirty tactics beside the cited ones; the first three with findings on five outcomes and ten trials each."""
    loading.load(by=cast.registrar)
    made = [published(cast.registrar, f"Burglary tactic {number}") for number in range(30)]
    for place, tactic in enumerate(made[:3]):
        for number in range(10):
            trial = f"CPP-2026-{place}{number:03}-0"
            registry.note_trial(tactic=tactic, trial_number=trial, state="running", by=cast.registrar)
        for number, domain in enumerate(OUTCOMES):
            found(tactic, cast.publisher, f"CPP-2025-{place}{number:03}-0", domain=domain)
            signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    for force in Force.objects.official():
        entered(made[0], force, cast.registrar, stage="piloting", since=date(2024, 1, 1))
        entered(made[0], force, cast.registrar)
        for basis in ("measured", "estimate"):
            claimed(made[0], force, cast.registrar, basis=basis)
    for number in range(25):
        rejections.record(
            study=f"Study {number}",
            citation="A journal",
            reason="no_comparison",
            explanation="It has no comparison.",
            tactic=made[0],
            by=cast.reviewer,
        )
    return made


@pytest.mark.parametrize("person", ["anonymous", "force_user", "reviewer"])
def test_every_page_of_the_library(cast: Any, sign_in: Any, library: list[Tactic], person: str) -> None:
    client = sign_in(getattr(cast, person))
    three = "&".join(f"t={tactic.slug}" for tactic in library[:3])
    pages = [
        reverse("library-home"),
        reverse("tactic-list"),
        reverse("tactic-list") + "?page=2",
        reverse("tactic-list") + "?q=we+have+repeat+burglry+RVR+BWV&cost=3&tested=none&sort=strength",
        reverse("tactic-list") + "?q=zeppelin+airshp",
        reverse("tactic-compare") + f"?{three}",
        reverse("tactic-compare") + f"?{three}&find=burglary",
        reverse("problem-briefing", args=["burglary"]) + "?force=kent",
        reverse("gap-map"),
        reverse("rejected-list"),
        reverse("search-words"),
        reverse("tactic-money", args=[library[0].slug]),
        reverse("tactic-passport", args=[library[0].slug]),
        reverse("rating-rules"),
        library[0].get_absolute_url(),
        reverse("tactic-hours", args=[library[0].slug]),
        reverse("tactic-adoptions", args=[library[0].slug]),
        reverse("tactic-start", args=[library[0].slug]),
        reverse("rating-list", args=[library[0].slug]),
    ]
    for page in pages:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(page)
        assert response.status_code == 200, page
        assert len(asked) <= MOST_QUERIES, (page, len(asked))
        assert len(response.content) <= LARGEST, (page, len(response.content))
