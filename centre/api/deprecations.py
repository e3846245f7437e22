"""What will go, and when: an address, a parameter or a field is deprecated with dates, and every use of it is told.

Add one to IN_FORCE, and it is in the headers of the answers (RFC 9745, RFC 8594), the schema, `/api/v1/deprecations/`
and the developers' page. From its sunset on, a change takes it out of the code and of IN_FORCE; the changelog says so.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from drf_spectacular.hooks import postprocess_schema_enums
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api import conditional
from centre.api.csv import moment
from centre.api.schema import row_of
from centre.api.views import ApiView

NOTICE = dt.timedelta(days=365)
_SEEN = (200, 304)  # the answers that hold, or stand for, fields


@dataclass(frozen=True, slots=True)
class Deprecation:
    """One thing that will go. Without a parameter or a field it is the whole address."""

    path: str  # as the schema has it: /api/v1/trials/{ref}/
    since: dt.date
    sunset: dt.date  # the first day on which it may be gone
    instead: str  # what to use, in words
    parameter: str = ""
    field: str = ""
    successor: str = ""  # the address that takes its place, where there is one

    def __post_init__(self) -> None:
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"{self.path}: {NOTICE.days} days of notice at least")
        if self.parameter and self.field:
            raise ValueError(f"{self.path}: a parameter or a field, not both")

    @property
    def kind(self) -> str:
        """Return what it is."""
        return "parameter" if self.parameter else "field" if self.field else "address"

    @property
    def name(self) -> str:
        """Return the name of the parameter or field; blank for the address itself."""
        return self.parameter or self.field

    def is_used(self, request: HttpRequest, status: int) -> bool:
        """Return whether this request, which was answered with `status`, uses it."""
        if self.parameter:
            return self.parameter in request.GET
        if self.field:
            asked = request.GET.get("fields")
            return status in _SEEN and (asked is None or self.field in asked.split(","))
        return True


IN_FORCE: tuple[Deprecation, ...] = ()  # nothing is deprecated today


def mark(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say in the headers of an answer that what was used will go, and when."""
    match = request.resolver_match
    path = template(match.route) if match else ""
    used = [one for one in IN_FORCE if one.path == path and one.is_used(request, response.status_code)]
    if not used:
        return
    response["Deprecation"] = f"@{_start(min(one.since for one in used)):.0f}"
    response["Sunset"] = http_date(_start(min(one.sunset for one in used)))
    links = [
        f'<{reverse("developers")}#deprecations>; rel="deprecation"; type="text/html"',
        f'<{reverse("api-deprecations")}>; rel="deprecation"; type="application/json"',
        *(f'<{one.successor}>; rel="successor-version"' for one in used if one.successor),
    ]
    response["Link"] = ", ".join([*filter(None, [response.get("Link")]), *links])


def template(route: str) -> str:
    """Return a route of Django's as the schema writes it."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def _start(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()


def in_schema(result: dict[str, Any], generator: Any, **_: Any) -> dict[str, Any]:
    """Finish the schema: drf-spectacular calls this last, so the names that it gives to enums come first."""
    return marked(postprocess_schema_enums(result, generator))


def marked(result: dict[str, Any]) -> dict[str, Any]:
    """Mark what is deprecated in the schema.

    Raises
    ------
    LookupError : there is no such address, parameter or field, so that a slip of the pen is found at once.
    """
    for one in IN_FORCE:
        targets = list(_targets(result, one))
        if not targets:
            raise LookupError(f"The schema has no {one.kind} {one.name or one.path} at {one.path}")
        for target in targets:
            target["deprecated"] = True
    return result


def _targets(schema: Mapping[str, Any], one: Deprecation) -> Iterator[dict[str, Any]]:
    operations: Mapping[str, Any] = schema["paths"].get(one.path, {})
    if one.field:
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        for media in content.values():
            row = row_of(media.get("schema", {}), schema["components"]["schemas"])
            properties = row.get("properties", {})
            if one.field in properties:
                yield properties[one.field]
        return
    for operation in operations.values():
        if not one.parameter:
            yield operation
        yield from (found for found in operation.get("parameters", ()) if found["name"] == one.parameter)


class DeprecationSerializer(serializers.Serializer[Any]):
    """One thing that will go."""

    path = serializers.CharField()
    kind = serializers.CharField(help_text="address, parameter or field.")
    name = serializers.CharField(help_text="Of the parameter or field; blank for the address itself.")
    since = serializers.DateField(help_text="From when it is deprecated.")
    sunset = serializers.DateField(help_text="The first day on which it may be gone.")
    instead = serializers.CharField(help_text="What to use.")
    successor = serializers.CharField(help_text="The address that takes its place; blank: none.")


class DeprecationsSerializer(serializers.Serializer[Any]):
    """All that will go."""

    summary = serializers.CharField(help_text="In words; says so where nothing is deprecated.")
    notice_days = serializers.IntegerField(help_text="Days between `since` and `sunset`, at least.")
    results = DeprecationSerializer(many=True)
    as_of = serializers.DateTimeField()


class DeprecationList(ApiView):
    """What of this API will go, and when. Nothing goes without having been here for a year."""

    serializer_class = DeprecationsSerializer

    def get(self, request: Request) -> Response:
        """Answer all of them."""
        document = {
            "summary": summary(IN_FORCE),
            "notice_days": NOTICE.days,
            "results": DeprecationSerializer(IN_FORCE, many=True).data,
            "as_of": moment(timezone.now()),
        }
        response = Response(document)
        conditional.last_modified(response, conditional.CAME_WITH_SOFTWARE)
        return response


def summary(found: Sequence[Deprecation]) -> str:
    """Return in words how much is deprecated."""
    if not found:
        return "Nothing is deprecated today."
    return f"{len(found)} deprecated; the first may be gone from {min(one.sunset for one in found)}."
