"""SQL in every parameter of every list and in the pages that search: refused or taken for words, never understood."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from centre.models import AuditEvent
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.django_db, pytest.mark.both]
PAYLOADS = (
    "' OR '1'='1",
    "1; DROP TABLE centre_user; --",
    "') UNION SELECT password FROM centre_user --",
    "%' OR 1=1 --",
    "\\'; SELECT 1",
)
PAGES = {"/": "q", "/trials/": "q", "/library/": "q", "/gaps/": "q", "/feeds/library/": "q"}
_MEANT = "'centre_user'"


class Watch:
    """Looks at every statement for a payload that stands in its text."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if any(payload in sql for payload in PAYLOADS):
            self.found.append(sql)
        return execute(sql, params, many, context)


def test_no_parameter_becomes_sql(cast: Any, unlimited: None) -> None:
    trial = stages.registered(cast)
    client = Client()
    schema = client.get("/api/schema/").json()
    known = {
        "trial_id": str(trial.number),
        "ref": str(trial.number),
        "version": "1.0",
        "slug": trial.tactic.slug,
        "number": str(trial.number),
    }
    asked, watch = 0, Watch()
    with connection.execute_wrapper(watch):
        for path, item in schema["paths"].items():
            names = [one["name"] for one in item.get("get", {}).get("parameters", ()) if one["in"] == "query"]
            address = path.format_map(_Known(known))
            for payload in PAYLOADS:
                asked += len(names)
                for name in names:
                    answer = client.get(address, {name: payload})
                    assert answer.status_code < 500, (address, name, payload)
                    if answer.status_code == 200 and name not in ("search", "count_total"):
                        assert _rows(answer) == [], (address, name, payload)
                whole = client.get(address.replace(str(trial.number), payload.replace("/", "")))
                assert whole.status_code < 500, (address, payload)
        for page, name in PAGES.items():
            for payload in PAYLOADS:
                assert client.get(page, {name: payload}).status_code < 500, (page, payload)
    assert asked > 500
    assert watch.count > 500
    assert watch.found == []
    assert AuditEvent.objects.filter(event="request.refused").exists()


def _rows(answer: Any) -> list[Any]:
    if answer["Content-Type"].startswith("application/json"):
        return list(answer.json().get("results", []))
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return whole.decode().splitlines()[1:] if answer["Content-Type"].startswith("text/csv") else []


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "00000000-0000-4000-8000-000000000000"


def test_the_watch_would_see_it() -> None:
    watch = Watch()
    with connection.execute_wrapper(watch), connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 WHERE 'a' = '{PAYLOADS[1]}'")
    assert len(watch.found) == 1
