"""For a measure of the hub: the problems that it speaks of, and what the library knows for each."""

from collections.abc import Iterable
from functools import cache

from django.urls import reverse

from centre.hub import reference_tables
from centre.hub.known import AboutProblem, Known
from tactics.models import Problem, Tactic
from tactics.rating import LABEL_NAMES, Label
from tactics.wording import STRENGTH_WORDS, TAG_COLOURS

SHOWN = 5  # of each kind; the problem's page has them all


def tell(measure: str) -> list[AboutProblem]:
    """Return what everybody may know, problem by problem."""
    slugs = _problems().get(measure, ())
    named = Problem.objects.in_bulk(slugs, field_name="slug")
    return [_about(named[slug]) for slug in slugs]


def _about(problem: Problem) -> AboutProblem:
    tactics = list(
        Tactic.objects.published().about(problem.slug).with_rating_columns().with_awaited().best_first()
    )
    return AboutProblem(
        problem.name,
        reverse("problem-briefing", args=[problem.slug]),
        proven=_shown(one for one in tactics if one.rated_label == Label.EFFECTIVE.value),
        promising=_shown(one for one in tactics if one.rated_label == Label.PROMISING.value),
        being_tested=_shown(one for one in tactics if one.rated_label == Label.BEING_TESTED.value),
    )


def _shown(tactics: Iterable[Tactic]) -> tuple[Known, ...]:
    return tuple(_known(one) for one in list(tactics)[:SHOWN])


def _known(tactic: Tactic) -> Known:
    label, strength = Label(tactic.rated_label), tactic.rated_strength  # type: ignore[attr-defined]
    words = f"Evidence strength {strength} of 5, {STRENGTH_WORDS[strength]}"
    if label is Label.BEING_TESTED:
        n = tactic.n_awaited  # type: ignore[attr-defined]
        words = f"{n} trial{'s' * (n != 1)} under way"
    return Known(tactic.name, tactic.get_absolute_url(), LABEL_NAMES[label], TAG_COLOURS[label], words)


@cache
def _problems() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in reference_tables.rows("measures.csv", package="tactics"):
        found.setdefault(row["measure"], []).append(row["problem"])
    return found
