"""How the addresses describe themselves in OpenAPI 3.1."""

from collections.abc import Sequence
from typing import Any

from django import forms
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from centre.api import pages
from centre.api.permissions import PublicRead

PROBLEM_JSON = "application/problem+json"
_READ_REFUSALS = {
    400: "A parameter is unknown or cannot be read; it is named.",
    401: "The token is not valid.",
    403: "You may know that this is there, but not read it.",
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
            query("page_size", whole, "How many rows a page holds."),
            query(
                "page_token",
                {"type": "string"},
                "Where the last page ended; send it with the same parameters.",
            ),
            query("count_total", {"type": "boolean", "default": False}, "Whether to count all rows."),
        ]
        if view.sorts:
            either_way = [name for sort in view.sorts for name in (sort, f"-{sort}")]
            found.append(
                _some_of("sort", either_way, "What to sort by; - before one turns it round.", most=2)
            )
        if view.search_fields:
            found.append(query("search", {"type": "string", "maxLength": 200}, "Words that a row must hold."))
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


def query(name: str, schema: dict[str, Any], description: str, *, required: bool = False) -> dict[str, Any]:
    """Return how OpenAPI describes one parameter of the address."""
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": description}


def queries_of(form: type[forms.Form], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return how OpenAPI describes the fields of a form that an address takes as parameters."""
    fields = {name: form.base_fields[name] for name in names}
    return [query(name, _of_field(field), _words(field)) for name, field in fields.items()]


def _of_field(field: forms.Field) -> dict[str, Any]:
    if isinstance(field, forms.IntegerField):  # Django's numbers with a point are integer fields too
        kind = "number" if isinstance(field, forms.FloatField) else "integer"
        limits = {"minimum": field.min_value, "maximum": field.max_value}
        return {"type": kind} | {name: limit for name, limit in limits.items() if limit is not None}
    if isinstance(field, forms.ChoiceField):
        offered: Any = field.choices
        known = [value for value, _ in offered if value]  # none where the database has the choices
        return {"type": "string"} | ({"enum": known} if known else {})
    return {"type": "string"} | ({"maxLength": most} if (most := getattr(field, "max_length", None)) else {})


def _words(field: forms.Field) -> str:
    label = str(field.label).removesuffix(" (optional)")
    return f"{label}. {field.help_text}." if field.help_text else f"{label}."


def _some_of(name: str, known: list[str], description: str, *, most: int | None = None) -> dict[str, Any]:
    """Return a parameter that names some of what is known, with commas between."""
    schema: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": known}, "minItems": 1}
    if most is not None:
        schema["maxItems"] = most
    commas = {"style": "form", "explode": False}
    return {**query(name, schema, f"{description} With commas between."), **commas}


def _as_sent(parameter: dict[str, Any]) -> dict[str, Any]:
    """Say what an address cannot hold: no value at all, and null, which would be the text "null"."""
    schema = dict(parameter["schema"])
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    elif schema.get("type") == "string" and "format" not in schema:
        schema["minLength"] = 1
        schema["pattern"] = r"^[^\u0000]*$"  # what no database keeps as text
    return {**parameter, "schema": schema}


def as_answered(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of answers what serializers do not (a hook of drf-spectacular).

    No field is required where the caller may choose the fields; and any JSON may be null without a second branch for
    it, which null would fit too.
    """
    components = result["components"]["schemas"]
    for component in components.values():
        for field in component.get("properties", {}).values():
            if {} in field.get("oneOf", ()):
                del field["oneOf"]
    for item in result["paths"].values():
        for operation in item.values():
            if not any(one["name"] == "fields" for one in operation.get("parameters", ())):
                continue
            for media in operation["responses"]["200"].get("content", {}).values():
                row_of(media["schema"], components).pop("required", None)
    return result


def row_of(answer: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer, or of a row where it is a list, whatever it is called by."""
    while "$ref" in answer:
        answer = components[answer["$ref"].rpartition("/")[2]]
    rows = answer.get("properties", {}).get("results", {}).get("items")
    return row_of(rows, components) if rows else answer


class Operation(AutoSchema):
    """Describes our views: refusals, pages, fields, conditional requests and idempotency keys."""

    view: Any  # one of ours

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
            words = "An ETag; 304 where it still holds."
            return [OpenApiParameter("If-None-Match", str, "header", description=words)]
        key = OpenApiParameter(
            "Idempotency-Key",
            {"type": "string", "pattern": r"^[!-~]{1,120}$"},
            "header",
            description="1 to 120 visible characters; a repeat acts once.",
        )
        version = OpenApiParameter("If-Match", str, "header", description="The ETag of the version acted on.")
        return [key, version] if self.view.is_versioned else [key]

    def _get_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._get_parameters()
        found += self.view.parameters_of(self.method)
        if self.method == "GET" and "fields" in getattr(self.view, "known_parameters", frozenset)():
            found.append(_some_of("fields", self.view.all_columns(), "Fields to show."))
        return [_as_sent(one) if one["in"] == "query" else one for one in found]

    def get_auth(self) -> list[dict[str, Any]]:
        """Say that the public reads without a token, which drf-spectacular cannot see in our permissions."""
        found: list[dict[str, Any]] = super().get_auth()
        is_public = self.method == "GET" and PublicRead in self.view.permission_classes
        return [*found, {}] if is_public else found

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
        if "*/*" in found.get("content", {}):
            found["content"]["*/*"] = {}
        return found


class WriteScheme(OpenApiSerializerExtension):
    """How the schema describes what is sent: a field that is not listed is refused."""

    target_class = "centre.api.serializers.WriteSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the object, closed."""
        found: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**found, "additionalProperties": False}


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
