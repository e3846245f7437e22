from typing import Any

import pytest
from django.test import Client

from centre import tokens


class Caller:
    """A program that calls the API, with a token or without."""

    def __init__(self, key: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Token {key}"} if key else {}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = raw if raw is not None else ({} if body is None else body)
        return self.client.post(
            f"/api/v1/{path}", data=data, content_type="application/json", headers={**self.headers, **named}
        )


@pytest.fixture
def public(db: None) -> Caller:
    return Caller()


@pytest.fixture
def call_as() -> Any:
    def caller(person: Any, scope: str = "write") -> Caller:
        return Caller(tokens.make(name="test", scope=scope, days=1, by=person)[1])

    return caller
