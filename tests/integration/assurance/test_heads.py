"""The published heads: a page, JSON to keep, and a feed."""

from typing import Any

import pytest

from centre import audit, heads
from centre.models import AuditHead

pytestmark = pytest.mark.django_db


def test_before_the_first_head_the_page_says_so(client: Any) -> None:
    assert "No head has been published yet" in client.get("/assurance/heads/").content.decode()
    assert client.get("/assurance/heads.json").json() == {"heads": []}


def test_a_head_is_on_the_page_in_the_file_and_in_the_feed(client: Any, registrar: Any) -> None:
    audit.record("a", subject=registrar, by=registrar)
    head = heads.publish()
    assert head is not None
    for address in ("/assurance/heads/", "/assurance/heads/feed/"):
        page = client.get(address).content.decode()
        assert head.hash in page
        assert head.imprints_hash in page
    assert client.get("/assurance/heads.json").json() == {"heads": [head.as_json()]}
    assert "/assurance/heads/" in client.get("/assurance/").content.decode()


def test_many_heads_come_in_pages(client: Any) -> None:
    first = heads.publish()
    assert first is not None
    same = {field.name: getattr(first, field.name) for field in AuditHead._meta.fields if field.name != "id"}
    for year in range(1900, 2000):
        AuditHead.objects.create(**{**same, "day": first.day.replace(year=year)})
    page = client.get("/assurance/heads/?page=2").content.decode()
    assert f'id="d{first.day.replace(year=1900)}"' in page
    assert f'id="d{first.day}"' not in page
