"""Results leave the Centre: prepared, checked by two people, published by a third."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from centre import audit, vault
from centre.errors import Conflict, Invalid, NotPermitted, Problem
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import analysis as bridge
from experiments.actions import factual_checks, library, packages, steps
from experiments.lifecycle import Fact, Results
from experiments.models import (
    Analysis,
    FileDecision,
    Release,
    ReleaseCheck,
    ReleasedEstimate,
    ReleaseFile,
    Trial,
)
from tactics.actions import findings
from tactics.models import Finding, OutcomeDomain


class SecondPerson(NotPermitted):
    """Who made a thing does not clear it; who cleared it does not publish it."""


class NotCleared(Conflict):
    """Two checkers have not cleared the release."""


class Answer(NamedTuple):
    """What a checker says of one file."""

    decision: str
    reason: str = ""


@transaction.atomic
def prepare(*, trial: Trial, analysis: Analysis, note: str = "", by: User) -> Release:
    """A fixed set of files waits for two checkers."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.RELEASE_PREPARE, on=trial)
    if analysis.trial_id != trial.pk:
        raise Invalid.field("/analysis", "This analysis belongs to another trial")
    if not analysis.is_finished:
        raise Conflict(Fact.ANALYSED.value)
    if any(not earlier.is_refused and not earlier.withdrawn_at for earlier in analysis.releases.all()):
        raise Conflict("This analysis has a release already.")
    prepared = bridge.prepare_release(analysis, exception=note)
    release = Release.objects.create(
        trial=trial,
        analysis=analysis,
        note=tidied(note),
        document=prepared.document,
        concerns=prepared.concerns,
        prepared_at=timezone.now(),
        prepared_by=by,
    )
    ReleaseFile.objects.bulk_create(
        ReleaseFile(
            release=release,
            name=file.name,
            sha256=vault.put_bytes(file.content).sha256,
            size=len(file.content),
            media_type=file.media_type,
        )
        for file in prepared.files
    )
    steps.take_from(
        Results.ANALYSING,
        trial,
        Results.AWAITING_OUTPUT_CHECK,
        facts={Fact.ANALYSED: True},
        by=by,
        using=Permission.RELEASE_PREPARE,
        event="release.prepared",
        object_sha256=analysis.result_sha256,
        release=str(release.public_id),
        files=[file.name for file in prepared.files],
    )
    return release


@transaction.atomic
def check(*, release: Release, files: Mapping[str, Answer], comment: str = "", by: User) -> ReleaseCheck:
    """One checker's decision on every file is on the record; the second clearance opens the way to publication.

    Nobody is told here what another checker decided: two people decide, each for themselves.
    """
    trial = Trial.objects.for_action(release.trial, by)
    require(by, Permission.RELEASE_CHECK, on=trial)
    _require_second_person(release, by)
    if release.published_at or release.is_refused:
        raise Conflict("This release is decided already.")
    if release.checks.filter(checker=by).exists():
        raise Conflict("You have checked this release already. A second person must clear this.")
    kept = {file.name: file for file in release.files.all()}
    _require_answers(kept, files)
    is_refused = any(answer.decision == ReleaseCheck.Decision.REFUSE for answer in files.values())
    made = ReleaseCheck.objects.create(
        release=release,
        checker=by,
        decision=ReleaseCheck.Decision.REFUSE if is_refused else ReleaseCheck.Decision.CLEAR,
        comment=tidied(comment),
        at=timezone.now(),
    )
    FileDecision.objects.bulk_create(
        FileDecision(
            release_check=made, file=kept[name], decision=answer.decision, reason=tidied(answer.reason)
        )
        for name, answer in sorted(files.items())
    )
    _note_check(trial, release, made, files, by)
    return made


def clear(*, release: Release, comment: str = "", by: User) -> ReleaseCheck:
    """One checker clears every file."""
    files = {
        name: Answer(ReleaseCheck.Decision.CLEAR) for name in release.files.values_list("name", flat=True)
    }
    return check(release=release, files=files, comment=comment, by=by)


@transaction.atomic
def publish(*, release: Release, by: User) -> Release:
    """The files are public, and what they found is a finding of the tactic."""
    trial = Trial.objects.for_action(release.trial, by)
    require(by, Permission.RELEASE_PUBLISH, on=trial)
    release = Release.objects.select_for_update().get(pk=release.pk)
    if release.published_at:
        raise Conflict(f"Published on {release.published_at:%-d %B %Y}.")
    if not release.is_cleared:
        raise NotCleared(Fact.CLEARED_TWICE.value)
    if by.pk == release.prepared_by_id or release.checks.filter(checker=by).exists():
        raise SecondPerson("A second person must clear this: you prepared or checked this release.")
    if reason := factual_checks.missing(release):
        raise Conflict(reason)
    return put_out(trial, release, by)


