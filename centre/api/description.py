"""The addresses that describe the rest: schema, documentation page, dictionary, versions."""

from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string
from django.views import View
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api import conditional
from centre.api.negotiation import AsItIs
from centre.api.serializers import columns_of
from centre.api.views import ApiView, ListView


class PlainJsonSchema(OpenApiJsonRenderer):
    """The schema under the media type that every client knows."""

    media_type = "application/json"
    format = "json"


@cache
def _schema() -> Any:
    """Return the schema, worked out once in a process: it is the same for everybody, and takes half a second."""
    return SchemaGenerator().get_schema(request=None, public=True)


class Schema(ApiView):
    """OpenAPI 3.1 of this API."""

    renderer_classes = (PlainJsonSchema, OpenApiJsonRenderer)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Answer the schema: the same for everybody."""
        response = Response(_schema())
        conditional.last_modified(response, conditional.CAME_WITH_SOFTWARE)
        return response


class Docs(View):
    """The documentation page: Swagger's files are our own, and need nothing that the policy refuses."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show Swagger over our schema."""
        return render(request, "api/docs.html")


class VersionSerializer(serializers.Serializer[Any]):
    """Versions of the parts that decide an answer."""

    software = serializers.CharField(help_text="Version of the registry's software.")
    api = serializers.CharField(help_text="Version of this contract.")
    parts = serializers.DictField(child=serializers.CharField(), help_text="Rules, contracts and the engine.")
    licence = serializers.CharField(help_text="Licence of the data.")


class Version(ApiView):
    """Versions of the software, the rules and the contracts."""

    serializer_class = VersionSerializer

    def get(self, request: Request) -> Response:
        """Answer the versions."""
        found = {name: import_string(path) for name, path in settings.API_PART_VERSIONS.items()}
        parts = {name: str(getattr(part, "version", part)) for name, part in found.items()}
        document = {
            "software": settings.CODE_VERSION,
            "api": "1",
            "parts": parts,
            "licence": settings.API_LICENCE,
        }
        response = Response(VersionSerializer(document).data)
        conditional.last_modified(response, conditional.CAME_WITH_SOFTWARE)
        return response


class ColumnSerializer(serializers.Serializer[Any]):
    """One column of a list."""

    name = serializers.CharField()
    type = serializers.CharField()
    nullable = serializers.BooleanField()
    description = serializers.CharField()


class ResourceSerializer(serializers.Serializer[Any]):
    """One list of this API."""

    path = serializers.CharField()
    description = serializers.CharField()
    columns = ColumnSerializer(many=True)
    filters = serializers.ListField(child=serializers.CharField())
    sorts = serializers.ListField(child=serializers.CharField())
    searchable = serializers.BooleanField()


class MetadataSerializer(serializers.Serializer[Any]):
    """The dictionary of every list."""

    resources = ResourceSerializer(many=True)
    licence = serializers.CharField()


class Metadata(ApiView):
    """The data dictionary: each list with its columns, filters and sorts, read from the code itself."""

    serializer_class = MetadataSerializer
    resources: ClassVar[list[dict[str, Any]] | None] = None

    def get(self, request: Request) -> Response:
        """Answer the dictionary."""
        if Metadata.resources is None:
            Metadata.resources = [
                _describe(path, view) for path, view in _lists(get_resolver().url_patterns, "/")
            ]
        document = {"resources": self.resources, "licence": settings.API_LICENCE}
        response = Response(MetadataSerializer(document).data)
        conditional.last_modified(response, conditional.CAME_WITH_SOFTWARE)
        return response


def _lists(patterns: list[URLPattern | URLResolver], prefix: str) -> list[tuple[str, type[ListView]]]:
    found: list[tuple[str, type[ListView]]] = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found.extend(_lists(pattern.url_patterns, path))
        elif isinstance(view := getattr(pattern.callback, "view_class", None), type) and issubclass(
            view, ListView
        ):
            found.append((path, view))
    return found


def _describe(path: str, view: type[ListView]) -> dict[str, Any]:
    fields = columns_of(view.serializer_class)
    return {
        "path": path,
        "description": (view.__doc__ or "").strip(),
        "columns": [
            {
                "name": name,
                "type": type(field).__name__.removesuffix("Field").lower(),
                "nullable": bool(field.allow_null),
                "description": str(field.help_text or ""),
            }
            for name, field in fields.items()
        ],
        "filters": sorted(view.filterset_class.base_filters) if view.filterset_class else [],
        "sorts": list(view.sorts),
        "searchable": bool(view.search_fields),
    }


class NothingHere(ApiView):
    """An address that does not exist: refused like a thing that does not, counted and logged."""

    permission_classes = (AllowAny,)
    # No format is refused before it is said that there is nothing.
    content_negotiation_class = AsItIs

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse, whatever the method."""
        super(ApiView, self).initial(request, *args, **kwargs)
        raise Http404

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Never reached."""
        raise Http404
