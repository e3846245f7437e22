"""What is new, entry by entry: one shape for every feed of the site, and how it is written as Atom."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import http_date

from centre.api.conditional import tag

LONGEST = 50
AUTHOR = "Tactic Registry"
LANGUAGE = "en-GB"
NAMESPACE = "urn:tactic-registry"
# When a feed without entries changed last; Atom wants a moment.
_BEFORE_ALL = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is new."""

    at: dt.datetime
    key: str  # tells entries at one address apart, for ever
    title: str
    url: str
    words: str
    name: str  # names it among all entries, wherever the registry's pages are, for ever
    about: Mapping[str, Any] = field(default_factory=dict)  # what a program would look up next

    def told(self, place: Callable[[str], str]) -> dict[str, Any]:
        """Return what a program is told of it everywhere; `place` makes a path an address."""
        return {
            "id": f"{NAMESPACE}:{self.name}",
            "url": place(self.url),
            "title": self.title,
            "content_text": self.words,
        }


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as a reader gets it."""

    id: str
    at: dt.datetime
    title: str
    url: str
    words: str
    tags: tuple[str, ...] = ()


class _Atom(Atom1Feed):
    """Atom that says where it goes on (RFC 5005)."""

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for relation in ("first", "next"):
            if place := self.feed.get(relation):
                handler.addQuickElement("link", "", {"rel": relation, "href": place})


def atom(*, title: str, home: str, address: str, items: Iterable[Item], **more: Any) -> bytes:
    """Return a feed as Atom (RFC 4287).

    Parameters
    ----------
    home, address : where the page that it is about is, and where the feed itself is.
    more : `feed_guid`, what names the feed for ever, where that is not `home`; `feed_copyright`; `first` and `next`.
    """
    feed = _Atom(
        title=title,
        link=home,
        description=None,
        language=LANGUAGE,
        author_name=AUTHOR,
        feed_url=address,
        **more,
    )
    newest = _BEFORE_ALL
    for item in items:
        newest = max(newest, item.at)
        feed.add_item(
            title=item.title,
            link=item.url,
            description=escape(item.words),  # a summary is HTML, and these words are not
            unique_id=item.id,
            updateddate=item.at,
            pubdate=item.at,
            categories=item.tags,
        )
    feed.latest_post_date = lambda: newest  # type: ignore[method-assign]
    return str(feed.writeString("utf-8")).encode()


def answer(request: HttpRequest, title: str, path: str, found: list[Entry]) -> HttpResponseBase:
    """Return the newest entries as a feed, or 304 where the reader has it.

    The tag alone decides: an entry that has left (a trial under embargo again) makes the newest no newer.
    """
    place = request.build_absolute_uri
    content = atom(
        title=f"{title} – {AUTHOR}",
        home=place(path),
        address=place(request.path),
        items=[
            Item(f"{place(one.url)}#{one.key}", one.at, one.title, place(one.url), one.words) for one in found
        ],
    )
    response = HttpResponse(content, content_type=_Atom.content_type)
    response["Cache-Control"] = "no-cache"
    response["ETag"] = tag(response.content)
    if found:
        response["Last-Modified"] = http_date(found[0].at.timestamp())
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
