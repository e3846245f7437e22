"""The views that every resource builds on: one thing, a list of things, and a write."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, Throttled, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from centre.api import conditional, idempotency, pages
from centre.api.authentication import KEYS_IN_ADDRESS
from centre.api.csv import CsvRenderer
from centre.api.permissions import PublicRead
from centre.api.problems import refused_parameter
from centre.api.schema import Paging
from centre.api.serializers import columns_of
from centre.api.strict_json import printable
from centre.api.throttling import AnonymousThrottle, WindowThrottle

SEARCH_LONGEST = 200
_Row = TypeVar("_Row", bound=Model)


class ApiView(GenericAPIView[Any]):
    """What all addresses share: strict parameters, entity tags, rate headers, and a plain OPTIONS."""

    permission_classes: Any = (PublicRead,)
    renderer_classes: Any = (JSONRenderer,)
    filter_backends: Any = ()
    pagination_class = None
    metadata_class = None
    parameters: ClassVar[Sequence[dict[str, Any]]] = ()

    def parameters_of(self, method: str) -> Sequence[dict[str, Any]]:
        """Return how OpenAPI describes the address's own parameters (`centre.api.schema.query`)."""
        return self.parameters if method in SAFE_METHODS else ()

    def known_parameters(self) -> frozenset[str]:
        """Return the query parameters that this address takes."""
        own = self.parameters_of(str(self.request.method))
        return frozenset({"format"}) | {one["name"] for one in own}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the request in, or refuse it, before any row is looked up."""
        keys = {name.lower() for name in request.query_params} & KEYS_IN_ADDRESS
        if keys:
            raise refused_parameter(min(keys), "Send it in the Authorization header")
        super().initial(request, *args, **kwargs)
        if not hasattr(self, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        for name, values in request.query_params.lists():
            if name not in self.known_parameters():
                known = ", ".join(sorted(self.known_parameters()))
                raise refused_parameter(name, f"Unknown parameter '{printable(name)}'. Known here: {known}")
            if len(values) > 1:
                raise refused_parameter(name, f"Send {name} once")
            if not values[0]:
                raise refused_parameter(name, f"{printable(name)} is empty: give it a value, or leave it out")
            if "\x00" in values[0]:
                raise refused_parameter(name, f"{name} contains a character we cannot accept (U+0000)")

    def perform_authentication(self, request: Request) -> None:
        """Sign the caller in; guesses at tokens count against the address they come from."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            throttle = AnonymousThrottle()
            if not throttle.allow_request(request, self):
                raise Throttled(throttle.wait()) from None
            raise

    def get_throttles(self) -> list[BaseThrottle]:
        """Return the throttles, kept for the headers of the answer."""
        self.throttles = super().get_throttles()
        return self.throttles

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the headers that every answer carries."""
        done = super().finalize_response(request, response, *args, **kwargs)
        counted = [
            one for one in getattr(self, "throttles", []) if isinstance(one, WindowThrottle) and one.counts
        ]
        if counted:
            tightest = min(counted, key=lambda one: one.remaining)
            done["RateLimit-Limit"] = str(tightest.limit)
            done["RateLimit-Remaining"] = str(tightest.remaining)
            done["RateLimit-Reset"] = str(tightest.reset)
        patch_vary_headers(done, ("Authorization", "Cookie"))
        if not done.has_header("Cache-Control"):
            is_anybodys = not request_is_named(request) and "HTTP_AUTHORIZATION" not in request.META
            done["Cache-Control"] = "no-cache" if is_anybodys else "private, no-store"
        if isinstance(done, Response) and request.method in SAFE_METHODS and done.status_code == 200:
            conditional.make_conditional(request, done)
        return done

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Say which methods there are, and nothing about the thing."""
        return HttpResponse(status=204)


def request_is_named(request: Request) -> bool:
    """Return whether the answer may hold more than the public may see."""
    user = getattr(request, "_user", None)
    return user is not None and user.is_authenticated


class FieldsView(ApiView):
    """A read whose fields the caller may choose."""

    modified_field: ClassVar[str] = ""

    def known_parameters(self) -> frozenset[str]:
        """Add `fields`."""
        return super().known_parameters() | {"fields"}

    def all_columns(self) -> list[str]:
        """Return the fields of the contract, in order."""
        return list(columns_of(self.get_serializer_class()))

    def columns(self) -> list[str]:
        """Return the fields asked for, in the order of the contract."""
        given = self.request.query_params.get("fields")
        known = self.all_columns()
        if given is None:
            return known
        wanted = given.split(",")
        for name in wanted:
            if name not in known:
                raise refused_parameter(
                    "fields", f"Unknown field '{printable(name)}'. Known here: {', '.join(known)}"
                )
        return [name for name in known if name in wanted]

    def modified(self, rows: list[Any]) -> datetime | None:
        """Return when the newest of the rows changed: by a column of its own, else by the audit log."""
        if self.modified_field:
            moments = [getattr(row, self.modified_field) for row in rows]
            return max((moment for moment in moments if moment), default=None)
        return conditional.newest_event(rows) or conditional.CAME_WITH_SOFTWARE

    def get_serializer_context(self) -> dict[str, Any]:
        """Tell the serializer which fields to show."""
        return {**super().get_serializer_context(), "fields": set(self.columns())}


