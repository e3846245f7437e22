"""What is new of trials, as feeds, and the list of all feeds."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api import conditional
from centre.api.csv import moment
from centre.api.feeds import FeedView
from centre.api.views import ApiView
from centre.feeds import Entry
from experiments import news
from experiments.api.filters import OfTrialFilter, RegistrationFeedFilter
from experiments.models import Registration, Release, Trial
from tactics.api.feeds import RatingFeed


class _TrialsFeed(FeedView):
    home = "trial-list"
    filterset_class = OfTrialFilter

    def entry(self, row: Any) -> Entry:
        """Return a row in words."""
        return news.entry(row)


class RegistrationFeed(_TrialsFeed):
    """New registrations. A trial is new when the public may see it: at registration, or when its embargo ends."""

    name, title = "registrations", "New registrations"
    filterset_class = RegistrationFeedFilter
    queryset = Trial.objects.all()

    def get_queryset(self) -> Any:
        """Return the public trials."""
        return news.registrations()


class AmendmentFeed(_TrialsFeed):
    """New versions of protocols in force. What was changed under an embargo is part of what became public after it."""

    name, title = "amendments", "Amendments"
    queryset = Registration.objects.all()

    def get_queryset(self) -> Any:
        """Return the later versions of public trials."""
        return news.amendments()


class ResultFeed(_TrialsFeed):
    """Results published, and results withdrawn: the entry that says so takes the place of the first."""

    name, title = "results", "Results"
    queryset = Release.objects.all()

    def get_queryset(self) -> Any:
        """Return the releases that are or were out."""
        return news.results()


FEEDS: tuple[type[FeedView], ...] = (RegistrationFeed, AmendmentFeed, ResultFeed, RatingFeed)


class FeedSerializer(serializers.Serializer[Any]):
    """One feed, and where it is."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    json_url = serializers.CharField(help_text="As JSON Feed 1.1.")
    atom_url = serializers.CharField(help_text="As Atom.")
    updated = serializers.DateTimeField(
        allow_null=True, help_text="When its newest entry was new; null: none."
    )


class FeedsSerializer(serializers.Serializer[Any]):
    """All feeds."""

    results = FeedSerializer(many=True)
    as_of = serializers.DateTimeField()


class FeedList(ApiView):
    """The feeds there are: new registrations, amendments, results, rating changes."""

    serializer_class = FeedsSerializer

    def get(self, request: Request) -> Response:
        """Answer all of them; they are few."""
        newest = [_newest(feed) for feed in FEEDS]
        document = {
            "results": [_described(feed, at) for feed, at in zip(FEEDS, newest, strict=True)],
            "as_of": moment(timezone.now()),
        }
        response = Response(document)
        conditional.last_modified(response, max((at for at in newest if at), default=None))
        return response


def _newest(feed: type[FeedView]) -> dt.datetime | None:
    found: dt.datetime | None = (
        feed().get_queryset().order_by("-new_at").values_list("new_at", flat=True).first()
    )
    return found


def _described(feed: type[FeedView], newest: dt.datetime | None) -> dict[str, Any]:
    address = reverse(f"api-feed-{feed.name}")
    return {
        "name": feed.name,
        "title": feed.title,
        "description": str(feed.__doc__),
        "json_url": address,
        "atom_url": f"{address}?format=atom",
        "updated": moment(newest) if newest else None,
    }
