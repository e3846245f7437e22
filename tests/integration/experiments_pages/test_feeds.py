"""The feeds: what is new to the public, in Atom; what is under embargo is in none, for nobody."""

import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.actions import amendments, timers
from experiments.models import Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
MOST_QUERIES = 20


def titles(response: Any) -> list[str]:
    """Return the titles of the entries, newest first."""
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    found = ET.fromstring(response.content).iter(f"{ATOM}entry")
    return [entry.findtext(f"{ATOM}title") or "" for entry in found]


def amend(trial: Trial, by: Any) -> None:
    later = (timezone.localdate() + dt.timedelta(days=900)).isoformat()
    document = stages.amended(trial, data_lock=later)
    amendments.propose(trial=trial, document=document, reason_code="external_event", reason="A storm.", by=by)


def test_an_empty_feed_is_a_feed(client: Any) -> None:
    answer = client.get(reverse("trial-list-feed"))
    assert titles(answer) == []
    assert answer["ETag"]


def test_registration_amendment_and_results_are_news(
    cast: Any, client: Any, django_assert_max_num_queries: Any
) -> None:
    trial = stages.published(cast).trial
    amended = stages.registered(cast)
    amend(amended, cast.force_user)
    for feed, expected in (
        (address(trial, "trial-feed"), ["Results published", "Registered"]),
        (address(amended, "trial-feed"), ["Amended, version 1.1", "Registered"]),
        (
            reverse("trial-list-feed"),
            ["Amended, version 1.1", "Registered", "Results published", "Registered"],
        ),
    ):
        with django_assert_max_num_queries(MOST_QUERIES):
            answer = client.get(feed)
        assert titles(answer) == [f"Simulated. {words}: {trial.title}" for words in expected]
        places = [link.get("href", "") for link in ET.fromstring(answer.content).iter(f"{ATOM}link")]
        assert all(client.get(place).status_code == 200 for place in places)
        ids = [one.text for one in ET.fromstring(answer.content).iter(f"{ATOM}id")]
        assert len(ids) == len(set(ids))


def test_a_feed_that_has_not_changed_is_304(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    feed = address(trial, "trial-feed")
    first = client.get(feed)
    assert first["Last-Modified"]
    again = client.get(feed, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    amend(trial, cast.force_user)
    assert client.get(feed, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_an_embargo_keeps_a_trial_out_of_every_feed_until_it_ends(cast: Any, sign_in: Any) -> None:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=20)
    trial = stages.registered(cast)
    amend(trial, cast.force_user)
    empty = sign_in(cast.anonymous).get(reverse("trial-list-feed")).content
    for person in (cast.anonymous, cast.force_user, cast.registrar):
        client = sign_in(person)
        assert client.get(reverse("trial-list-feed")).content == empty
        assert client.get(address(trial, "trial-feed")).status_code == 404
        assert trial.title.encode() not in empty
    ended = timezone.now()
    Trial.objects.filter(pk=trial.pk).update(embargo_until=timezone.localdate(), public_from=ended)
    timers.release_embargoes()
    client = sign_in(cast.anonymous)
    trial = stages.fresh(trial)
    assert [one.split(":")[0] for one in titles(client.get(reverse("trial-list-feed")))] == [
        "Simulated. Registered"
    ]
    assert len(titles(client.get(address(trial, "trial-feed")))) == 2


def test_pages_name_their_feed_in_the_head(cast: Any, sign_in: Any) -> None:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=20)
    hidden = stages.registered(cast)
    client = sign_in(cast.force_user)
    assert f'href="{reverse("trial-list-feed")}"' in client.get(reverse("trial-list")).content.decode()
    assert "application/atom+xml" not in client.get(address(hidden)).content.decode()
    Trial.objects.filter(pk=hidden.pk).update(embargo_until=timezone.localdate())
    assert f'href="{address(hidden, "trial-feed")}"' in client.get(address(hidden)).content.decode()
