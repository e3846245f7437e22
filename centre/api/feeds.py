"""Feeds: a list of what is new, newest first, in the forms that feed readers know: JSON Feed 1.1 and Atom."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from centre import feeds
from centre.api import conditional, pages
from centre.api.csv import moment
from centre.api.schema import Paging
from centre.api.views import ListView
from centre.feeds import Entry, Item

JSON_FEED = "https://jsonfeed.org/version/1.1"


class ItemSerializer(serializers.Serializer[Any]):
    """One entry of a feed."""

    id = serializers.CharField(help_text="Names the entry for ever, wherever the pages are.")
    url = serializers.URLField(help_text="The page that it is about.")
    title = serializers.CharField()
    content_text = serializers.CharField(help_text="Plain text.")
    date_published = serializers.DateTimeField(help_text="When the public could know of it.")
    date_modified = serializers.DateTimeField(help_text="The same: what has happened does not change.")
    tags = serializers.ListField(child=serializers.CharField(), help_text="What kind of news it is.")
    _registry = serializers.DictField(
        help_text="For programs: kind, trial or tactic, version, release or rating, happened_at, is_simulated."
    )


class JsonFeedRenderer(JSONRenderer):
    """JSON under the media type of JSON Feed."""

    media_type = "application/feed+json"


class AtomRenderer(BaseRenderer):
    """The same entries as Atom (RFC 4287), its pages linked as RFC 5005 has it."""

    media_type = "application/atom+xml"
    format = "atom"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the feed."""
        view = (renderer_context or {})["view"]
        more = {"next": data["next_url"]} if "next_url" in data else {}
        return feeds.atom(
            title=data["title"],
            home=data["home_page_url"],
            address=data["feed_url"],
            items=[_item(one) for one in data["items"]],
            feed_guid=f"{feeds.NAMESPACE}:feed:{view.name}",
            feed_copyright=settings.API_LICENCE,
            first=view.address(),
            **more,
        )


def _item(shown: Mapping[str, Any]) -> Item:
    at = dt.datetime.fromisoformat(shown["date_published"])
    return Item(shown["id"], at, shown["title"], shown["url"], shown["content_text"], tuple(shown["tags"]))


class _Pages(Paging):
    """What the schema says of a feed: its pages, and the document of JSON Feed."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the parameters that steer pages; a feed has one order, and does not count."""
        return [one for one in super().get_schema_operation_parameters(view) if one["name"] != "count_total"]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the document."""
        texts = ("version", "title", "description", "home_page_url", "feed_url", "language")
        return {
            "type": "object",
            "required": [*texts, "items"],
            "properties": {
                **{name: {"type": "string"} for name in texts},
                "next_url": {"type": "string", "description": "The next page; absent on the last."},
                "authors": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                },
                "_registry": {"type": "object", "properties": {"licence": {"type": "string"}}},
                "items": schema,
            },
        }


class FeedView(ListView):
    """One feed. `?format=atom` is Atom, `?format=json` JSON Feed; without it the Accept header decides."""

    renderer_classes: Any = (JsonFeedRenderer, JSONRenderer, AtomRenderer)
    serializer_class = ItemSerializer
    pagination_class: Any = _Pages
    title: ClassVar[str]
    name: ClassVar[str]
    home: ClassVar[str]  # the page that the feed is about, by name

    def known_parameters(self) -> frozenset[str]:
        """Leave out what a feed has no use for."""
        return super().known_parameters() - {"count_total", "sort", "fields"}

    def entry(self, row: Any) -> Entry:
        """Return a row in words."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        """Return what everybody may know of, whoever asks, each row with the moment it is news of as `new_at`."""
        raise NotImplementedError

    def address(self, **changed: str) -> str:
        """Return where this feed is: its first page, or the one that `changed` names."""
        given = self.request.query_params.copy()
        given.pop("page_token", None)
        given.update(changed)
        return self.request.build_absolute_uri(
            f"{self.request.path}{'?' if given else ''}{given.urlencode()}"
        )

    def item(self, entry: Entry) -> dict[str, Any]:
        """Return one entry as JSON Feed has it."""
        about = {
            key: moment(value) if isinstance(value, dt.datetime) else value
            for key, value in entry.about.items()
        }
        return {
            **entry.told(self.request.build_absolute_uri),
            "date_published": moment(entry.at),
            "date_modified": moment(entry.at),
            "tags": [about["kind"], *(["simulated"] if about["is_simulated"] else [])],
            "_registry": about,
        }

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer one page of the feed."""
        parameters = request.query_params
        self.page = pages.take(
            self.matching(request),
            [pages.Order("new_at", descending=True)],
            size=pages.read_size(parameters.get("page_size")),
            token=parameters.get("page_token"),
            bound_to=pages.digest(request.path, parameters.dict()),
            count=False,
        )
        data: dict[str, Any] = {
            "version": JSON_FEED,
            "title": f"{self.title} – {feeds.AUTHOR}",
            "description": str(type(self).__doc__),
            "home_page_url": request.build_absolute_uri(reverse(self.home)),
            "feed_url": request.build_absolute_uri(),
            "language": feeds.LANGUAGE,
            "authors": [{"name": feeds.AUTHOR}],
            "_registry": {"licence": settings.API_LICENCE},
        }
        if self.page.next_token:
            data["next_url"] = self.address(page_token=self.page.next_token)
        data["items"] = [self.item(self.entry(row)) for row in self.page.rows]
        response = Response(data)
        newest = max((row.new_at for row in self.page.rows), default=None)
        conditional.last_modified(response, newest)
        return response
