"""A tactic's card in a list, as HTML. It says the same to every reader who may see the tactic."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tactics.models import Tactic


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one tactic, and what a list needs beside it."""

    key: int
    slug: str
    name: str
    html: SafeString


def drawn(keys: Iterable[int]) -> list[Card]:
    """Return the cards of some tactics, in no order. Whether a reader may see them is for the caller to know."""
    tactics = Tactic.objects.filter(pk__in=list(keys)).with_current_rating().with_awaited()
    return [Card(tactic.pk, tactic.slug, tactic.name, _html(tactic)) for tactic in tactics]


def _html(tactic: Tactic) -> SafeString:
    return render_to_string("tactics/_card.html", {"tactic": tactic})
