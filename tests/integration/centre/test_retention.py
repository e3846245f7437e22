"""What has been kept for its time goes, what has not stays, and the public record is not touched."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from centre import audit, retention, tokens, vault
from centre.models import ApiToken, AuditEvent, IdempotentRequest, Webhook, WebhookMessage
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db


def fill(by: Any) -> None:
    """Leave one thing of each kind whose time is over by a little, and one whose time is nearly over."""
    now, near = timezone.now(), dt.timedelta(minutes=5)
    for name, kept in retention.SCHEDULE.items():
        for label, at in (("old", now - kept.how_long - near), ("new", now - kept.how_long + near)):
            if name == "sessions":
                Session.objects.create(session_key=label, session_data="", expire_date=at)
            elif name == "repeats":
                IdempotentRequest.objects.create(user=by, key=label, request_sha256="0" * 64, created_at=at)
            elif name == "tokens":
                made = tokens.make(name=label, scope="read", days=1, by=by)[0]
                ApiToken.objects.filter(pk=made.pk).update(expiry=at)
            elif name == "messages":
                hook, _ = Webhook.objects.get_or_create(url="https://hooks.example.org/", made_by=by)
                said = {"webhook": hook, "event": label, "made_at": at, "next_at": at}
                WebhookMessage.objects.create(**said)
            else:
                file = vault._staging() / label
                file.write_text("half a file", encoding="utf-8")
                os.utime(file, (at.timestamp(), at.timestamp()))


def left() -> dict[str, list[str]]:
    return {
        "sessions": list(Session.objects.values_list("session_key", flat=True)),
        "repeats": list(IdempotentRequest.objects.values_list("key", flat=True)),
        "tokens": list(ApiToken.objects.values_list("name", flat=True)),
        "messages": list(WebhookMessage.objects.values_list("event", flat=True)),
        "staged": [Path(file).name for file in vault._staging().iterdir()],
    }


def test_what_is_over_goes_and_the_rest_stays(analyst: Any) -> None:
    fill(analyst)
    audit.record("request.refused", subject=("path", "/"), by=None)
    events = AuditEvent.objects.count()
    assert retention.keep() == dict.fromkeys(retention.SCHEDULE, 1)
    assert left() == {name: ["new"] for name in retention.SCHEDULE}
    last = AuditEvent.objects.last()
    assert (last.event, last.actor_name) == ("retention.kept", audit.SYSTEM)
    assert AuditEvent.objects.count() == events + 1  # refusals are kept for ever
    retention.keep()
    assert AuditEvent.objects.count() == events + 1  # and nothing to take away is nothing to tell


def test_the_command_counts(analyst: Any, capsys: Any) -> None:
    fill(analyst)
    call_command("keep_retention")
    assert "Keys of the API, after their end: 365 days: 1 taken away" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["docs/data-protection.md", "templates/pages/privacy.html"])
def test_the_pages_say_the_same(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for kept in retention.SCHEDULE.values():
        days = f"{kept.how_long.days} day{'s' if kept.how_long.days > 1 else ''}"
        assert kept.what in text
        assert days in text.split(kept.what, 1)[1][:120], kept.what
