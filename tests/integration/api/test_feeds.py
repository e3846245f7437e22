"""The feeds of the API: what is public and new, as JSON Feed and as Atom, page by page, under names that stay."""

import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.utils import timezone

from experiments.actions import amendments, retractions
from experiments.models import Release, Trial
from tactics.models import Bulletin
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = ("registrations", "amendments", "results", "ratings")
LICENCE = "Open Government Licence"


def amend(trial: Trial, by: Any) -> None:
    later = (timezone.localdate() + dt.timedelta(days=900)).isoformat()
    document = stages.amended(trial, data_lock=later)
    amendments.propose(trial=trial, document=document, reason_code="external_event", reason="A storm.", by=by)


@pytest.fixture
def release(cast: Any) -> Release:
    """A release of one trial, and a second trial that was amended."""
    made = stages.published(cast)
    amend(stages.registered(cast), cast.force_user)
    return made


def kinds(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["_registry"]["kind"] for item in answer.json()["items"]]


def test_the_list_says_what_feeds_there_are_and_each_is_empty_at_first(public: Any) -> None:
    answer = public.get("feeds/")
    rows = answer.json()["results"]
    assert [row["name"] for row in rows] == list(NAMES)
    assert {row["updated"] for row in rows} == {None}
    for row in rows:
        as_json, as_atom = public.client.get(row["json_url"]), public.client.get(row["atom_url"])
        assert as_json["Content-Type"] == "application/feed+json"
        assert as_json.json()["items"] == []
        assert as_atom["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert (
            ET.fromstring(as_atom.content).findtext(f"{ATOM}id") == f"urn:tactic-registry:feed:{row['name']}"
        )
    assert public.get("feeds/", **{"If-None-Match": answer["ETag"]}).status_code == 304


def test_each_feed_has_its_news_in_both_forms(public: Any, release: Release) -> None:
    expected = {
        "registrations": ["registered", "registered"],
        "amendments": ["amended"],
        "results": ["published"],
        "ratings": ["rated"] * Bulletin.objects.filter(kind="rated").count(),
    }
    assert expected["ratings"]
    for name, wanted in expected.items():
        as_json = public.get(f"feeds/{name}/")
        assert kinds(as_json) == wanted
        document = as_json.json()
        assert document["version"] == "https://jsonfeed.org/version/1.1"
        assert LICENCE in document["_registry"]["licence"]
        atom = ET.fromstring(public.get(f"feeds/{name}/", Accept="application/atom+xml").content)
        entries = atom.findall(f"{ATOM}entry")
        for item, entry in zip(document["items"], entries, strict=True):
            assert entry.findtext(f"{ATOM}id") == item["id"]
            assert entry.findtext(f"{ATOM}title") == item["title"]
            assert entry.findtext(f"{ATOM}updated") == item["date_modified"].replace("Z", "+00:00")
            assert public.client.get(item["url"]).status_code == 200
        assert len({item["id"] for item in document["items"]}) == len(wanted)
        assert atom.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")
        assert atom.findtext(f"{ATOM}author/{ATOM}name")
    updated = {row["name"]: row["updated"] for row in public.get("feeds/").json()["results"]}
    assert updated["results"] == public.get("feeds/results/").json()["items"][0]["date_published"]


def test_pages_follow_each_other_and_the_tag_holds_until_something_is_new(
    public: Any, cast: Any, release: Release
) -> None:
    first = public.get("feeds/registrations/?page_size=1")
    again = {"If-None-Match": first["ETag"]}
    assert public.get("feeds/registrations/?page_size=1", **again).status_code == 304
    following = public.client.get(first.json()["next_url"]).json()
    assert "next_url" not in following
    seen = [first.json()["items"][0]["id"], following["items"][0]["id"]]
    assert seen == [one["id"] for one in public.get("feeds/registrations/").json()["items"]]
    atom = ET.fromstring(public.get("feeds/registrations/?page_size=1&format=atom").content)
    links = {link.get("rel"): link.get("href", "") for link in atom.findall(f"{ATOM}link")}
    assert {"first", "next", "self", "alternate"} == set(links)
    last = ET.fromstring(public.client.get(links["next"]).content)
    assert [one.text for one in last.iter(f"{ATOM}id")][1:] == seen[1:]
    assert "next" not in {link.get("rel") for link in last.findall(f"{ATOM}link")}
    stages.registered(cast)
    assert public.get("feeds/registrations/?page_size=1", **again).status_code == 200


