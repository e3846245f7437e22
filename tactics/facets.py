"""How many tactics each filter would leave: the counts beside the choices of the library's list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, QuerySet, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict

from tactics.corrections import Search
from tactics.filters import TacticFilter
from tactics.querysets import TacticQuerySet

_COLUMNS = {
    "problem": "problems__slug",
    "setting": "setting_kind",
    "population": "population_kind",
    "label": "rated_label",
    "strength": "rated_strength",
    "cost": "cost_band",
    "stage": "stage",
    "region": "force__region",
}


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


def facets(form: TacticFilter, tactics: TacticQuerySet, search: Search, query: QueryDict) -> list[Facet]:
    """Return the filters with their counts, each under all the others. Needs `with_rating_columns`; one query."""
    counts = _counts(form, tactics, search)
    found = [
        Facet(name, str(form.fields[name].label), tuple(_choices(form, name, counts, query)))
        for name in (*_COLUMNS, "tested")
    ]
    return [one for one in found if one.choices]


def _choices(form: TacticFilter, name: str, counts: dict[tuple[str, str], int], query: QueryDict) -> Any:
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


def _count(name: str, value: str, counts: dict[tuple[str, str], int]) -> int:
    """Return how many tactics a choice leaves: "3 or more" and "low or less" count all on their side."""
    if name == "strength" and value:
        return sum(counts.get((name, str(step)), 0) for step in range(int(value), 6))
    if name == "cost" and value:
        return sum(counts.get((name, str(step)), 0) for step in range(1, int(value) + 1))
    return counts.get((name, value), 0)


def _counts(form: TacticFilter, tactics: TacticQuerySet, search: Search) -> dict[tuple[str, str], int]:
    """Return, for each filter and value, the tactics that pass all other filters."""
    parts = [_part(form.applied_to(tactics, search, without=name), name) for name in (*_COLUMNS, "tested")]
    rows = parts[0].union(*parts[1:], all=True)
    return {(name, value): count for name, value, count in rows if value}


def _part(tactics: TacticQuerySet, name: str) -> QuerySet[Any, Any]:
    """Return the rows (filter, value, count) of one filter."""
    value: Any = (
        Case(When(Exists(tactics.awaited_trials()), then=Value("now")), default=Value("none"))
        if name == "tested"
        else Cast(F(_COLUMNS[name]), CharField())
    )
    plain = tactics.order_by().values("pk").annotate(asked=Value(name, CharField()), given=value)
    return plain.values("asked", "given").annotate(found=Count("pk")).values_list("asked", "given", "found")
