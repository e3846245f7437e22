"""The schema says what the API does, and no request that a fuzzer thinks of breaks it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import URLPattern
from schemathesis.checks import not_a_server_error

from centre.api.views import ApiView
from centre.wsgi import application
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


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Let the real WSGI application leave the test's database connection open, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def closing(environ: Any, start_response: Any) -> list[bytes]:
    """Serve one request as a server does, which closes the answer; the fuzzer's client does not."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


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


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("who", ["anonymous", "force_user", "analyst"])
def test_no_generated_request_is_a_server_error(
    who: str, cast: Any, call_as: Any, settings: Any, schema: dict[str, Any], one_connection: None
) -> None:
    settings.API_REQUESTS_A_MINUTE = {"anonymous": 10**6, "person": 10**6, "write": 10**6}
    trial = stages.published(cast).trial
    headers = {} if who == "anonymous" else call_as(getattr(cast, who)).headers
    loaded = schemathesis.openapi.from_dict(schema)
    loaded.app = closing
    asked = 0
    for result in loaded.get_all_operations():
        operation = result.ok()

        @hypothesis.given(case=operation.as_strategy())
        @hypothesis.settings(
            max_examples=4,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            if "ref" in case.path_parameters:
                case.path_parameters["ref"] = trial.number
            response = case.call(headers=headers)
            case.validate_response(response, checks=[not_a_server_error])

        ask()
    assert asked > 60


@pytest.mark.parametrize("seed", SEEDS)
def test_odd_bodies_are_refused(seed: bytes, cast: Any, call_as: Any) -> None:
    trial = stages.locked(cast)
    answer = call_as(cast.analyst).post(f"trials/{trial.number}/analyses/", raw=seed)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
