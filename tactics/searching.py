"""What people type into the search box as words to look for, and what a tactic says as words to be found. Pure.

Both sides go through `words` and `stem`. The index of either database holds these stems and nothing else, so that one
search finds the same on both.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from centre.text import folded

LIMIT = 8  # words of a search that count
LONGEST = 40  # letters of a word that is kept
# Words that say what readers want ("how do we reduce") and not what it is about.
STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and are at be by can do does for from have how i in is it me my need of on or our that the there to us "
        "we what which with works work best stop stopping reduce reducing prevent preventing cut cutting problem "
        "problems",
    )
)
_WORD = re.compile(r"[a-z0-9]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_VOWEL = re.compile(r"[aeiouy]")
_IRREGULAR = {
    "knives": "knife",
    "thieves": "thief",
    "wives": "wife",
    "children": "child",
    "women": "woman",
    "men": "man",
    "stolen": "steal",
}
PLACES = ("name", "problems", "text")  # where a tactic may say it, the best place first


def words(text: str) -> list[str]:
    """Return the words of a text: small letters and digits, no accents; others are spelled by their number.

    Full-text parsers of different databases part at different characters: what reaches them has no such character.
    """
    plain = folded(text).replace("'", "").replace("’", "")
    spelled = _BEYOND_ASCII.sub(lambda one: f"u{ord(one[0]):x}" if one[0].isalnum() else " ", plain)
    return [word[:LONGEST] for word in _WORD.findall(spelled)]


def stem(word: str) -> str:
    """Return what a word has in common with its plural and its other forms: "patrols", "patrolling": "patrol"."""
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or word[0].isdigit():
        return word
    for cut in (_without_plural, _without_ending):
        word = cut(word)
    word = word.removesuffix("e") if len(word) > 3 else word
    is_doubled = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouy"
    return word[:-1] if is_doubled else word


def _without_plural(word: str) -> str:
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _without_ending(word: str) -> str:
    for ending in ("ing", "ed"):
        start = word.removesuffix(ending)
        if start != word and len(start) >= 3 and _VOWEL.search(start) and not word.endswith("eed"):
            return start
    return word


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text in its order."""
    return tuple(stem(word) for word in words(text))


@dataclass(frozen=True, slots=True)
class Form:
    """One way of saying what is looked for: a tactic that says it has all its stems."""

    words: str
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """One thing that is looked for: what was typed, and every way of saying it."""

    typed: str
    forms: tuple[Form, ...]

    @property
    def is_plain(self) -> bool:
        """Return whether it is one word for which no other is known: such a word may be misspelt."""
        return len(self.forms) == 1

    def where(self, said: Mapping[str, frozenset[str]]) -> tuple[str, Form] | None:
        """Return the best place of a tactic that says it, and the way it is said there; None where none does.

        `said` has the stems of each place. In the text counts what is said anywhere, as in the index.
        """
        anywhere = frozenset().union(*said.values())
        for place in PLACES:
            held = anywhere if place == "text" else said[place]
            for form in self.forms:
                if held.issuperset(form.stems):
                    return place, form
        return None


Phrases = Mapping[tuple[str, ...], tuple[str, ...]]


def sought(text: str, same: Phrases) -> list[Sought]:
    """Return what a search is about. `same` gives, for the stems of known words, what else says the same."""
    found: dict[frozenset[str], Sought] = {}
    typed = words(text)
    longest = max(map(len, same), default=1)
    place = 0
    while place < len(typed):
        part, others = _longest_known(typed[place : place + longest], same)
        place += len(part)
        if others or part[0] not in STOP:
            forms: dict[tuple[str, ...], Form] = {}
            for form in (*_as_typed(part), *map(_phrase, others)):
                forms.setdefault(form.stems, form)
            one = Sought(" ".join(part), tuple(forms.values()))
            found.setdefault(frozenset("".join(form.stems) for form in one.forms), one)
    return list(found.values())[:LIMIT]


def _longest_known(typed: list[str], same: Phrases) -> tuple[list[str], tuple[str, ...]]:
    for length in range(len(typed), 0, -1):
        part = typed[:length]
        if others := same.get(tuple(map(stem, part))):
            return part, others
    return typed[:1], ()


def _phrase(text: str) -> Form:
    return Form(text, ("".join(stems(text)),))


def _as_typed(part: list[str]) -> list[Form]:
    """Return the words side by side, and apart where each of them says something."""
    text = " ".join(part)
    is_telling = len(part) > 1 and not STOP.intersection(part)
    return [_phrase(text), *([Form(text, stems(text))] if is_telling else [])]


def indexed(texts: Iterable[str], same: Phrases) -> str:
    """Return what the index keeps of some texts: each stem once, and known words that stand side by side as one.

    They are joined without a space, so that "hot spot" and "hotspot" are the same.
    """
    lengths = {len(one) for one in same if len(one) > 1}
    found: set[str] = set()
    for text in texts:
        row = stems(text)
        found.update(row)
        for length in lengths:
            parts = (row[place : place + length] for place in range(len(row) - length + 1))
            found.update("".join(part) for part in parts if part in same)
    return " ".join(sorted(found))
