"""The public registry with many rows: no page asks the database more than twenty times, and each shows its part."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centre.paging import Pages
from experiments.exports import TARGETS
from experiments.models import Trial
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import many
from tests.integration.experiments_pages.pages import words

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20
TRIALS, VERSIONS = 30, 24
LISTS = ("trial-list", "trial-list-feed", "api-trial-list")
SEARCHES = (
    "?q=visits+calls&force=testshire&design=rct_individual&sort=title",
    "?problem=burglary&registered_from_day=1&registered_from_month=1&registered_from_year=2026",
    "?conduct=baseline&results=none&registration=registered&sort=results_due&page=2",
)
OF_ONE = (
    "trial-detail",
    "trial-document",
    "trial-versions",
    "trial-diff",
    "trial-feed",
    "trial-exports",
    "trial-allocation",
    "trial-flow",
    "trial-releases",
    "api-trial",
    "api-trial-versions",
    "api-trial-outcomes",
    "api-trial-flow",
    "api-trial-allocation",
    "api-trial-releases",
)


@pytest.fixture
def trial(cast: SimpleNamespace) -> Trial:
    """The last of many trials, each with a unit list of cases that come one by one and with many versions."""
    first = trickle.opened(cast)
    return many.copies(first, TRIALS, VERSIONS)[-1]


def addresses(trial: Trial) -> list[str]:
    """Return the address of each public page of the registry, and of its API."""
    compared = f"?a={trial.number}&b={trial.number}&a_version=1.0&b_version=1.{VERSIONS - 1}&all=on"
    return [
        *(reverse(name) for name in LISTS),
        *(reverse("trial-list") + search for search in SEARCHES),
        reverse("api-trial-list") + "?search=visits&force=testshire&count_total=true&sort=title",
        reverse("api-trial-list") + "?format=csv&page_size=1000",
        reverse("trial-compare") + compared,
        *(reverse(name, args=[trial.ref]) for name in OF_ONE),
        reverse("trial-versions", args=[trial.ref]) + "?page=2",
        reverse("trial-version", args=[trial.ref, "1.3"]),
        reverse("trial-diff", args=[trial.ref]) + "?before=1.0&after=1.3",
        *(reverse("trial-export", args=[trial.ref, target]) for target in TARGETS),
        *(reverse("api-trial-export", args=[trial.ref, target]) for target in TARGETS),
        reverse("api-trial-diff", args=[trial.ref]) + "?from=1.0&to=1.3",
        reverse("api-trial-version", args=[trial.ref, "1.3"]),
    ]


def test_no_page_of_the_registry_asks_more_than_twenty_queries(
    trial: Trial, cast: SimpleNamespace, client: Any
) -> None:
    too_many = {}
    for reader in (cast.anonymous, cast.researcher, cast.force_user, cast.registrar):
        if reader.is_authenticated:
            client.force_login(reader)
        for address in addresses(trial):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200, address
            if len(asked) > MOST_QUERIES:
                too_many[address, str(reader)] = len(asked)
    assert too_many == {}


def test_a_list_opens_no_protocol(trial: Trial, client: Any) -> None:
    for address in (reverse("trial-list"), reverse("trial-versions", args=[trial.ref])):
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        opened = [one["sql"] for one in asked if '."protocol"' in one["sql"]]
        # The page of one trial reads that trial; the list reads none.
        assert len(opened) == (address != reverse("trial-list")), opened


def test_the_list_offers_the_pages_around_its_own(trial: Trial, client: Any) -> None:
    second = client.get(reverse("trial-list"), {"page": 2})
    assert second.context["page"].number == 2
    assert 'aria-label="Page 2" aria-current="page"' in second.content.decode()
    numbers = Pages(range(10_000), 20).page(300).numbers
    assert [str(one) for one in numbers] == ["1", "…", "298", "299", "300", "301", "302", "…", "500"]


def test_amendments_come_in_pages_and_versions_whole(trial: Trial, client: Any) -> None:
    address = reverse("trial-versions", args=[trial.ref])
    first, second = (client.get(address, {"page": page}) for page in (1, 2))
    assert "Amendments, page 1 of 2" in words(first)
    assert first.content.decode().count("A storm.") == 20
    assert second.content.decode().count("A storm.") == VERSIONS - 1 - 20
    for page in (first, second):
        assert f"1.{VERSIONS - 1}" in words(page)


def test_the_api_counts_the_cases_of_each_trial(trial: Trial, cast: SimpleNamespace, client: Any) -> None:
    first = Trial.objects.order_by("pk")[0]
    trickle.enrolled(first, cast.force_user, 3)
    rows = client.get(reverse("api-trial-list"), {"page_size": 1000}).json()["results"]
    counts = {row["number"]: row["enrolment"] for row in rows}
    assert counts.pop(first.number) == {"count": 3, "type": "actual"}
    assert len(counts) == TRIALS
    assert all(count == {"count": 0, "type": "actual"} for count in counts.values())
    assert {row["version"] for row in rows if row["number"] in counts} == {f"1.{VERSIONS - 1}"}
