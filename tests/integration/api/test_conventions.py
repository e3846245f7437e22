"""What every address shares: pages, fields, sorting, CSV, problems, conditional requests, limits."""

import csv
import io

import pytest
from django.test import Client

from centre.models import AuditEvent, Force

pytestmark = pytest.mark.both


def problem(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    assert body["status"] == status
    return body


@pytest.mark.parametrize(
    ("query", "pointer", "words"),
    [
        ("ordering=user__password", "?ordering", "Unknown parameter 'ordering'"),
        ("sort=user__password", "?sort", "Unknown field 'user__password'"),
        ("sort=name,slug,region", "?sort", "at most two"),
        ("fields=allocation", "?fields", "Unknown field 'allocation'"),
        ("page_size=0", "?page_size", "from 1 to 1000"),
        ("page_size=-1", "?page_size", "from 1 to 1000"),
        ("page_size=1000000", "?page_size", "from 1 to 1000"),
        ("page_size=1e2", "?page_size", "from 1 to 1000"),
        ("page_size=1000000000000000000000000000000", "?page_size", "from 1 to 1000"),
        ("page_token=abc", "?page_token", "not one that we gave"),
        ("count_total=yes", "?count_total", "true or false"),
        ("kind=martian", "?kind", "territorial, special, sample"),
        ("format=xml", "?format", "json or csv"),
        ("search=%00", "?search", "U+0000"),
        ("name=%00", "?name", "Unknown parameter"),
        ("region=a&region=b", "?region", "once"),
        ("token=abc", "?token", "Send it in the Authorization header"),
        ("Access_Token=abc", "?access_token", "Send it in the Authorization header"),
        ("search=" + "x" * 201, "?search", "200 characters"),
    ],
)
def test_bad_parameters_are_400_and_named(public, query, pointer, words):
    events = AuditEvent.objects.count()
    body = problem(public.get(f"forces/?{query}"), 400)
    assert body["errors"][0]["pointer"] == pointer
    assert words in body["errors"][0]["message"]
    assert AuditEvent.objects.count() == events + 1


def test_refusal_leaves_an_event_without_values(public):
    public.get("forces/?page_size=secret")
    event = AuditEvent.objects.last()
    assert event.event == "request.refused"
    assert event.detail["status"] == 400
    assert event.detail["pointers"] == ["?page_size"]
    assert "secret" not in str(event.detail)


def test_pages_hold_every_row_once(public):
    seen, token, pages = [], "", 0
    while True:
        page = public.get(f"forces/?page_size=7&sort=region,-name{token}").json()
        seen += [row["slug"] for row in page["results"]]
        pages += 1
        if "next_page_token" not in page:
            break
        token = f"&page_token={page['next_page_token']}"
    expected = [force.slug for force in Force.objects.order_by("region", "-name", "-pk")]
    assert seen == expected
    assert pages == -(-len(expected) // 7)


def test_page_token_is_bound_to_its_query(public):
    token = public.get("forces/?page_size=5").json()["next_page_token"]
    assert public.get(f"forces/?page_size=9&page_token={token}").status_code == 200
    body = problem(public.get(f"forces/?sort=-name&page_token={token}"), 400)
    assert "another query" in body["detail"]
    forged = token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]
    problem(public.get(f"forces/?page_token={forged}"), 400)


def test_total_is_counted_only_when_asked(public):
    assert "total_count" not in public.get("forces/").json()
    page = public.get("forces/?count_total=true&page_size=2").json()
    assert page["total_count"] == Force.objects.count()
    assert page["as_of"].endswith("Z")


def test_csv_has_its_header_on_the_first_page_only(public):
    first = public.get("forces/?format=csv&fields=name,slug&page_size=20&count_total=true")
    assert first["Content-Type"] == "text/csv; charset=utf-8"
    assert first["X-Total-Count"] == str(Force.objects.count())
    rows = list(csv.reader(io.StringIO(first.content.decode(), newline="")))
    assert rows[0] == ["slug", "name"]
    second = public.get(
        f"forces/?format=csv&fields=name,slug&page_size=1000&page_token={first['X-Next-Page-Token']}"
    )
    assert "X-Next-Page-Token" not in second
    rows += list(csv.reader(io.StringIO(second.content.decode(), newline="")))
    assert [row[0] for row in rows[1:]] == [force.slug for force in Force.objects.order_by("name")]


def test_empty_csv_still_has_its_header(public):
    assert public.get("forces/?format=csv&fields=slug&search=nosuchforce").content == b"slug\r\n"


def test_cells_cannot_become_formulas(public):
    Force.objects.create(slug="formula", name="=cmd|' /C calc'!A0", kind="sample")
    answer = public.get("forces/?format=csv&kind=sample&fields=name").content.decode()
    assert answer.splitlines()[1].startswith("'=cmd") or answer.splitlines()[1].startswith("\"'=cmd")


def test_unchanged_read_is_304_and_changed_read_is_not(public):
    first = public.get("forces/?page_size=3")
    again = public.get("forces/?page_size=3", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    Force.objects.create(slug="aaa", name="AAA Police (invented)", kind="sample")
    assert public.get("forces/?page_size=3", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_detail_takes_fields_but_no_csv(public):
    assert public.get("forces/surrey/?fields=slug").json() == {"slug": "surrey"}
    problem(public.get("forces/surrey/?format=csv"), 400)


def test_missing_and_nonexistent_addresses_answer_alike(public):
    one, other = public.get("forces/nosuch/"), public.get("nosuch/")
    assert one.content == other.content
    assert one.headers.keys() == other.headers.keys()
    problem(one, 404)
    problem(public.get("forces"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_other_methods_are_405_problems(call_as, registrar, method):
    caller = call_as(registrar)
    response = getattr(caller.client, method)("/api/v1/forces/", headers=caller.headers)
    problem(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_unacceptable_format_is_a_406_problem(public):
    problem(public.get("forces/", Accept="text/html"), 406)


def test_preflight_and_public_reads_are_open_to_every_origin(public):
    answer = public.client.options(
        "/api/v1/forces/", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    )
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    read = public.get("forces/", Origin="https://example.org")
    assert read["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in read


def test_writes_are_not_open_to_other_origins(call_as, registrar):
    assert "Access-Control-Allow-Origin" not in call_as(registrar).post("forces/")


def test_throttle_answers_429_with_retry_after_and_logs_once(public, settings):
    settings.API_REQUESTS_A_MINUTE = {"anonymous": 3, "person": 3, "write": 3}
    answers = [public.get("forces/") for _ in range(6)]
    assert answers[0]["RateLimit-Remaining"] == "2"
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    problem(limited[0], 429)
    assert 1 <= int(limited[0]["Retry-After"]) <= 60
    assert limited[0]["RateLimit-Remaining"] == "0"
    assert AuditEvent.objects.filter(detail__status=429).count() == 1


def test_forwarded_for_does_not_escape_the_throttle(public, settings):
    settings.API_REQUESTS_A_MINUTE = {"anonymous": 2, "person": 2, "write": 2}
    answers = [public.get("forces/", **{"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(5)]
    assert 429 in answers


def test_spoofed_host_is_a_400_problem(public):
    problem(public.get("forces/", Host="evil.example"), 400)


def test_a_defect_is_a_problem_too(public, monkeypatch):
    from centre.api import forces

    def broken(self):
        raise RuntimeError("boom")

    monkeypatch.setattr(forces.ForceList, "get_queryset", broken)
    body = problem(public.get("forces/"), 500)
    assert "boom" not in str(body)


def test_docs_page_loads_only_our_own_files(db):
    page = Client().get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "https://" not in text.replace("https://localhost", "")
    assert "unsafe" not in page["Content-Security-Policy"]


def test_schema_is_openapi_3_1_and_not_empty(db):
    schema = Client().get("/api/schema/").json()
    assert schema["openapi"].startswith("3.1")
    assert {"/api/v1/forces/", "/api/v1/runs/{run_id}/cancel/", "/api/v1/version/"} <= set(schema["paths"])


def test_metadata_describes_every_list(public):
    resources = {one["path"]: one for one in public.get("metadata/").json()["resources"]}
    assert [column["name"] for column in resources["/api/v1/forces/"]["columns"]][:2] == ["slug", "name"]
    assert "kind" in resources["/api/v1/forces/"]["filters"]


def test_version_names_the_parts(public):
    assert public.get("version/").json()["api"] == "1"
