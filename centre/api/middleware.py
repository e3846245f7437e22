"""What the whole of /api/ shares outside DRF: CORS for public reads, and no HTML where a program asked."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from centre.api import deprecations
from centre.api.problems import not_found, problem

_EXPOSED = (
    "ETag, Last-Modified, Location, Retry-After, X-Next-Page-Token, X-Total-Count, Digest, Repr-Digest, "
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Deprecation, Sunset, Link"
)
_ASKED = "Accept, If-None-Match, If-Modified-Since"


class ApiBorder:
    """Answers preflights, opens public reads to every origin, turns Django's own error pages into problems.

    `*` without credentials: a browser sends no cookie with such a request, so what it reads is what
    anybody reads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and finish the answer."""
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return _in_clear(request)
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response["Access-Control-Allow-Headers"] = _ASKED
            response["Access-Control-Max-Age"] = "86400"
        else:
            response = _as_problem(self.get_response(request))
            deprecations.mark(request, response)
        if request.method in ("GET", "HEAD", "OPTIONS"):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = _EXPOSED
        return response


def _in_clear(request: HttpRequest) -> HttpResponse:
    """Refuse what came without TLS: led on to https, nobody would notice that the key was readable on its way."""
    known = (
        " The key that you sent could be read on its way: revoke it."
        if "Authorization" in request.headers
        else ""
    )
    return problem(
        HTTPStatus.FORBIDDEN,
        code="https_needed",
        title="Use https",
        detail=f"The API answers over https alone.{known}",
        errors=[],
    )


def _as_problem(response: HttpResponse) -> HttpResponse:
    """Return the answer, or a problem in place of an HTML error page."""
    kind = response.get("Content-Type", "")
    if response.status_code < 400 or not kind.startswith("text/html"):
        return response
    if response.status_code == HTTPStatus.NOT_FOUND:
        return not_found()
    phrase = HTTPStatus(response.status_code).phrase
    waiting = {"Retry-After": response["Retry-After"]} if response.has_header("Retry-After") else {}
    detail = (
        "Something went wrong on our side. It has been logged; try again later."
        if response.status_code >= 500
        else "It was refused before it reached a resource: check the host, the method and the headers."
    )
    return problem(
        response.status_code,
        code=phrase.lower().replace(" ", "_"),
        title=phrase,
        detail=detail,
        errors=[],
        headers=waiting,
    )
