"""A page of a thing that the person may not know of is, byte for byte, the page of a thing that does not exist."""

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from tests.permissions import world
from tests.permissions.asking import COMMITTED, routes

pytestmark = [COMMITTED, pytest.mark.slow, pytest.mark.once]
OBJECTS = {"ref", "slug", "rating_id", "release_id", "run_id"}


def pairs(known: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return each address that names a thing, with the hidden thing and with one that does not exist."""
    found = []
    for name, pattern in routes():
        parts = set(pattern.pattern.converters)
        named = sorted(parts & OBJECTS)
        view = getattr(pattern.callback, "view_class", None)
        if not named or name in ("api-force",) or not hasattr(view, "get"):
            continue
        kwargs = {part: known[part] for part in parts}
        nowhere: Any = "no-such-tactic" if named == ["slug"] else uuid.UUID(int=4)
        found.append(
            (name, reverse(name, kwargs=kwargs), reverse(name, kwargs={**kwargs, named[0]: nowhere}))
        )
    return found


@pytest.mark.parametrize("state", ["embargoed", "draft"])
def test_hidden_and_missing_pages_are_alike(cast: Any, sign_in: Any, unlimited: None, state: str) -> None:
    built = world.build(cast)
    for person in (cast.anonymous, cast.other_force_user, cast.researcher):
        client = sign_in(person)
        for name, hidden, missing in pairs({**built["always"], **built[state]}):
            one, other = client.get(hidden), client.get(missing)
            if one.status_code == 302:
                assert other.status_code == 302, name
                continue
            assert (one.status_code, one.status_code in (401, 404)) == (other.status_code, True), name
            assert body(one, hidden) == body(other, missing), name
            assert headers(one) == headers(other), name


@pytest.mark.parametrize("state", ["embargoed", "draft"])
def test_hidden_and_missing_are_alike_however_they_are_asked_for(
    cast: Any, sign_in: Any, unlimited: None, state: str
) -> None:
    built = world.build(cast)
    ways = {
        "HEAD": {},
        "OPTIONS": {},
        "POST": {},
        "GET with a tag": {"If-None-Match": "*"},
        "GET a part": {"Range": "bytes=0-99"},
        "GET as a fragment": {"HX-Request": "true"},
    }
    client = sign_in(cast.other_force_user)
    for name, hidden, missing in pairs({**built["always"], **built[state]}):
        for way, said in ways.items():
            one, other = (
                client.generic(way.split()[0], address, headers=said) for address in (hidden, missing)
            )
            assert one.status_code == other.status_code, (way, name)
            assert body(one, hidden) == body(other, missing), (way, name)
            assert headers(one) == headers(other), (way, name)


def body(response: Any, address: str) -> bytes:
    """Return the bytes, but for the address itself and the form token, which is new on every page."""
    text = response.content.replace(address.encode(), b"")
    return re.sub(rb'(name="csrfmiddlewaretoken" value=")\w+', rb"\1", text)


def headers(response: Any) -> dict[str, str]:
    """Return the headers, but for the counters of the throttle and the order inside the policy."""
    kept = {name: value for name, value in response.headers.items() if not name.startswith("RateLimit")}
    return {
        name: sorted(value.split("; ")) if name == "Content-Security-Policy" else value
        for name, value in kept.items()
    }
