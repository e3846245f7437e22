"""How long a person stays signed in, and how they sign out everywhere else."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from centre import audit
from centre.models import User

BEGUN, SEEN, CONFIRMED = "signed_in_at", "seen_at", "confirmed_at"
NOTED_EVERY = 60  # seconds: a session is not written for every page


def begin(request: HttpRequest, **_: Any) -> None:
    """A session begins as somebody signs in: who has just signed in need not confirm who they are."""
    if request is not None:
        request.session[BEGUN] = request.session[SEEN] = request.session[CONFIRMED] = time.time()


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
