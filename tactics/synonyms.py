"""Words that mean the same to the search: the file `reference/synonyms.csv`. Pure.

An abbreviation and words of the same meaning find each other, both ways. "Includes" goes one way: who looks for
paperwork is shown redaction, and who looks for redaction is not shown all paperwork.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tactics.searching import stems, words

FILE = Path(__file__).parent / "reference" / "synonyms.csv"
KINDS = {
    "abbreviation": "Short for",
    "same": "Means the same as",
    "includes": "Also looks for",
}


@dataclass(frozen=True, slots=True)
class Synonym:
    """One line of the file."""

    words: str
    means: str
    kind: str
    source: str

    @property
    def kind_words(self) -> str:
        """Return the kind as the page says it."""
        return KINDS[self.kind]


@cache
def known() -> tuple[Synonym, ...]:
    """Return all lines, in the order of the file."""
    with open(FILE, encoding="utf-8", newline="") as source:
        return tuple(Synonym(**row) for row in csv.DictReader(source))


@cache
def same() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return, for the stems of each known word, what else is looked for with it."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in known():
        if one.kind != "includes":
            groups[one.means].append(one.words)
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for means, members in groups.items():
        for word in (means, *members):
            found[stems(word)] += [other for other in (means, *members) if stems(other) != stems(word)]
    for one in known():
        if one.kind == "includes":
            found[stems(one.words)] += [one.means, *groups[one.means]] if one.means in groups else [one.means]
    return {key: tuple(dict.fromkeys(others)) for key, others in found.items()}


@cache
def vocabulary() -> frozenset[str]:
    """Return every single word of the file: what a misspelt word may have meant, beside the words of the library."""
    return frozenset(word for one in known() for word in words(f"{one.words} {one.means}"))
