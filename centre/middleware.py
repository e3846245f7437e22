"""Turns a refusal that no view answered itself into a plain page with the right status, and logs it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from centre import audit
from centre.errors import NotFound, Refusal, TooLarge
from centre.whole_body import CutOff, require_whole_form


class _Refusals:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):  # the API reads its bodies, and answers, in its own way
            try:
                require_whole_form(request)
            except (CutOff, TooLarge) as refusal:
                return self._page(request, refusal)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal; leave everything else to Django."""
        if not isinstance(error, Refusal):
            return None
        return self._page(request, error)

    def _page(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        record_refusal(request, refusal)
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


refusals = _Refusals
