"""What of an analysis may leave: checked for disclosure, rounded, and only then written and drawn."""

import json
from dataclasses import dataclass
from typing import Any

from centre import vault
from centre.errors import Invalid, Problem
from experiments import disclosure
from experiments.analysis.behind import Audience
from experiments.analysis.outputs import Output, written
from experiments.models import Analysis, DisclosurePolicy, Release


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
    document, policy = result_document(analysis), DisclosurePolicy.objects.in_force()
    subjects = _subjects(analysis)
    audience = Audience(analysis)
    sizes = audience.sizes()
    concerns = disclosure.check_document(
        document,
        subjects=subjects,
        behind=audience.behind(document),
        sizes=sizes,
        identifiers=_identifiers(analysis),
        exception=exception,
        policy=policy,
    )
    earlier = _earlier(analysis)
    concerns += disclosure.check_differences(
        document, [(name, out) for name, out, _ in earlier], subjects=subjects, policy=policy
    )
    concerns += disclosure.check_groups(
        audience.counted(document, "this release"),
        [Audience(one).counted(out, name) for name, out, one in earlier],
        subjects=subjects,
        policy=policy,
    )
    released = disclosure.released_document(
        document, subjects=subjects, sizes=sizes, exception=exception, policy=policy
    )
    files = written(released, analysis)
    concerns += disclosure.check_text(exception, where="note")
    for file in files:
        concerns += disclosure.check_file_name(file.name, where=f"files/{file.name}")
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


def _earlier(analysis: Analysis) -> list[tuple[str, dict[str, Any], Analysis]]:
    """Return what is out already, withdrawn or not: what was read once is known."""
    out = Release.objects.filter(trial=analysis.trial, published_at__isnull=False).exclude(analysis=analysis)
    return [
        (
            f"the release of {release.published_at:%-d %B %Y}",
            result_document(release.analysis),
            release.analysis,
        )
        for release in out.order_by("published_at", "pk").select_related(
            "analysis__dataset", "analysis__trial"
        )
    ]
