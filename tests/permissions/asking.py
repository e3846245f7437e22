"""Walks every address that the resolver knows, and asks it as every kind of person."""

import re
from collections.abc import Iterator
from copy import copy
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from centre import tokens
from tests.permissions import said

# For tests that ask much: in one long transaction each question would look through the leavings of all before it.
COMMITTED = pytest.mark.django_db(transaction=True)
# One column each, in this order.
SUBJECTS = (
    "anonymous",
    "force_user",
    "other_force_user",
    "researcher",
    "registrar",
    "reviewer",
    "analyst",
    "custodian",
    "checker",
    "publisher",
    "sponsor",
    "director",
    "suspended",
)
# What a letter of the matrix means. 1: sign in first, by 401 or by the way to the sign-in page.
LETTERS = {
    200: "2",
    202: "A",
    302: "R",
    401: "1",
    400: "0",
    403: "3",
    404: "4",
    405: "5",
    409: "9",
    422: "8",
    503: "2",
}
# That somebody read, or was refused, is on record; and the session says when its last page was.
OF_EVERY_READ = {"centre_auditevent", "django_session"}
WRITE = re.compile(r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?')
QUERIES = {"api-trial-diff": {"from": "1.0", "to": "1.0"}, "trial-diff": {"from": "1.0", "to": "1.0"}}


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Give every address with its name."""

    def walk(patterns: Any) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern.name or repr(pattern), pattern

    return walk(get_resolver().url_patterns)


def methods(pattern: URLPattern) -> list[str]:
    """Return which of GET and POST an address answers."""
    view = getattr(pattern.callback, "view_class", None)
    if view is None:
        return ["GET"]
    return [
        name.upper() for name in ("get", "post") if hasattr(view, name) and name in view.http_method_names
    ]


def questions(world: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """Give (row, method, name of the address, address) for every address, method and state of its object."""
    for name, pattern in routes():
        parts = set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
        is_of_tactic = "slug" in parts and name != "api-force"
        states = (
            ["always"]
            if parts <= set(world["always"]) and not is_of_tactic
            else ["public", "embargoed", "draft"]
        )
        for method in methods(pattern):
            for state in states:
                address = reverse(name, kwargs={part: world[state][part] for part in parts})
                yield (
                    f"{method} {name} {state}",
                    method,
                    name,
                    f"{address}?{urlencode(QUERIES.get(name, {}))}",
                )


class Asker:
    """One person, with a session for the pages and a token for the API."""

    def __init__(self, person: Any) -> None:
        self.page, self.api, self.headers = Client(), Client(), {}
        self.lacking: set[str] = set()  # what answers did not say that every answer says
        self._tables: set[str] = set()
        self.written: set[str] = set()  # by whom, where a question that only reads wrote
        for client in (self.page, self.api):
            client.raise_request_exception = False
        if person.is_authenticated:
            self.page.force_login(person)
            self.headers = {
                "Authorization": f"Token {tokens.make(name='m', scope='write', days=1, by=person)[1]}"
            }

    def _watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if write := WRITE.match(sql):
            self._tables.add(write[1])
        return execute(sql, params, many, context)

    def ask(self, method: str, address: str) -> str:
        """Return the letter of the answer; whatever was written is taken back."""
        is_api = address.startswith("/api/")
        client = self.api if is_api else self.page
        takes_files = any(
            part in address
            for part in (
                "/datasets/",
                "/hub/submissions/",
                "/hub/panels/",
                "/hub/offences/",
                "/api/v1/hub/figures/",
            )
        )
        kind = {"content_type": "application/json"} if is_api and not takes_files else {}
        headers = self.headers if is_api else {}
        cookies = copy(client.cookies)
        with transaction.atomic():
            if method == "GET":
                with connection.execute_wrapper(self._watch):
                    answer = client.get(address, headers=headers)
                    name = answer.resolver_match.url_name if answer.resolver_match else address
                    self.written |= {f"{name}: {table}" for table in self._tables - OF_EVERY_READ}
                    self._tables.clear()
            elif method == "POST":
                answer = client.post(address, data={}, headers=headers, **kind)
            else:
                answer = client.generic(method, address, headers=headers, **kind)
            if answer.streaming:
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        client.cookies = cookies  # signing out must not last
        self.lacking.update(f"{method} {address.partition('?')[0]}: {one}" for one in said.lacking(answer))
        if answer.status_code == 302 and answer["Location"].startswith(resolve_url(settings.LOGIN_URL)):
            return "1"
        return LETTERS.get(answer.status_code, f"!{answer.status_code}")
