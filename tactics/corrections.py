"""A search as it is understood: what is looked for, and which misspelt words were read as others."""

from dataclasses import dataclass
from typing import Any

from tactics import searching, spelling, synonyms
from tactics.fulltext import Says
from tactics.models import LibraryWord
from tactics.querysets import TacticQuerySet
from tactics.searching import Sought

_PLACE_WORDS = {"name": "in the name", "problems": "in the problems it answers", "text": "in the text"}


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that no tactic says, and the words that were looked for instead."""

    typed: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `unknown` are the words that no tactic says and that are like no word of the library."""

    sought: tuple[Sought, ...] = ()
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_in_vain(self) -> bool:
        """Return whether words were typed and none of them says anything here."""
        return bool(self.unknown) and not self.sought

    @property
    def also(self) -> list[tuple[str, str]]:
        """Return what was looked for beside what was typed."""
        corrected = {one.typed for one in self.corrections}
        other = [
            (one.typed, [form.words for form in one.forms if form.words != one.typed]) for one in self.sought
        ]
        return [(typed, ", ".join(words)) for typed, words in other if words and typed not in corrected]

    def reasons(self, said: dict[str, frozenset[str]]) -> list[str]:
        """Return why a tactic is found: each thing that it says, how, and where."""
        found = [(one, place) for one in self.sought if (place := one.where(said))]
        return [f"“{form.words}” {_PLACE_WORDS[place]}" for _, (place, form) in found]


def understood(text: str, tactics: TacticQuerySet) -> Search:
    """Return how a search among `tactics` is understood. One query, and two more for each unknown word."""
    asked = searching.sought(text, synonyms.same())
    plain = [one for one in asked if one.is_plain]
    stems = [one.forms[0].stems[0] for one in plain]
    known = LibraryWord.objects.stems_among(stems)
    strange = [one for one in plain if one.forms[0].stems[0] not in known]
    # Drafts have words too, which are kept from the list of spellings: who may see the draft finds it by them.
    strange = [one for one in strange if not tactics.filter(Says(one.forms)).exists()]
    others = {one: _others(one.typed) for one in strange}
    return Search(
        tuple(_replaced(one, others.get(one)) for one in asked if others.get(one) != []),
        tuple(Correction(one.typed, tuple(words)) for one, words in others.items() if words),
        tuple(one.typed for one, words in others.items() if not words),
    )


def _others(word: str) -> list[str]:
    """Return the words of the library that a strange word may stand for."""
    if len(word) < spelling.SHORTEST:
        return []
    rows: Any = LibraryWord.objects.like(word).values_list("word", flat=True)
    known = {*rows, *synonyms.vocabulary()}
    return spelling.begun(word, known) or spelling.nearest(word, known)


def _replaced(one: Sought, others: list[str] | None) -> Sought:
    """Return what is looked for instead of a strange word: the others, with all that means the same."""
    if not others:
        return one
    found = [
        form
        for other in others
        for sought in searching.sought(other, synonyms.same())
        for form in sought.forms
    ]
    return Sought(one.typed, tuple(found) or one.forms)
