"""What is new, as Atom: one shape for every feed of the site."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date

from centre.api.conditional import tag

LONGEST = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is new."""

    at: dt.datetime
    key: str  # tells entries at one address apart, for ever
    title: str
    url: str
    words: str


def answer(request: HttpRequest, title: str, path: str, found: list[Entry]) -> HttpResponseBase:
    """Return the newest entries as a feed, or 304 where the reader has it.

    The tag alone decides: an entry that has left (a release taken back) makes the newest no newer.
    """
    place = request.build_absolute_uri
    feed = Atom1Feed(
        title=f"{title} – Tactic Registry",
        link=place(path),
        description=None,
        language="en-GB",
        feed_url=place(request.path),
    )
    for entry in found:
        feed.add_item(
            title=entry.title,
            link=place(entry.url),
            description=entry.words,
            unique_id=f"{place(entry.url)}#{entry.key}",
            updateddate=entry.at,
            pubdate=entry.at,
        )
    feed.latest_post_date = lambda: found[0].at if found else dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # type: ignore[method-assign]
    response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    response["Cache-Control"] = "no-cache"
    response["ETag"] = tag(response.content)
    if found:
        response["Last-Modified"] = http_date(found[0].at.timestamp())
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
