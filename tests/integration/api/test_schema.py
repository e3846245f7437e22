"""The schema lists what the API does, and odd bodies are refused. What a fuzzer makes of it: `test_fuzz`."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import URLPattern

from centre.api.views import ApiView
from tests.integration.experiments_pages import stages
from tests.permissions.asking import methods, routes

# Shapes that the generator seldom thinks of, and that have broken servers like this one.
SEEDS = (
    b"[" * 50_000,
    b'{"plan": {"a": "\\u0000"}}',
    b'{"plan": "\\ud800"}',
    b'{"dataset": 1e400}',
    b"\xff\xfe",
    b"null",
)


@pytest.fixture
def schema(public: Any) -> dict[str, Any]:
    found: dict[str, Any] = public.client.get("/api/schema/").json()
    return found


def resources() -> list[tuple[str, URLPattern]]:
    """Return the addresses under /api/v1/."""
    views = [(name, one, getattr(one.callback, "view_class", None)) for name, one in routes()]
    own = [(name, one) for name, one, view in views if view is not None and issubclass(view, ApiView)]
    return [(name, one) for name, one in own if name not in ("api-schema", "api-nothing")]


def test_every_address_is_in_the_schema(schema: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, item in schema["paths"].items() for method in item}
    expected = set()
    for _, pattern in resources():
        path = "/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        expected |= {(path, method) for method in methods(pattern)}
    assert described == expected


def test_the_schema_is_made_without_warnings(tmp_path: Path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_every_operation_has_its_own_name_and_says_what_it_refuses(schema: dict[str, Any]) -> None:
    operations = [operation for item in schema["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert {"400", "401", "404", "429"} <= set(operation["responses"]), operation["operationId"]
        assert operation["description"]


def test_lists_describe_their_parameters(schema: dict[str, Any]) -> None:
    parameters = {one["name"] for one in schema["paths"]["/api/v1/estimates/"]["get"]["parameters"]}
    steering = {"page_size", "page_token", "count_total", "fields", "sort", "search", "format"}
    assert steering | {"trial_id", "outcome_role", "prespecified", "released_from"} <= parameters


@pytest.mark.parametrize("seed", SEEDS)
def test_odd_bodies_are_refused(seed: bytes, cast: Any, call_as: Any) -> None:
    trial = stages.locked(cast)
    answer = call_as(cast.analyst).post(f"trials/{trial.number}/analyses/", raw=seed)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
