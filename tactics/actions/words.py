"""What a search of the library looks into is kept in step with the tactics."""

from collections.abc import Iterable

from tactics import searching, synonyms
from tactics.models import LibraryWord, Tactic, TacticWords
from tactics.spelling import SHORTEST

_TEXTS = (
    "summary",
    "problem_text",
    "mechanism",
    "moderators",
    "possible_harms",
    "equality",
    "implementation",
    "focus",
    "population",
    "setting",
)


def keep(*, tactic: Tactic) -> None:
    """The search finds what the tactic says now; a public tactic's words are offered for misspelt ones.

    Called by the actions that change a tactic, inside their transaction and after its problems are saved. It records no
    event of its own: all of it can be made again from the tactic.
    """
    said = texts(tactic)
    kept = {place: searching.indexed(found, synonyms.same()) for place, found in said.items()}
    TacticWords.objects.update_or_create(tactic=tactic, defaults=kept)
    if tactic.is_published:
        _add_words(text for found in said.values() for text in found)


def texts(tactic: Tactic) -> dict[str, list[str]]:
    """Return what a tactic says, by place."""
    outcome = [tactic.main_outcome.name] if tactic.main_outcome else []
    force = [tactic.force.name] if tactic.force else []
    kinds = [tactic.get_setting_kind_display(), tactic.get_population_kind_display()]
    return {
        "name": [tactic.name],
        "problems": [problem.name for problem in tactic.problems.all()],
        "text": [*(getattr(tactic, name) for name in _TEXTS), *outcome, *force, *kinds],
    }


def _add_words(said: Iterable[str]) -> None:
    found = {word for text in said for word in searching.words(text)}
    # In one order: two transactions that add the same words must not wait for each other.
    rows = [
        LibraryWord(word=word, stem=searching.stem(word))
        for word in sorted(found)
        if word.isalpha() and len(word) >= SHORTEST
    ]
    LibraryWord.objects.bulk_create(rows, ignore_conflicts=True)
