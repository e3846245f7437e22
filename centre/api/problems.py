"""Every refusal of the API as problem+json (RFC 9457), each with its audit event."""

import json
import logging
import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.request import Request

from centre import audit
from centre.api.strict_json import escape, printable
from centre.errors import NoRoom, Problem, Refusal
from centre.whole_body import CutOff

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# One text for whatever may not be known: an answer must not tell a hidden thing from a missing one.
NOT_FOUND = "There is nothing here that you may see. Addresses end with a slash."
NOT_SIGNED_IN = "Send a valid token in the Authorization header, as: Authorization: Token <key>"


class StaleVersion(Refusal):
    """The thing has changed since the caller read it."""

    status = 412
    code = "stale_version"
    title = "This has changed since you read it"


class KeyReused(Refusal):
    """An Idempotency-Key came again with another request."""

    status = 422
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request"


def refused_parameter(name: str, message: str) -> exceptions.ValidationError:
    """Return a 400 that names one query parameter."""
    return exceptions.ValidationError({f"?{printable(name)}": [message]})


def problem(
    status: int,
    *,
    code: str,
    title: str,
    detail: str,
    errors: list[Problem],
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Build one problem document."""
    body = {
        "type": f"urn:tactic-registry:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [error.as_json() for error in errors],
    }
    return HttpResponse(
        json.dumps(body), status=status, content_type=CONTENT_TYPE, headers=dict(headers or {})
    )


def handle(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer DRF's question what an exception means; None is a defect of ours, and a 500."""
    response = _translate(CutOff() if isinstance(exc, UnreadablePostError) else NoRoom.of(exc) or exc)
    if response is not None:
        _record(context["request"], response)
    return response


def _translate(exc: Exception) -> HttpResponse | None:
    if isinstance(exc, Http404 | exceptions.NotFound):
        return not_found()
    if isinstance(exc, Refusal):
        if exc.status == HTTPStatus.NOT_FOUND:
            return not_found()
        return problem(exc.status, code=exc.code, title=exc.title, detail=exc.message, errors=exc.problems)
    if isinstance(exc, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        return not_signed_in()
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_flatten(exc.detail))
        detail = errors[0].message if len(errors) == 1 else f"There are {len(errors)} problems"
        return problem(400, code="invalid", title="There is a problem", detail=detail, errors=errors)
    if isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return problem(413, code="too_large", title="The request is too large", detail=str(exc), errors=[])
    if isinstance(exc, SuspiciousOperation):
        return problem(
            400, code="invalid", title="There is a problem", detail="The request is malformed.", errors=[]
        )
    if isinstance(exc, exceptions.APIException):
        wait = getattr(exc, "wait", None)
        headers = {"Retry-After": str(math.ceil(wait))} if wait else {}
        phrase = HTTPStatus(exc.status_code).phrase
        code = phrase.lower().replace(" ", "_")
        return problem(
            exc.status_code, code=code, title=phrase, detail=str(exc.detail), errors=[], headers=headers
        )
    return None


def not_found() -> HttpResponse:
    """Return the one 404."""
    return problem(404, code="not_found", title="Not found", detail=NOT_FOUND, errors=[])


def not_signed_in() -> HttpResponse:
    """Return the one 401: the same for no token, an expired one and a revoked one."""
    headers = {"WWW-Authenticate": "Token"}
    return problem(
        401, code="not_signed_in", title="Sign in first", detail=NOT_SIGNED_IN, errors=[], headers=headers
    )


def _flatten(detail: Any, pointer: str = "") -> Iterator[Problem]:
    """Give DRF's nested messages as one list, each with its JSON pointer (`?name` for a query parameter)."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            name = str(key)
            # A key that starts so is a whole pointer already.
            own = name if name.startswith(("?", "/")) else f"/{escape(name)}"
            yield from _flatten(inner, pointer if name == "non_field_errors" else pointer + own)
    elif isinstance(detail, list) and any(isinstance(inner, dict) for inner in detail):
        for index, inner in enumerate(detail):
            yield from _flatten(inner, f"{pointer}/{index}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flatten(inner, pointer)
    else:
        yield Problem(pointer, str(detail))


def _record(request: Request, response: HttpResponse) -> None:
    """Leave the audit event of a refusal; a throttled flood leaves one a minute, not one a request."""
    user = getattr(request, "_user", None)
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and not _first_this_minute(request):
        return
    body = json.loads(response.content)
    detail = {
        "method": printable(request.method or ""),
        "path": printable(request.path, 200),
        "status": response.status_code,
        "detail": printable(body["detail"], 300),
        "pointers": [printable(error["pointer"], 100) for error in body["errors"][:20]],
    }
    try:
        audit.record("request.refused", subject=("path", printable(request.path, 60)), by=user, detail=detail)
    except DatabaseError:
        # The refusal stands even where it cannot be written down; the log line is what is left of it.
        logger.exception("A refusal could not be written to the audit log: %s", detail)


def _first_this_minute(request: Request) -> bool:
    try:
        return bool(cache.add(f"refused-429:{request.META.get('REMOTE_ADDR', '')}", 1, 60))
    except Exception:
        return False
