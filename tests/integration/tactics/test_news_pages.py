"""What people see of news: the tactic's page, its history, its feed, the API and their notices."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.urls import reverse

from tactics.actions import bulletins, findings, subscriptions
from tactics.models import TacticNotice
from tests.integration.tactics.library import candidate, found, proposed, published, signed

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
OTHER = "CPP-2026-0002-3"
MOST_QUERIES = 20


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def titles(response: Any) -> list[str]:
    found = ET.fromstring(response.content).iter(f"{ATOM}entry")
    return [entry.findtext(f"{ATOM}title") or "" for entry in found]


def address(name: str, tactic: Any) -> str:
    return reverse(name, args=[tactic.slug])


@pytest.fixture
def tactic(cast: Any) -> Any:
    """A tactic whose rating on one trial is public, and a second trial whose rating waits."""
    made = published(cast.registrar)
    found(made, cast.publisher, release_id="release-1")
    signed(candidate(made), cast.reviewer, cast.second_reviewer)
    found(made, cast.publisher, OTHER, release_id="release-2")
    return made


def test_the_page_says_that_a_result_waits_and_what_it_is(
    client: Any, tactic: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        page = words(client.get(tactic.get_absolute_url()))
    assert "A newer result has come in. The rating on this page does not use it yet" in page
    assert f"Trial {OTHER}, Burglary" in page
    assert "Sign in to follow this tactic" in page
    assert "New result , " in page


def test_the_page_flags_a_rating_that_rests_on_a_withdrawn_release(
    client: Any, cast: Any, tactic: Any
) -> None:
    findings.retract(release_id="release-1", reason="A coding error.", by=cast.director)
    page = words(client.get(tactic.get_absolute_url()))
    assert "is being looked at again since" in page
    assert "was withdrawn. A coding error." in page


def test_history_shows_each_public_version_with_why(client: Any, cast: Any, tactic: Any) -> None:
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    page = words(client.get(address("tactic-history", tactic)))
    assert "version 3 of 3" in page
    assert "The label is “Effective” (rule L2); it was “Promising”." in page
    assert "The evidence as it grew, in numbers" in page
    second = words(client.get(address("tactic-history", tactic), {"outcome": "burglary", "version": "2"}))
    assert "version 2 of 3" in second
    assert "With one trial there is nothing that could have grown." in second
    for wrong in ({"version": "4"}, {"version": "0"}, {"version": "x"}, {"outcome": "no-such"}):
        assert client.get(address("tactic-history", tactic), wrong).status_code == 404


def test_a_draft_has_an_empty_history(cast: Any, sign_in: Any) -> None:
    draft = proposed(cast.force_user, "A draft")
    assert "there is no history" in words(sign_in(cast.force_user).get(address("tactic-history", draft)))


def test_the_feeds_hold_what_is_public_and_no_hold(client: Any, cast: Any, tactic: Any) -> None:
    found(tactic, cast.publisher, "CPP-2026-0003-1", estimate=0.4, domain="complaints")
    for feed in (reverse("library-feed"), address("tactic-feed", tactic)):
        answer = client.get(feed)
        assert answer["Content-Type"].startswith("application/atom+xml")
        assert [title.split(":")[0] for title in titles(answer)] == [
            "New result", "New result", "New rating (Promising)", "New result",
            "New rating (Untested – new or innovative)",
        ]  # fmt: skip
        assert client.get(feed, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        links = [link.get("href", "") for link in ET.fromstring(answer.content).iter(f"{ATOM}link")]
        assert all(client.get(link).status_code == 200 for link in links)
    draft = proposed(cast.registrar, "A draft")
    assert client.get(address("tactic-feed", draft)).status_code == 404


def test_an_empty_library_has_an_empty_feed(client: Any, db: None) -> None:
    assert titles(client.get(reverse("library-feed"))) == []


def test_a_person_follows_is_told_reads_and_leaves(cast: Any, sign_in: Any, tactic: Any) -> None:
    client = sign_in(cast.force_user)
    assert "You follow no tactic." in words(client.get(reverse("tactics-followed")))
    assert "You follow this tactic" in words(client.post(address("tactic-follow", tactic), follow=True))
    assert "Stop following this tactic" in words(client.get(tactic.get_absolute_url()))
    bulletins.tell()
    assert "notices about tactics" in words(client.get(reverse("my-work")))
    assert "New result : Follow-up visits" in words(client.get(reverse("tactics-followed")))
    notice = TacticNotice.objects.filter(user=cast.force_user).first()
    assert notice is not None
    seen = reverse("tactic-notice-seen", args=[notice.public_id])
    assert sign_in(cast.registrar).post(seen).status_code == 404
    assert client.post(seen).status_code == 302
    assert "You no longer follow this tactic" in words(
        client.post(address("tactic-leave", tactic), follow=True)
    )


def test_a_notice_of_a_candidate_leads_a_force_user_to_the_tactic(cast: Any, sign_in: Any) -> None:
    tactic = published(cast.registrar)
    subscriptions.follow(tactic=tactic, by=cast.force_user)
    found(tactic, cast.publisher)
    bulletins.tell()
    client = sign_in(cast.force_user)
    for notice in TacticNotice.objects.filter(user=cast.force_user):
        answer = client.post(reverse("tactic-notice-seen", args=[notice.public_id]))
        assert client.get(answer["Location"]).status_code == 200


def test_the_api_says_why_what_is_in_doubt_and_what_is_new(client: Any, cast: Any, tactic: Any) -> None:
    findings.reopen(trial_number="CPP-2026-0001-5", reason="the protocol was amended.", by=None)
    rows = client.get(reverse("api-tactic-ratings", args=[tactic.slug])).json()["results"]
    newest = next(row for row in rows if row["is_current"])
    assert newest["reopened"] == ["“Trial CPP-2026-0001-5”: the protocol was amended."]
    assert newest["why"][-1] == "The label is “Promising” (rule L3); it was “Untested – new or innovative”."
    news = client.get(reverse("api-tactic-news", args=[tactic.slug])).json()["results"]
    assert [row["kind"] for row in news] == ["reopened", "result", "rated", "result", "rated"]
