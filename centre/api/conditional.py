"""Entity tags: a read that has not changed is 304; a write on a version that has changed is 412."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from django.db.models import Max, Model
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.problems import StaleVersion
from centre.models import AuditEvent

# Reference data, the schema and the dictionary come with the software and are as new as it is.
CAME_WITH_SOFTWARE = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)


def newest_event(rows: Sequence[Any]) -> datetime | None:
    """Return when anybody last did something to these rows, as the audit log has it."""
    if not rows or not isinstance(rows[0], Model):
        return None
    keys = [str(row.pk) for row in rows]
    events = AuditEvent.objects.filter(subject_type=rows[0]._meta.label_lower, subject_id__in=keys)
    newest: datetime | None = events.aggregate(newest=Max("at"))["newest"]
    return newest


def tag(content: bytes) -> str:
    """Return the strong entity tag of a representation."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def tag_of(document: Any) -> str:
    """Return the tag that a plain GET of `document` carries."""
    return tag(JSONRenderer().render(document))


def refuse_stale(request: Request, document: Any) -> None:
    """Refuse a write whose If-Match names another version than `document`."""
    given = request.META.get("HTTP_IF_MATCH")
    if given is None:
        return
    current = tag_of(document)
    if given.strip() != "*" and current not in parse_etags(given):
        raise StaleVersion(
            f"If-Match names a version that is not the current one, which is {current}. Read it again."
        )


def last_modified(response: HttpResponseBase, moment: datetime | None) -> None:
    """State when the newest row in the answer changed.

    It is told, but never used to answer 304: a row that leaves a list (an embargo) makes it no newer.
    """
    if moment is not None:
        response["Last-Modified"] = http_date(moment.timestamp())


def make_conditional(request: Request, response: Response) -> None:
    """Give a successful read its tag, and turn it into a 304 where the caller has it already."""

    def tagged(rendered: HttpResponse) -> HttpResponse:
        content = rendered.content
        data = response.data
        if isinstance(data, Mapping) and "as_of" in data:
            # The moment of reading changes with every read; the list does not.
            content = content.replace(str(data["as_of"]).encode(), b"")
        rendered["ETag"] = tag(content)
        return cast(
            HttpResponse, get_conditional_response(request._request, etag=rendered["ETag"], response=rendered)
        )

    response.add_post_render_callback(tagged)


def unchanged(request: Request, entity_tag: str) -> HttpResponse | None:
    """Return the 304 for a caller who has the file already, before it is opened."""
    found = get_conditional_response(request._request, etag=entity_tag)
    if found is not None:
        found["ETag"] = entity_tag
    return found
