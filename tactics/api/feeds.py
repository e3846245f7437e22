"""What is new of ratings, as a feed."""

from typing import Any

from django.db.models import F

from centre.api.feeds import FeedView
from centre.feeds import Entry
from tactics import news
from tactics.api.filters import RatingFeedFilter
from tactics.models import Bulletin


class RatingFeed(FeedView):
    """Changes of public ratings: a new one, or one that is open again and why."""

    name, title, home = "ratings", "Rating changes", "tactic-list"
    filterset_class = RatingFeedFilter
    queryset = Bulletin.objects.all()

    def get_queryset(self) -> Any:
        """Return the changes that everybody may read."""
        return news.ratings().annotate(new_at=F("at"))

    def entry(self, row: Bulletin) -> Entry:
        """Return a change in words."""
        return news.entry(row)