class DetailView(FieldsView):
    """One thing. `thing()` finds it among what the caller may see, or there is nothing here."""

    def thing(self) -> Any:
        """Return the row."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer the row."""
        thing = self.thing()
        response = Response(self.get_serializer(thing).data)
        conditional.last_modified(response, self.modified([thing]))
        return response


class ListView(FieldsView):
    """The rows that the caller may see, page by page, as JSON or CSV."""

    renderer_classes = (JSONRenderer, CsvRenderer)
    filter_backends = (DjangoFilterBackend,)
    filterset_class: ClassVar[Any] = None
    pagination_class = Paging  # type: ignore[assignment]  # for the schema: `pages` does the paging
    search_fields: ClassVar[tuple[str, ...]] = ()
    sorts: ClassVar[Mapping[str, str]] = {}
    default_sort: ClassVar[str] = ""

    def get_renderers(self) -> list[Any]:
        """Return CSV for reading alone: what a POST answers is no list."""
        found = super().get_renderers()
        is_read = getattr(self.request, "method", "GET") in SAFE_METHODS
        return found if is_read else [one for one in found if one.format != CsvRenderer.format]

    def known_parameters(self) -> frozenset[str]:
        """Add what steers a list."""
        filters = self.filterset_class.base_filters if self.filterset_class else {}
        more = {"page_size", "page_token", "count_total", "sort"} | (
            {"search"} if self.search_fields else set()
        )
        return super().known_parameters() | more | frozenset(filters)

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Return the rows that hold every word."""
        for word in text.split():
            matches = Q()
            for path in self.search_fields:
                matches |= Q(**{f"{path}__icontains": word})
            rows = rows.filter(matches)
        return rows

    def matching(self, request: Request) -> QuerySet[Any]:
        """Return the visible rows that fit the filters and the search."""
        try:
            rows = self.filter_queryset(self.get_queryset())
        except ValidationError as refusal:
            raise ValidationError(
                {f"?{name}": messages for name, messages in dict(refusal.detail).items()}  # type: ignore[arg-type]
            ) from None
        text = request.query_params.get("search", "")
        if len(text) > SEARCH_LONGEST:
            raise refused_parameter("search", f"search must be {SEARCH_LONGEST} characters or fewer")
        return self.search(rows, text) if text else rows

    def orders(self, request: Request) -> list[pages.Order]:
        """Return the columns to sort by."""
        given = request.query_params.get("sort", self.default_sort)
        names = given.split(",") if given else []
        if len(names) > 2:
            raise refused_parameter("sort", "sort takes at most two fields")
        for name in names:
            if name.removeprefix("-") not in self.sorts:
                known = ", ".join(self.sorts)
                raise refused_parameter(
                    "sort", f"Unknown field '{printable(name)}'. Sort by: {known}; - before it turns it round"
                )
        return [pages.Order(self.sorts[name.removeprefix("-")], name.startswith("-")) for name in names]

    def take(self, rows: Any, orders: list[pages.Order], **wanted: Any) -> pages.Page:
        """Return the page that is asked for."""
        return pages.take(rows, orders, **wanted)

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer one page."""
        parameters = request.query_params
        size, orders = pages.read_size(parameters.get("page_size")), self.orders(request)
        count = parameters.get("count_total", "false")
        if count not in ("true", "false"):
            raise refused_parameter("count_total", "count_total must be true or false")
        self.page = self.take(
            self.matching(request),
            orders,
            size=size,
            token=parameters.get("page_token"),
            bound_to=pages.digest(request.path, parameters.dict()),
            count=count == "true",
        )
        data: dict[str, Any] = {"results": self.get_serializer(self.page.rows, many=True).data}
        response = Response(data)
        if self.page.next_token:
            data["next_page_token"] = response["X-Next-Page-Token"] = self.page.next_token
        if self.page.total_count is not None:
            data["total_count"] = self.page.total_count
            response["X-Total-Count"] = str(self.page.total_count)
        data["as_of"] = timezone.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        conditional.last_modified(response, self.modified(self.page.rows))
        return response


class WritesMixin:
    """A POST: read strictly, done once for each Idempotency-Key, by an action."""

    write_serializer_class: ClassVar[type[Any] | None] = None
    is_versioned: ClassVar[bool] = False  # whether there is a document that If-Match can speak of

    def version_of(self) -> Any:
        """Return the document that If-Match speaks of."""
        raise NotImplementedError

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action and answer."""
        raise NotImplementedError

    def sent_data(self, request: Request) -> Any:
        """Return what was sent, as the serializer reads it."""
        return request.data

    def write(self, request: Request) -> Response:
        """Check what was sent, then act once."""
        if "HTTP_IF_MATCH" in request.META:
            if not self.is_versioned:
                raise ValidationError({"If-Match": ["If-Match is not used here"]})
            conditional.refuse_stale(request, self.version_of())
        sent: dict[str, Any] = {}
        if self.write_serializer_class is not None:
            reader = self.write_serializer_class(data=self.sent_data(request))
            reader.is_valid(raise_exception=True)
            sent = reader.validated_data
        elif request.data:
            raise ValidationError("Send no body here")
        return idempotency.answer(request, lambda: self.act(request, sent))


def visible(rows: QuerySet[_Row], **lookup: Any) -> _Row:
    """Return the one row among those the caller may see; otherwise there is nothing here."""
    try:
        return rows.get(**lookup)
    except ObjectDoesNotExist:
        raise Http404 from None