def put_out(trial: Trial, release: Release, by: User | None) -> Release:
    """The files are public. Called with the trial locked, by `publish` and by the timer of the results duty."""
    release.published_at, release.published_by = timezone.now(), by
    release.save(update_fields=["published_at", "published_by"])
    ReleasedEstimate.objects.bulk_create(
        ReleasedEstimate(release=release, **row) for row in bridge.tidy_rows(release)
    )
    # Under an embargo nobody may know of the trial: the library hears of it when the embargo ends.
    recorded = [_record(release, facts, by) for facts in bridge.findings(release)] if trial.is_public else []
    steps.take_from(
        Results.CHECKED_INTERNAL,
        trial,
        Results.PUBLISHED,
        facts={Fact.CLEARED_TWICE: True},
        by=by,
        using=Permission.RELEASE_PUBLISH if by else None,
        event="release.published",
        object_sha256=release.analysis.result_sha256,
        release=str(release.public_id),
        findings=recorded,
        package=packages.keep(release),
    )
    library.note(trial, by)
    return release


def restore_findings(release: Release) -> None:
    """What a standing release found counts, where no other result of the trial does on that outcome.

    Called with the trial locked, when the release that had replaced it was withdrawn, and when its embargo ends; the
    registry itself acts, as the release was published by somebody who might.
    """
    if release.trial.tactic is None:
        return
    known = set(
        Finding.objects.current()
        .filter(tactic=release.trial.tactic, trial_number=release.trial.number)
        .values_list("outcome_domain__slug", flat=True)
    )
    for facts in bridge.findings(release):
        if facts.outcome_domain not in known:
            _record(release, facts, None)


def is_own(release: Release, by: User) -> bool:
    """Return whether the person made the release or its analysis, or works on the trial."""
    trial = release.trial
    made_it = by.pk in (release.prepared_by_id, release.analysis.requested_by_id, trial.created_by_id)
    return made_it or trial.team_members.filter(user=by).exists()


def _require_second_person(release: Release, by: User) -> None:
    if is_own(release, by):
        raise SecondPerson(
            "A second person must clear this: you made it, or belong to the team of this trial."
        )


def _require_answers(kept: Mapping[str, ReleaseFile], files: Mapping[str, Answer]) -> None:
    """Refuse half a check: every file has its decision, and every refusal its reason."""
    problems = [
        Problem(f"/files/{name}", "This release has no such file")
        for name in sorted(files.keys() - kept.keys())
    ]
    for name in sorted(kept):
        answer = files.get(name, Answer(""))
        if answer.decision not in ReleaseCheck.Decision.values:
            problems.append(Problem(f"/files/{name}", f"Choose clear or refuse for {name}"))
        elif answer.decision == ReleaseCheck.Decision.REFUSE and is_blank(answer.reason):
            problems.append(Problem(f"/files/{name}/reason", f"Say what must change in {name}"))
    if problems:
        raise Invalid(problems[0].message, problems)


def _note_check(
    trial: Trial, release: Release, made: ReleaseCheck, files: Mapping[str, Answer], by: User
) -> None:
    detail = {
        "release": str(release.public_id),
        "decision": made.decision,
        "files": {name: answer.decision for name, answer in sorted(files.items())},
    }
    release = Release.objects.get(pk=release.pk)
    if not (release.is_refused or release.is_cleared):
        audit.record("release.checked", subject=trial, by=by, detail=detail)
        return
    steps.take_from(
        Results.AWAITING_OUTPUT_CHECK,
        trial,
        Results.ANALYSING if release.is_refused else Results.CHECKED_INTERNAL,
        facts={Fact.REASON: release.is_refused, Fact.CLEARED_TWICE: release.is_cleared},
        by=by,
        using=Permission.RELEASE_CHECK,
        event="release.checked",
        object_sha256=release.analysis.result_sha256,
        **detail,
    )


def _record(release: Release, facts: bridge.FindingFacts, by: User | None) -> str:
    tactic = release.trial.tactic
    domain = OutcomeDomain.objects.filter(slug=facts.outcome_domain).first()
    if tactic is None or domain is None:
        raise Conflict(f"The library has no outcome domain “{facts.outcome_domain}”: ask the registrar.")
    finding = findings.record(
        tactic=tactic, outcome_domain=domain, evidence=facts.evidence, result=facts.result, by=by
    )
    return str(finding.pk)
