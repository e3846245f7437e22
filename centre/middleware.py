"""Turns a refusal that no view answered itself into a plain page with the right status, and logs it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from centre import audit
from centre.errors import NotFound, Refusal


class _Refusals:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal; leave everything else to Django."""
        if not isinstance(error, Refusal):
            return None
        record_refusal(request, error)
        template = "404.html" if isinstance(error, NotFound) else "refusal.html"
        return render(request, template, {"refusal": error}, status=error.status)


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
