"""What the lists of the library remember: shelves, words that were looked for, cards. Forgotten at every change.

The database itself counts every change of what a list says of a tactic (`TacticTurn`, kept by triggers), so that what
is in memory is never behind what is committed. Whether it is, is one small question.
"""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Case, Count, Exists, Max, Sum, Value, When

from tactics.cards import Card, drawn
from tactics.fulltext import hits
from tactics.models import Tactic, TacticTurn
from tactics.querysets import LABEL_ORDER, TacticQuerySet
from tactics.searching import Form, Sought
from tactics.shelf import Column, Hits, Shelf

if TYPE_CHECKING:
    from centre.permissions import Person

Turn = tuple[int | None, ...]
MOST_SAID = 256  # things looked for that are remembered: at most about 40 MB at 10,000 tactics
_RANKS = {label.value: rank for rank, label in enumerate(LABEL_ORDER)}
# Values of the tactic that lists are filtered by; a problem is not one value, and comes beside them.
_PLAIN = {
    "setting": "setting_kind",
    "population": "population_kind",
    "label": "rated_label",
    "strength": "rated_strength",
    "cost": "cost_band",
    "stage": "stage",
    "region": "force__region",
}


class Memory:
    """What a process remembers of the library between two changes. Safe among threads: at worst one does it twice."""

    def __init__(self) -> None:
        self._said: dict[tuple[Form, ...], Hits] = {}
        self._cards: dict[int, Card] = {}

    @cached_property
    def public(self) -> Shelf:
        """Return the shelf of what everyone may know of."""
        return _filled(Tactic.objects.published())

    @cached_property
    def everything(self) -> Shelf:
        """Return the shelf of the Centre's staff."""
        return _filled(Tactic.objects.all())

    def shelf_for(self, user: "Person") -> Shelf:
        """Return the shelf of what a person may know of. Of people with drafts of their own, nothing is remembered."""
        if user.is_authenticated and user.is_active:
            if user.is_centre_staff:
                return self.everything
            visible = Tactic.objects.visible_to(user)
            if visible.drafts().exists():
                return _filled(visible)
        return self.public

    def hits(self, sought: Iterable[Sought]) -> list[Hits]:
        """Return for each thing that is looked for the tactics that say it, drafts of all too. At most one query."""
        asked = list(sought)
        known = {one.forms: self._said[one.forms] for one in asked if one.forms in self._said}
        missing = [one for one in asked if one.forms not in known]
        found = dict(zip((one.forms for one in missing), hits(missing), strict=True))
        if len(self._said) + len(found) > MOST_SAID:
            self._said.clear()
        self._said.update(found)
        known.update(found)
        return [known[one.forms] for one in asked]

    def cards(self, keys: Iterable[int]) -> list[Card]:
        """Return the cards of some tactics of a shelf, in the order of the keys."""
        wanted = list(keys)
        known = {key: self._cards[key] for key in wanted if key in self._cards}
        if missing := [key for key in wanted if key not in known]:
            new = {card.key: card for card in drawn(missing)}
            self._cards.update(new)
            known.update(new)
        return [known[key] for key in wanted if key in known]


def memory() -> Memory:
    """Return what is remembered since the last change. One small query."""
    return _memory(_turn())


def rows(tactics: TacticQuerySet, keys: Iterable[int]) -> list[Any]:
    """Return the tactics of some keys in the order of the keys; one that is not among `tactics` is left out."""
    wanted = list(keys)
    found = {one.pk: one for one in tactics.filter(pk__in=wanted)}
    return [found[key] for key in wanted if key in found]


def forget() -> None:
    """Remember nothing: the database is another one."""
    _memory.cache_clear()


def _turn() -> Turn:
    """Return what is different after every change: each tactic's count of changes only ever rises."""
    found = TacticTurn.objects.aggregate(tactics=Count("pk"), changes=Sum("n"), newest=Max("pk"))
    return found["tactics"], found["changes"], found["newest"]


@lru_cache(maxsize=1)
def _memory(turn: Turn) -> Memory:
    return Memory()


def _filled(tactics: TacticQuerySet) -> Shelf:
    tested = Case(When(Exists(tactics.awaited_trials()), then=Value("now")), default=Value("none"))
    asked = tactics.with_rating_columns().annotate(tested=tested).order_by("name", "pk")
    found = list(asked.values_list("pk", "published_at", "tested", *_PLAIN.values()))
    keys = np.array([row[0] for row in found], dtype=np.int64)
    columns = {
        name: Column.of(["" if row[place] is None else str(row[place]) for row in found])
        for place, name in enumerate(("tested", *_PLAIN), start=2)
    }
    places = {key: place for place, key in enumerate(keys.tolist())}
    through = Tactic.problems.through.objects.filter(tactic__in=tactics)
    answered = list(through.values_list("tactic_id", "problem__slug"))
    answered = [(places[key], slug) for key, slug in answered if key in places]
    return Shelf(
        keys=keys,
        columns=columns,
        answered=np.array([place for place, _ in answered], dtype=np.int64),
        problems=Column.of([slug for _, slug in answered]),
        best=np.array([_rank(*row[5:7]) for row in found], dtype=np.int64),
        newest=np.array([row[1].timestamp() if row[1] else -np.inf for row in found], dtype=np.float64),
    )


def _rank(label: str | None, strength: int | None) -> int:
    """Return the place in "best rated first": by label, then by strength."""
    return 10 * _RANKS.get(label or "", len(_RANKS)) + (9 if strength is None else 5 - strength)
