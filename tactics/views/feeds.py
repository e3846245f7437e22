"""What is new in the library, as Atom: results, ratings, and what was re-opened. What everybody may read alone."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views import View

from centre import feeds
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
        title = f"{_simulated(tactic)}{tactic.name}"
        return feeds.answer(
            request, title, tactic.get_absolute_url(), entries(Bulletin.objects.filter(tactic=tactic))
        )


def entries(bulletins: Any) -> list[feeds.Entry]:
    """Return the newest public bulletins."""
    rows = bulletins.for_all().select_related("tactic", "outcome_domain", "rating")
    return [_entry(one) for one in rows.defer("rating__document")[: feeds.LONGEST]]


def _entry(one: Bulletin) -> feeds.Entry:
    tactic = one.tactic
    rated = f" ({one.rating.get_label_display()})" if one.kind == one.Kind.RATED and one.rating else ""
    return feeds.Entry(
        one.at,
        f"bulletin-{one.public_id}",
        f"{_simulated(tactic)}{one.get_kind_display()}{rated}: {tactic.name}, {one.outcome_domain.name}",
        one.rating.get_absolute_url() if one.rating else tactic.get_absolute_url(),
        one.said,
    )


def _simulated(tactic: Tactic) -> str:
    return "Simulated. " if tactic.is_simulated else ""
