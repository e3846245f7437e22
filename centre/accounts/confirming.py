"""Who asks for what cannot be undone says again who they are, unless they did a moment ago.

A view calls `require(request)` when the form is in order and before it acts. Where the person must say who they are,
the page that asks holds what was typed, and sends it to the same address with the answer: nothing is lost, and
nothing waits in a session.
"""

import json
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.webauthn.internal import auth as passkeys
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from centre import audit
from centre.accounts.forms import ConfirmForm
from centre.accounts.sessions import CONFIRMED
from centre.accounts.tries import PERIOD, TOO_MANY
from centre.errors import NotPermitted

ANSWERS = ("again_password", "again_code", "again_passkey")
BACK = "again_from"
_NOT_KEPT = (*ANSWERS, BACK, "csrfmiddlewaretoken")


class ConfirmFirst(NotPermitted):
    """The person is signed in, and the act needs that they say again who they are."""

    code = "confirm_first"
    title = "Confirm that it is you"

    def __init__(self, form: ConfirmForm) -> None:
        super().__init__(
            "You signed in some time ago. Sign in again, or confirm who you are on the page of this act."
        )
        self.form = form


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the person has said a moment ago who they are."""
    return time.time() - request.session.get(CONFIRMED, 0) < settings.CONFIRM_WITHIN.total_seconds()


def require(request: HttpRequest) -> None:
    """Raise `ConfirmFirst`, unless the person has just said who they are, or says so with this very form."""
    if is_fresh(request):
        return
    sent = request.POST if any(request.POST.get(name) for name in ANSWERS) else None
    form = ConfirmForm(sent, user=request.user, request=request)
    if sent is None or not form.is_valid():
        raise ConfirmFirst(form)
    request.session[CONFIRMED] = time.time()
    audit.record("person.confirmed", subject=form.user, by=form.user, detail={"with": form.used})


def _back(request: HttpRequest) -> str:
    """Return the page that the person came from: the address of an act may be none to go to."""
    came_from = request.POST.get(BACK) or urlsplit(request.META.get("HTTP_REFERER", "")).path
    is_ours = url_has_allowed_host_and_scheme(came_from, allowed_hosts=None)
    return came_from if is_ours and came_from.startswith("/") else "/"


def page(request: HttpRequest, refusal: ConfirmFirst) -> HttpResponse:
    """Ask who it is, and keep what was typed."""
    form = refusal.form
    too_many = form.is_bound and form.has_error("__all__", code=TOO_MANY)
    context: dict[str, Any] = {
        "form": form,
        "back": _back(request),
        "kept": [(name, value) for name in request.POST if name not in _NOT_KEPT
                 for value in request.POST.getlist(name)],
    }  # fmt: skip
    if form.has_passkey:
        context["passkey_options"] = json.dumps(passkeys.begin_authentication(request.user))
    status = 429 if too_many else 422 if form.is_bound else refusal.status
    headers = {"Retry-After": str(int(PERIOD.total_seconds()))} if too_many else {}
    answer = render(request, "people/confirm.html", context, status=status)
    for name, value in headers.items():
        answer[name] = value
    return answer
