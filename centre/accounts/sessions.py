"""How long a person stays signed in, and how they sign out everywhere else."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, logout, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from centre import audit
from centre.models import User

BEGUN, SEEN, CONFIRMED = "signed_in_at", "seen_at", "confirmed_at"
NOTED_EVERY = 60  # seconds: a session is not written for every page


def begin(request: HttpRequest, **_: Any) -> None:
    """A session begins as somebody signs in: who has just signed in need not confirm who they are."""
    if request is not None:
        request.session[BEGUN] = request.session[SEEN] = request.session[CONFIRMED] = time.time()


@dataclass(frozen=True, slots=True)
class Held:
    """A session of a person: when it began, when a page was last asked for in it, and whether it is this one."""

    begun: datetime
    seen: datetime
    is_this: bool


def of(request: HttpRequest, person: User) -> list[Held]:
    """Return the person's sessions, the newest page first. A session says whose it is only in its own locked text."""
    found = []
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        data = row.get_decoded()
        is_theirs = data.get(SESSION_KEY) == str(person.pk) and constant_time_compare(
            data.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()
        )
        if is_theirs and BEGUN in data:
            begun, seen = (datetime.fromtimestamp(data[name], UTC) for name in (BEGUN, SEEN))
            if timezone.now() - seen < settings.SESSION_IDLE:
                found.append(Held(begun, seen, row.session_key == request.session.session_key))
    return sorted(found, key=lambda one: one.seen, reverse=True)


@transaction.atomic
def end_all(person: User) -> None:
    """No session of the person's opens anything more."""
    User.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    person.refresh_from_db(fields=["session_generation"])


@transaction.atomic
def end_others(request: HttpRequest, person: User) -> None:
    """The person stays signed in here, and nowhere else."""
    end_all(person)
    update_session_auth_hash(request, person)
    audit.record("sessions.ended", subject=person, by=person)


class _Rules:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._keep(request, request.user)
        return self.get_response(request)

    @staticmethod
    def _keep(request: HttpRequest, person: User) -> None:
        session, now = request.session, time.time()
        idle, age = now - session.get(SEEN, 0), now - session.get(BEGUN, 0)
        if idle > settings.SESSION_IDLE.total_seconds() or age > settings.SESSION_COOKIE_AGE:
            why = "age" if age > settings.SESSION_COOKIE_AGE else "idle"
            audit.record("session.ended", subject=person, by=person, detail={"why": why})
            logout(request)
            messages.info(
                request, "You were signed out, because you had been signed in for long. Sign in again"
            )
        elif (
            idle > NOTED_EVERY and "HX-Request" not in request.headers
        ):  # a page that updates itself is nobody
            session[SEEN] = now


rules = _Rules
