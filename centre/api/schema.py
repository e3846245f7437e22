"""How the addresses describe themselves in OpenAPI 3.1."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from centre.api import pages

PROBLEM_JSON = "application/problem+json"
_READ_REFUSALS = {
    400: "A parameter is unknown or cannot be read; it is named.",
    401: "The token is not valid.",
    404: "There is nothing here that you may see.",
    406: "No such format.",
    429: "Too many requests; see Retry-After.",
}
_WRITE_REFUSALS = {
    400: "What was sent has problems; each is named.",
    401: "No valid token.",
    403: "You may see this, but not do this.",
    404: "There is nothing here that you may see.",
    409: "The state of the thing forbids it.",
    412: "If-Match names an older version.",
    413: "The body is over the limit.",
    415: "No such content type.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests; see Retry-After.",
}


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One thing that is wrong."""

    pointer = serializers.CharField(help_text="JSON pointer into the body, or ?name for a query parameter.")
    message = serializers.CharField(help_text="What is wrong and what to do.")


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField(help_text="A URN that names the kind of refusal.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]  # the field, not DRF's property


class Paging:
    """What the schema says of a list's pages; `centre.api.pages` does the paging."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the parameters that steer pages."""
        whole = {"type": "integer", "minimum": 1, "maximum": pages.LARGEST_PAGE, "default": pages.PAGE_SIZE}
        found = [
            _query("page_size", whole, "How many rows a page holds."),
            _query(
                "page_token",
                {"type": "string"},
                "Where the last page ended; send it with the same parameters.",
            ),
            _query(
                "count_total", {"type": "string", "enum": ["true", "false"]}, "Whether to count all rows."
            ),
        ]
        if view.sorts:
            known = ", ".join(view.sorts)
            found.append(
                _query("sort", {"type": "string"}, f"At most two of: {known}; - before one turns it round.")
            )
        if view.search_fields:
            found.append(
                _query("search", {"type": "string", "maxLength": 200}, "Words that a row must hold.")
            )
        return found

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the envelope of a page."""
        return {
            "type": "object",
            "required": ["results", "as_of"],
            "properties": {
                "results": schema,
                "next_page_token": {"type": "string", "description": "Absent on the last page."},
                "total_count": {"type": "integer", "description": "Only when count_total=true."},
                "as_of": {"type": "string", "format": "date-time"},
            },
        }


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


class Operation(AutoSchema):
    """Describes our views: refusals, pages, fields, conditional requests and idempotency keys."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.method == "GET" and hasattr(self.view, "sorts")

    def get_operation_id(self) -> str:
        """Return a name that does not change with the path."""
        verb = {"GET": "list" if self._is_list_view() else "read", "POST": "do", "PATCH": "edit"}.get(
            self.method, ""
        )
        stem = type(self.view).__name__
        return f"{verb}{stem}" if verb else f"{self.method.lower()}{stem}"

    def get_override_parameters(self) -> list[Any]:
        """Add fields, If-None-Match, If-Match and Idempotency-Key."""
        if self.method == "GET":
            found = [
                OpenApiParameter(
                    "If-None-Match", str, "header", description="An ETag; 304 where it still holds."
                )
            ]
            known: Any = getattr(self.view, "known_parameters", frozenset)
            if "fields" in known():
                found.append(
                    OpenApiParameter("fields", str, description="Fields to show, with commas between.")
                )
            return found
        key = OpenApiParameter(
            "Idempotency-Key", str, "header", description="1 to 120 visible characters; a repeat acts once."
        )
        return [
            key,
            OpenApiParameter("If-Match", str, "header", description="The ETag of the version acted on."),
        ]

    def get_request_serializer(self) -> Any:
        """Return what a write takes."""
        return None if self.method == "GET" else getattr(self.view, "write_serializer_class", None)

    def get_response_serializers(self) -> Any:
        """Return the answer and the refusals."""
        refusals = _READ_REFUSALS if self.method == "GET" else _WRITE_REFUSALS
        more: dict[int, str] = getattr(self.view, "more_refusals", {})
        status = 200 if self.method == "GET" else getattr(self.view, "success", 200)
        own = getattr(self.view, "answer_type", None)
        if own is None and self.method == "GET":
            own = super().get_response_serializers()
        answers: dict[Any, Any] = {status: own or getattr(self.view, "answer_serializer_class", None)}
        if self.method == "GET":
            answers[304] = OpenApiResponse(description="It has not changed.")
        for code, words in {**refusals, **more}.items():
            answers[code, PROBLEM_JSON] = OpenApiResponse(ProblemSerializer, words)
        return answers

    def _get_response_for_code(
        self, serializer: Any, status_code: Any, media_types: Any = None, direction: Any = "response"
    ) -> dict[str, Any]:
        found: dict[str, Any] = super()._get_response_for_code(
            serializer, status_code, media_types, direction
        )
        for media_type in {"text/csv", "application/atom+xml"} & set(found.get("content", {})):
            found["content"][media_type] = {"schema": {"type": "string"}}
        return found


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes the token."""

    target_class = "centre.api.authentication.ScopedTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the security scheme."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`. Make a key on the page /tokens/ when signed in.",
        }