def test_filters_narrow_a_feed(public: Any, release: Release) -> None:
    assert kinds(public.get(f"feeds/results/?trial={release.trial.number}")) == ["published"]
    assert kinds(public.get("feeds/results/?is_simulated=false")) == []
    assert kinds(public.get(f"feeds/amendments/?trial={release.trial.number}")) == []
    own = public.get(f"feeds/ratings/?tactic={release.trial.tactic.slug}").json()["items"]
    assert {item["_registry"]["tactic"] for item in own} == {release.trial.tactic.slug}
    assert kinds(public.get("feeds/ratings/?tactic=no-such-tactic")) == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("fields=id", "?fields"),
        ("sort=-new_at", "?sort"),
        ("count_total=true", "?count_total"),
        ("format=rss", "?format"),
        ("page_token=x", "?page_token"),
        ("is_simulated=maybe", "?is_simulated"),
    ],
)
def test_what_a_feed_does_not_know_is_refused_by_name(public: Any, query: str, named: str) -> None:
    answer = public.get(f"feeds/results/?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, named)


def test_the_list_of_feeds_takes_no_parameter(public: Any) -> None:
    assert public.get("feeds/?page_size=1").status_code == 400


def test_an_embargoed_trial_is_in_no_feed_for_anybody(public: Any, cast: Any, call_as: Any) -> None:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=20)
    trial = stages.registered(cast)
    amend(trial, cast.force_user)
    for caller in (public, call_as(cast.force_user), call_as(cast.registrar)):
        for name in ("registrations", "amendments", "results"):
            assert kinds(caller.get(f"feeds/{name}/")) == []
    Trial.objects.filter(pk=trial.pk).update(embargo_until=timezone.localdate(), public_from=timezone.now())
    assert kinds(public.get("feeds/registrations/")) == ["registered"]
    assert kinds(public.get("feeds/amendments/")) == []


def test_a_withdrawn_release_is_news_with_its_reason_as_text(
    public: Any, cast: Any, release: Release
) -> None:
    reason = "Units < 5 were <b>wrong</b> & counted twice."
    retractions.ask(release=release, reason=reason, by=cast.reviewer)
    retractions.approve(release=release, by=cast.director)
    answer = public.get("feeds/results/")
    assert kinds(answer) == ["withdrawn"]
    item = answer.json()["items"][0]
    assert item["id"] == f"urn:tactic-registry:release:{release.public_id}:withdrawn"
    assert reason in item["content_text"]
    assert public.client.get(item["url"]).status_code == 200
    atom = ET.fromstring(public.get("feeds/results/?format=atom").content)
    summary = atom.findtext(f"{ATOM}entry/{ATOM}summary") or ""
    assert "&lt;b&gt;wrong" in summary  # the summary is HTML, and the reason shows as it was typed


def test_the_schema_and_the_dictionary_describe_the_feeds(public: Any) -> None:
    paths = public.client.get("/api/schema/").json()["paths"]
    content = paths["/api/v1/feeds/results/"]["get"]["responses"]["200"]["content"]
    assert set(content) == {"application/feed+json", "application/json", "application/atom+xml"}
    parameters = {one["name"] for one in paths["/api/v1/feeds/results/"]["get"]["parameters"]}
    assert parameters == {
        "If-None-Match",
        "format",
        "page_size",
        "page_token",
        "trial",
        "tactic",
        "is_simulated",
    }
    listed = {one["path"]: one for one in public.get("metadata/").json()["resources"]}
    assert {"id", "url", "title", "_registry"} <= {
        column["name"] for column in listed["/api/v1/feeds/ratings/"]["columns"]
    }
