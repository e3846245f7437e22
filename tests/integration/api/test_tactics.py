"""Tactics, findings, syntheses and ratings by API."""

import uuid

import pytest

from tactics.models import Rating
from tests.integration.tactics.library import candidate, found, proposed, published, signed


@pytest.fixture
def rated(cast):
    tactic = published(cast.registrar)
    found(tactic, cast.publisher, conflicted_user_ids=(cast.analyst.pk,))
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    return tactic


def test_tactic_has_its_ratings(public, rated):
    answer = public.get(f"tactics/{rated.slug}/")
    tactic = answer.json()
    assert tactic["problems"][0].keys() == {"slug", "name"}
    assert tactic["main_outcome"]["slug"] == "burglary"
    assert [rating["label"] for rating in tactic["ratings"]] == ["promising"]
    assert tactic["hours_per_100_incidents"] == 40.0
    assert tactic["is_simulated"] is False
    assert answer.has_header("ETag")
    assert answer.has_header("Last-Modified")


def test_list_searches_and_filters(public, rated, cast):
    published(
        cast.registrar,
        "Street lighting",
        problems=("vehicle-crime",),
        main_outcome="vehicle-crime",
        cost_band=5,
    )

    def names(query):
        return [row["name"] for row in public.get(f"tactics/?{query}").json()["results"]]

    assert names("search=lighting") == ["Street lighting"]
    assert names("problem=burglary") == [rated.name]
    assert names("label=promising") == [rated.name]
    assert names("cost_band=5") == ["Street lighting"]
    assert names("outcome_domain=burglary&stage=piloting&is_simulated=false") == [rated.name]
    assert names("sort=-name") == ["Street lighting", rated.name]
    assert names("is_simulated=true") == []


def test_list_asks_the_database_a_fixed_number_of_times(public, cast, django_assert_max_num_queries):
    for number in range(6):
        published(cast.registrar, f"Tactic {number}")
    with django_assert_max_num_queries(9):  # the keys of the page, then its rows
        assert len(public.get("tactics/").json()["results"]) == 6


def test_draft_is_404_as_what_does_not_exist(public, call_as, cast):
    draft = proposed(cast.force_user)
    for part in ("", "ratings/", "findings/", "synthesis/burglary/"):
        hidden, missing = (
            public.get(f"tactics/{draft.slug}/{part}"),
            public.get(f"tactics/no-such-tactic/{part}"),
        )
        assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert public.get("tactics/").json()["results"] == []
    assert call_as(cast.force_user).get(f"tactics/{draft.slug}/").json()["published_at"] is None
    assert call_as(cast.other_force_user).get(f"tactics/{draft.slug}/").status_code == 404


def test_findings_are_ready_for_a_meta_analysis(public, rated):
    page = public.get(f"tactics/{rated.slug}/findings/?is_current=true&is_randomised=true").json()
    finding = page["results"][0]
    assert finding["yi"] == pytest.approx(-0.25)
    assert finding["vi"] == pytest.approx(0.0025)
    assert finding["tactic"] == rated.slug
    assert public.get(f"tactics/{rated.slug}/findings/?format=csv").content.startswith(
        b"id,tactic,outcome_domain,"
    )


def test_synthesis_is_the_one_behind_the_public_rating(public, rated):
    answer = public.get(f"tactics/{rated.slug}/synthesis/burglary/").json()
    assert answer["k"] == 1
    assert answer["document"]["rows"]
    assert public.get(f"tactics/{rated.slug}/synthesis/violence/").status_code == 404


def test_every_rating_is_listed_with_its_signatories(public, rated):
    rows = public.get(f"tactics/{rated.slug}/ratings/").json()["results"]
    assert [row["label"] for row in rows] == ["promising", "untested"]
    assert {one["reviewer"] for one in rows[0]["signatories"]} == {"Mina Reviewer", "Ola Reviewer"}
    assert [row["is_current"] for row in rows] == [True, False]


def test_trace_names_every_rule_and_no_person(public, rated):
    rating = Rating.objects.public().get(tactic=rated)
    assert public.get(f"ratings/{rating.pk}/").json()["id"] == str(rating.pk)
    trace = public.get(f"ratings/{rating.pk}/trace/")
    assert trace.json()["rules_version"] == "RULES-1.0"
    assert trace.json()["inputs_sha256"]
    assert "conflicted_user_ids" not in trace.content.decode()


def test_candidate_rating_is_for_staff(public, call_as, cast):
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    waiting = candidate(tactic)
    for part in ("", "trace/"):
        hidden, missing = (
            public.get(f"ratings/{waiting.pk}/{part}"),
            public.get(f"ratings/{uuid.uuid4()}/{part}"),
        )
        assert (hidden.status_code, hidden.content) == (404, missing.content)
        assert call_as(cast.force_user).get(f"ratings/{waiting.pk}/{part}").status_code == 404
        assert call_as(cast.reviewer).get(f"ratings/{waiting.pk}/{part}").status_code == 200
    rows = public.get(f"tactics/{tactic.slug}/ratings/").json()["results"]
    assert str(waiting.pk) not in [row["id"] for row in rows]
