"""A library of any size on PostgreSQL: one rated tactic goes the whole way through the actions, others copy its rows.

Copies have other words, problems, places, costs, labels and strengths, so that every filter and word has as much to
show as in a real library.
"""

import uuid
from types import SimpleNamespace
from typing import Any

from tactics.rating import Label
from tests.bench.people import person
from tests.bench.registry_rows import RARE, WORDS

MORE = (
    "video",
    "locks",
    "lights",
    "schools",
    "shops",
    "custody",
    "drones",
    "dogs",
    "statements",
    "bail",
    "stalking",
)
BATCH = 1_000


def one_tactic() -> Any:
    """Return a tactic with two findings, a rating that two people signed and a trial under way."""
    from tactics.actions import registry
    from tests.integration.tactics import library

    posts = {
        "registrar": "registrar",
        "publisher": "publisher",
        "reviewer": "methods_reviewer",
        "second_reviewer": "methods_reviewer",
    }
    cast = SimpleNamespace(**{name: person(name, role) for name, role in posts.items()})
    tactic = library.published(cast.registrar, setting_kind="homes", population_kind="victims")
    for number in ("CPP-2026-0001-5", "CPP-2026-0002-3"):
        library.found(tactic, cast.publisher, number)
    library.signed(library.candidate(tactic), cast.reviewer, cast.second_reviewer)
    registry.note_trial(tactic=tactic, trial_number="CPP-2026-0009-0", state="running", by=cast.registrar)
    return tactic


def fill(first: Any, tactics: int) -> dict[str, int]:
    """Copy the tactic and all that hangs on it; return how many rows of each kind there are."""
    from django.db import connection

    from tactics.models import LibraryWord, Rating, RegisteredTrial, Tactic, TacticWords

    for numbers in _batches(tactics):
        _copy(first, numbers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    kinds = {
        "tactics": Tactic,
        "ratings": Rating,
        "registered trials": RegisteredTrial,
        "rows of words": TacticWords,
        "words": LibraryWord,
    }
    return {name: model.objects.count() for name, model in kinds.items()}


def _batches(tactics: int) -> list[range]:
    return [range(start, min(start + BATCH, tactics)) for start in range(1, tactics, BATCH)]


def _copy(first: Any, numbers: Any) -> None:
    from tactics.models import Problem, Rating, Tactic

    problems = list(Problem.objects.all())
    made = Tactic.objects.bulk_create([_tactic(first, number) for number in numbers])
    through = Tactic.problems.through
    through.objects.bulk_create(
        [
            through(tactic=tactic, problem=problems[(number + step) % len(problems)])
            for number, tactic in zip(numbers, made, strict=True)
            for step in (0, 7)
        ]
    )
    rating = Rating.objects.public().get(tactic=first)
    Rating.objects.bulk_create(
        [_rating(rating, tactic, number) for number, tactic in zip(numbers, made, strict=True)]
    )
    _trials(first, numbers, made)
    _words([tactic.pk for tactic in made])


def _tactic(first: Any, number: int) -> Any:
    """Return a copy with words of its own."""
    from centre.models import Force
    from tactics.kinds import POPULATIONS, SETTINGS

    words = (*WORDS, *MORE)
    said = [words[number // step % len(words)] for step in (1, 7, 61, 331)]
    copy = type(first)(
        **{
            field.attname: getattr(first, field.attname)
            for field in first._meta.concrete_fields
            if not field.primary_key
        }
    )
    copy.slug, copy.name = f"tactic-{number}", f"{said[0].capitalize()} and {said[1]} {number}"
    copy.summary = f"Officers use {said[2]} where {said[3]} is the problem" + (
        f", with a {RARE}" if number % 2_500 == 3 else ""
    )
    copy.cost_band = number % 5 + 1
    copy.stage = ("idea", "piloting", "in_use", "scaled", "retired")[number // 3 % 5]
    copy.setting_kind = list(SETTINGS)[number // 2 % len(SETTINGS)]
    copy.population_kind = list(POPULATIONS)[number // 5 % len(POPULATIONS)]
    forces = _forces(Force)
    copy.force_id = forces[number % len(forces)]
    return copy


_FORCES: list[int] = []


def _forces(model: Any) -> list[int]:
    if not _FORCES:
        _FORCES.extend(model.objects.order_by("pk").values_list("pk", flat=True))
    return _FORCES


def _rating(rating: Any, tactic: Any, number: int) -> Any:
    columns = {
        field.attname: getattr(rating, field.attname)
        for field in rating._meta.concrete_fields
        if not field.primary_key
    }
    label = list(Label)[number // 2 % len(Label)].value
    changed = {"tactic_id": tactic.pk, "label": label, "strength": number // 11 % 6}
    return type(rating)(**{**columns, "id": uuid.uuid4(), **changed})


def _trials(first: Any, numbers: Any, made: Any) -> None:
    """Every third tactic has a trial under way."""
    trial = first.registered_trials.get()
    type(trial).objects.bulk_create(
        [
            type(trial)(
                tactic=tactic, number=f"CPP-2027-{number:05}-0", state="running", noted_at=trial.noted_at
            )
            for number, tactic in zip(numbers, made, strict=True)
            if number % 3 == 0
        ]
    )


def _words(keys: list[int]) -> None:
    """Index the copies as the action does, many at once."""
    from tactics import searching, synonyms
    from tactics.actions import words
    from tactics.models import LibraryWord, Tactic, TacticWords

    rows = []
    for tactic in (
        Tactic.objects.filter(pk__in=keys)
        .select_related("main_outcome", "force")
        .prefetch_related("problems")
    ):
        said = words.texts(tactic)
        kept = {place: searching.indexed(texts, synonyms.same()) for place, texts in said.items()}
        rows.append(TacticWords(tactic=tactic, **kept))
    TacticWords.objects.bulk_create(rows)
    known = [word for word in (*WORDS, *MORE, RARE) if len(word) >= 4]
    LibraryWord.objects.bulk_create(
        [LibraryWord(word=word, stem=searching.stem(word)) for word in known], ignore_conflicts=True
    )
