"""With a hidden trial in it the registry looks, to those who may not know of it, as it looked without (goal S6)."""

import datetime as dt
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.integration.experiments_pages import stages
from tests.permissions.asking import COMMITTED, routes

pytestmark = [COMMITTED, pytest.mark.slow, pytest.mark.once]
# What changes with the moment it is read, or with any act at all: the head of the audit chain, open to everybody.
MOMENTS = re.compile(
    rb'"(?:as_of|at|generated_at)": ?"[^"]*"|name="csrfmiddlewaretoken" value="\w+"|last page at \d\d:\d\d'
)
# A new secret is made each time that a second factor is begun.
NOT_COMPARED = {"healthz", "readyz", "assurance", "mfa_activate_totp", "mfa_add_webauthn"}
TITLE = stages.PLAN.title
QUERIES = ({}, {"q": TITLE}, {"page": 2}, {"sort": "newest"})
API_QUERIES = (
    {},
    {"search": TITLE},
    {"count_total": "true"},
    {"page_size": 1},
    {"format": "csv", "page_size": 1000},
)


def addresses(public: dict[str, Any]) -> Iterator[str]:
    """Give every address that names nothing, or what is public, with what may be asked of it."""
    for name, pattern in routes():
        parts = set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
        view = getattr(pattern.callback, "view_class", None)
        if name in NOT_COMPARED or not hasattr(view, "get") or not parts <= set(public):
            continue
        place = reverse(name, kwargs={part: public[part] for part in parts})
        for query in API_QUERIES if place.startswith("/api/") else QUERIES:
            yield f"{place}?{urlencode(query)}"


def answers(client: Any, public: dict[str, Any]) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    """Return what each address answers, but for what changes with the moment."""
    found = {}
    for address in addresses(public):
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kept = ("ETag", "X-Total-Count", "X-Next-Page-Token", "Last-Modified", "Link", "Content-Type")
        said = {name: answer[name] for name in kept if name in answer}
        if MOMENTS.search(content):
            said.pop("ETag", None)
        found[address] = (answer.status_code, MOMENTS.sub(b"", content), said)
    return found


def test_nothing_that_outsiders_read_changes_with_what_is_hidden(
    cast: SimpleNamespace, sign_in: Any, unlimited: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = stages.published(cast)
    public = {"ref": release.trial.number, "slug": release.trial.tactic.slug, "version": "1.0"}
    outsiders = [sign_in(person) for person in (cast.anonymous, cast.other_force_user, cast.researcher)]
    before = [answers(client, public) for client in outsiders]
    cache.clear()
    # What is hidden is about the same tactic: a tactic of its own would be public, and rightly seen.
    monkeypatch.setattr(stages.library, "published", lambda *_, **__: release.trial.tactic)
    later = dt.date.today() + dt.timedelta(days=90)
    stages.cleared(SimpleNamespace(**vars(cast), embargo_until=later))
    stages.draft(cast)
    cache.clear()
    changed = []
    for old, client in zip(before, outsiders, strict=True):
        new = answers(client, public)
        assert set(old) == set(new)
        changed += [address for address in old if old[address] != new[address]]
    assert changed == []
    channels = {address.partition("?")[0] for address in before[0]}
    assert len(channels) >= 40, len(channels)
