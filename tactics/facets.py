"""How many tactics each filter would leave: the counts beside the choices of the library's list."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from tactics.filters import NARROWING, TacticFilter
from tactics.shelf import Mask, Shelf


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter: its words, how many tactics it leaves, and the address that takes or drops it."""

    words: str
    count: int
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter with its choices; those that would leave nothing are not offered."""

    name: str
    label: str
    choices: tuple[Choice, ...]

    @property
    def is_chosen(self) -> bool:
        """Return whether one of its choices is set."""
        return any(choice.is_chosen for choice in self.choices)


def facets(form: TacticFilter, shelf: Shelf, said: Mask, query: QueryDict) -> list[Facet]:
    """Return the filters with their counts, each under all the others. `said`: which tactics answer the words."""
    every = said & form.applied_to(shelf)
    found = []
    for name in NARROWING:
        among = said & form.applied_to(shelf, without=name) if form.cleaned_data[name] else every
        choices = tuple(_choices(form, name, shelf.counts(name, among), query))
        if choices:
            found.append(Facet(name, str(form.fields[name].label), choices))
    return found


def _choices(form: TacticFilter, name: str, counts: dict[str, int], query: QueryDict) -> Any:
    chosen = form.cleaned_data[name]
    for value, words in form.fields[name].choices:  # type: ignore[attr-defined]
        count = _count(name, value, counts)
        if value and (count or value == chosen):
            asked = query.copy()
            asked.pop("page", None)
            asked[name] = value
            if value == chosen:
                del asked[name]
            yield Choice(str(words), count, asked.urlencode(), value == chosen)


def _count(name: str, value: str, counts: dict[str, int]) -> int:
    """Return how many tactics a choice leaves: "3 or more" and "low or less" count all on their side."""
    if name == "strength" and value:
        return sum(counts.get(str(step), 0) for step in range(int(value), 6))
    if name == "cost" and value:
        return sum(counts.get(str(step), 0) for step in range(1, int(value) + 1))
    return counts.get(value, 0)
