"""What will go is told with every use of it, a year ahead; today nothing will."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.http import parse_http_date

from centre.api import deprecations, description
from centre.api.deprecations import Deprecation

pytestmark = pytest.mark.django_db
SINCE, SUNSET = dt.date(2027, 1, 1), dt.date(2028, 1, 1)
ADDRESS = Deprecation(
    "/api/v1/tactics/{slug}/news/", SINCE, SUNSET, "Use feeds/.", successor="/api/v1/feeds/"
)
PARAMETER = Deprecation("/api/v1/tactics/", SINCE, SUNSET, "Use problem.", parameter="stage")
FIELD = Deprecation("/api/v1/forces/", dt.date(2026, 12, 1), SUNSET, "Use nation.", field="region")
HEADERS = ("Deprecation", "Sunset", "Link")


@pytest.fixture
def announced(monkeypatch: Any) -> Iterator[None]:
    """Deprecate one thing of each kind, for this test alone."""
    monkeypatch.setattr(deprecations, "IN_FORCE", (ADDRESS, PARAMETER, FIELD))
    description._schema.cache_clear()
    yield
    description._schema.cache_clear()


def told(answer: Any) -> bool:
    found = {name for name in HEADERS if answer.has_header(name)}
    assert found in (set(), set(HEADERS))
    return bool(found)


def test_nothing_is_deprecated_today_and_the_list_and_the_page_say_so(public: Any) -> None:
    answer = public.get("deprecations/")
    assert answer.json()["summary"] == "Nothing is deprecated today."
    assert (answer.json()["results"], answer.json()["notice_days"]) == ([], 365)
    assert public.get("deprecations/", **{"If-None-Match": answer["ETag"]}).status_code == 304
    page = public.client.get("/developers/").content.decode()
    assert 'id="deprecations"' in page
    assert "Nothing is deprecated today." in page
    assert not told(public.get("tactics/?stage=piloting"))


def test_an_address_tells_each_answer_refusals_too(public: Any, announced: None) -> None:
    answer = public.get("tactics/no-such-tactic/news/")
    assert answer.status_code == 404
    assert answer["Deprecation"] == f"@{dt.datetime(2027, 1, 1, tzinfo=dt.UTC).timestamp():.0f}"
    assert parse_http_date(answer["Sunset"]) == dt.datetime(2028, 1, 1, tzinfo=dt.UTC).timestamp()
    links = answer["Link"].split(", ")
    assert '</developers/#deprecations>; rel="deprecation"; type="text/html"' in links
    assert '</api/v1/feeds/>; rel="successor-version"' in links
    assert not told(public.get("tactics/no-such-tactic/"))
    assert "Sunset" in answer["Access-Control-Expose-Headers"]


def test_a_parameter_tells_those_who_send_it(public: Any, announced: None) -> None:
    assert told(public.get("tactics/?stage=piloting"))
    assert not told(public.get("tactics/?search=piloting"))


def test_a_field_tells_those_who_get_it(public: Any, announced: None) -> None:
    whole = public.get("forces/")
    assert told(whole)
    unchanged = public.get("forces/", **{"If-None-Match": whole["ETag"]})
    assert (unchanged.status_code, told(unchanged)) == (304, True)
    assert told(public.get("forces/?fields=region,slug"))
    assert not told(public.get("forces/?fields=slug"))
    assert not told(public.get("forces/?fields=no-such-field"))


def test_the_list_the_page_and_the_schema_name_it(public: Any, announced: None) -> None:
    rows = public.get("deprecations/").json()["results"]
    assert [(row["kind"], row["name"], row["sunset"]) for row in rows] == [
        ("address", "", "2028-01-01"),
        ("parameter", "stage", "2028-01-01"),
        ("field", "region", "2028-01-01"),
    ]
    assert "parameter stage" in public.client.get("/developers/").content.decode()
    schema = public.client.get("/api/schema/").json()
    marked = [
        (path, name)
        for path, item in schema["paths"].items()
        for operation in item.values()
        for name, thing in (("", operation), *((one["name"], one) for one in operation["parameters"]))
        if thing.get("deprecated")
    ]
    assert sorted(marked) == sorted([(ADDRESS.path, ""), (PARAMETER.path, "stage")])
    properties = schema["components"]["schemas"]["Force"]["properties"]
    assert [name for name, one in properties.items() if one.get("deprecated")] == ["region"]


@pytest.mark.parametrize(
    "wrong",
    [
        Deprecation("/api/v1/no-such/", SINCE, SUNSET, "-"),
        Deprecation("/api/v1/tactics/", SINCE, SUNSET, "-", parameter="no_such"),
        Deprecation("/api/v1/forces/", SINCE, SUNSET, "-", field="no_such"),
    ],
)
def test_what_does_not_exist_cannot_be_deprecated(wrong: Deprecation, public: Any, monkeypatch: Any) -> None:
    schema = public.client.get("/api/schema/").json()
    monkeypatch.setattr(deprecations, "IN_FORCE", (wrong,))
    with pytest.raises(LookupError):
        deprecations.marked(schema)


def test_less_than_a_year_of_notice_is_none() -> None:
    with pytest.raises(ValueError, match="365 days"):
        Deprecation("/api/v1/tactics/", SINCE, SINCE + dt.timedelta(days=364), "-")
