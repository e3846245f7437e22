"""What every answer says to those on its way; and a refusal that no view answered, as a plain page, logged."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from centre import audit
from centre.accounts import confirming
from centre.accounts.confirming import ConfirmFirst
from centre.errors import NoRoom, NotFound, Refusal, TooLarge
from centre.whole_body import CutOff, require_whole_form

# A page, and a PDF, which browsers do not show in a sandbox. All else is data: opened by itself it can do nothing.
_SHOWN = ("text/html", "application/pdf")


class _Borders:
    """Says of every answer which features its page may use, who may embed it, and who may keep a copy of it.

    What a signed-in person was shown is kept by nobody, the browser's own store included; a view that knows better
    (a public file that never changes) has said so itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_open = response.get("Access-Control-Allow-Origin") == "*"
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        is_named = (
            settings.SESSION_COOKIE_NAME in request.COOKIES
            or settings.SESSION_COOKIE_NAME in response.cookies
            or "HTTP_AUTHORIZATION" in request.META
        )
        response.headers.setdefault("Cache-Control", "private, no-store" if is_named else "private, no-cache")
        if not response.get("Content-Type", "text/html").startswith(_SHOWN):
            response._csp_update = {"sandbox": [""]}  # type: ignore[attr-defined]
        return response


class _Refusals:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):  # the API reads its bodies, and answers, in its own way
            try:
                require_whole_form(request)
            except (CutOff, TooLarge) as refusal:
                return self._page(request, refusal)
            except OSError as error:
                if (no_room := NoRoom.of(error)) is None:
                    raise
                return self._page(request, no_room)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal; leave everything else to Django."""
        refusal = NoRoom.of(error) or error
        return self._page(request, refusal) if isinstance(refusal, Refusal) else None

    def _page(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        record_refusal(request, refusal)
        if isinstance(refusal, ConfirmFirst):
            return confirming.page(request, refusal)
        template = "404.html" if isinstance(refusal, NotFound) else "refusal.html"
        return render(request, template, {"refusal": refusal}, status=refusal.status)


def record_refusal(request: HttpRequest, refusal: Refusal) -> None:
    """Leave an audit event of a refused act; the values sent are never part of it."""
    audit.record(
        "request.refused",
        subject=("path", request.path[:64]),
        by=request.user,
        detail={
            "method": request.method,
            "path": request.path,
            "code": refusal.code,
            "message": refusal.message,
            "fields": [problem.pointer for problem in refusal.problems][:20],
        },
    )


borders = _Borders
refusals = _Refusals
