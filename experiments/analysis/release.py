"""What of an analysis may leave: checked for disclosure, rounded, and only then written and drawn."""

import json
from dataclasses import dataclass
from typing import Any

from centre import vault
from centre.errors import Invalid, Problem
from experiments import disclosure
from experiments.analysis.observed import Observed
from experiments.analysis.outputs import Output, written
from experiments.models import Analysis, Release
from experiments.stats import plan as plans


class NotReleasable(Invalid):
    """Disclosure control stops the release; `problems` says where."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The document as the public will have it, its files, and what the checkers must look at."""

    document: dict[str, Any]
    files: list[Output]
    concerns: list[dict[str, Any]]


def prepare_release(analysis: Analysis, *, exception: str) -> Prepared:
    """Return the files for a release.

    Raises
    ------
    NotReleasable : a small cell of people, a difference to an earlier release, or anything else that blocks.
    """
    document = result_document(analysis)
    subjects = _subjects(analysis)
    concerns = disclosure.check_document(
        document,
        subjects=subjects,
        cells=_cells(analysis, document),
        identifiers=_identifiers(analysis),
        exception=exception,
    )
    concerns += disclosure.check_differences(document, _earlier(analysis), subjects=subjects)
    released = disclosure.released_document(document, subjects=subjects, exception=exception)
    files = written(released, analysis)
    for file in files:
        if file.media_type == "image/svg+xml":
            concerns += disclosure.check_figure(file.content, where=file.name)
    if disclosure.is_blocked(concerns):
        problems = [Problem(found.where, found.message) for found in concerns if found.blocks]
        raise NotReleasable(f"This cannot be released: {problems[0].message}", problems)
    seen = [{"rule": found.rule, "where": found.where, "message": found.message} for found in concerns]
    return Prepared(released, files, seen)


def result_document(analysis: Analysis) -> dict[str, Any]:
    """Return the exact result document, which stays inside."""
    document: dict[str, Any] = json.loads(vault.read(analysis.result_sha256))
    return document


def _subjects(analysis: Analysis) -> dict[str, str]:
    outcomes = analysis.registration.frozen_protocol.outcomes
    return {outcome.column: outcome.subject.value for outcome in outcomes if outcome.subject}


def _identifiers(analysis: Analysis) -> list[str]:
    """Return the unit codes that could be told apart in a text: a bare number is in every text."""
    allocation = analysis.trial.allocation
    codes = allocation.units.values_list("code", flat=True) if allocation else []
    return [code for code in codes if not code.replace(".", "").isdigit()]


def _cells(analysis: Analysis, document: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Return the sizes of the groups that an estimate's own terms are about: cohorts, where it shows them."""
    shown = [
        row["id"]
        for row in document["estimates"]
        if any(term["term"].startswith("g=") for term in row["terms"])
    ]
    if not shown:
        return {}
    sizes = Observed(analysis, plans.parse(dict(analysis.plan))).cohorts()
    return {name: sizes for name in shown}


def _earlier(analysis: Analysis) -> list[tuple[str, dict[str, Any]]]:
    published = Release.objects.filter(trial=analysis.trial).published().exclude(analysis=analysis)
    return [
        (f"the release of {release.published_at:%-d %B %Y}", result_document(release.analysis))
        for release in published.select_related("analysis")
    ]
