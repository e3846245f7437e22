"""What is new in the library, as Atom: results, ratings, and what was re-opened. What everybody may read alone."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views import View

from centre import feeds
from tactics import news
from tactics.models import Bulletin, Tactic


class LibraryFeed(View):
    """Everything that is new in the library, whoever asks."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the newest entries."""
        return feeds.answer(
            request, "Tactic library", reverse("tactic-list"), entries(Bulletin.objects.all())
        )


class TacticFeed(View):
    """What is new about one tactic. A draft has no feed, for nobody."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        """Answer the newest entries."""
        tactic = get_object_or_404(Tactic.objects.published(), slug=slug)
        title = f"{news.simulated(tactic)}{tactic.name}"
        return feeds.answer(
            request, title, tactic.get_absolute_url(), entries(Bulletin.objects.filter(tactic=tactic))
        )


def entries(bulletins: Any) -> list[feeds.Entry]:
    """Return the newest public bulletins."""
    return [news.entry(one) for one in news.public(bulletins)[: feeds.LONGEST]]
