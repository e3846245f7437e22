"""Read-only mode: pages and the API can be read, and nobody changes anything.

Switched on for a move, a repair or an upgrade: by the environment (`READ_ONLY=1`, for this process), or for all of
them by `manage.py read_only on`, which each notices within a few seconds. Reads of restricted data and refusals are
still put on the audit log.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from centre import audit
from centre.api.problems import problem
from centre.models import ReadOnlyPeriod

RETRY_SECONDS = 300
TITLE = "The registry can only be read at the moment"
_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_remembered: tuple[float, str] = (float("-inf"), "")


def reason() -> str:
    """Return why nothing may be changed; empty where it may."""
    if settings.READ_ONLY:
        return str(settings.READ_ONLY_REASON)
    moment = time.monotonic()
    if moment - _remembered[0] > settings.READ_ONLY_LOOK_SECONDS:
        try:
            found = ReadOnlyPeriod.objects.filter(ended_at=None).values_list("reason", flat=True).first()
        except DatabaseError:  # whatever is asked of it next says so
            return ""
        remember(found or "")
    return _remembered[1]


def remember(why: str) -> None:
    """Take this for the answer until the database is asked again."""
    global _remembered
    _remembered = (time.monotonic(), why)


@transaction.atomic
def begin(why: str) -> ReadOnlyPeriod:
    """Nobody may change anything any more; where that is so already, the reason is the new one."""
    end()
    period = ReadOnlyPeriod.objects.create(reason=why, began_at=timezone.now())
    audit.record("service.read_only", subject=period, by=audit.SYSTEM, detail={"reason": why})
    remember(why)
    return period


@transaction.atomic
def end() -> bool:
    """People may change things again; return whether they could not before."""
    ended = ReadOnlyPeriod.objects.filter(ended_at=None).update(ended_at=timezone.now())
    if ended:
        audit.record("service.writable", subject=("service", ""), by=audit.SYSTEM)
    remember("")
    return bool(ended)


def banner(request: HttpRequest) -> dict[str, str]:
    """Return what every page says while nothing may be changed."""
    return {"read_only": reason()}


class ReadOnly:
    """Answers every request that could change something with 503, and says why and until when to wait."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let reads through."""
        if request.method in _SAFE or not (why := reason()):
            return self.get_response(request)
        headers = {"Retry-After": str(RETRY_SECONDS)}
        if request.path_info.startswith("/api/"):
            detail = f"{why} Reading goes on. Nothing was saved; send it again later."
            return problem(503, code="read_only", title=TITLE, detail=detail, errors=[], headers=headers)
        said: dict[str, Any] = {"title": TITLE, "why": why}
        page = render(request, "read_only.html", said, status=503)
        page["Retry-After"] = headers["Retry-After"]
        return page
