"""The force's lead reads a cleared release for errors of fact. It is recorded and answered, and is no veto."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, has_permission, require_any
from centre.text import is_blank, tidied
from experiments.lifecycle import Fact
from experiments.models import FactualCheck, Release, TeamMember, Trial
from experiments.protocol.text import require_nothing_personal

ANSWERERS = (Permission.RELEASE_PREPARE, Permission.RELEASE_PUBLISH)


@transaction.atomic
def record(*, release: Release, comment: str = "", by: User) -> FactualCheck:
    """The force has checked the facts; without a comment there is nothing to correct."""
    trial = Trial.objects.for_action(release.trial, by)
    if not is_lead(trial, by):
        raise NotPermitted("The lead of the force that ran the trial checks the facts.")
    release = Release.objects.select_for_update().get(pk=release.pk)
    if release.published_at or not release.is_cleared:
        raise Conflict(
            "The facts are checked when two checkers have cleared the release, before it is published."
        )
    if FactualCheck.objects.filter(release=release).exists():
        raise Conflict("The facts of this release have been checked.")
    require_nothing_personal("/comment", comment)
    made = FactualCheck.objects.create(release=release, comment=tidied(comment), by=by, at=timezone.now())
    detail = {"release": str(release.public_id), "has_comment": bool(made.comment)}
    audit.record("release.facts_checked", subject=trial, by=by, detail=detail)
    return made


@transaction.atomic
def answer(*, release: Release, answer: str, by: User) -> FactualCheck:
    """The force's comment is answered, in public beside the release."""
    trial = Trial.objects.for_action(release.trial, by)
    require_any(by, ANSWERERS, on=trial)
    if is_blank(answer):
        raise Invalid.field("/answer", "Say what was changed, or why nothing was")
    require_nothing_personal("/answer", answer)
    check: FactualCheck | None = FactualCheck.objects.select_for_update().filter(release=release).first()
    if check is None or not check.waits_for_answer:
        raise Conflict("There is no comment that waits for an answer.")
    check.answer, check.answered_at, check.answered_by = tidied(answer), timezone.now(), by
    check.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record("release.facts_answered", subject=trial, by=by, detail={"release": str(release.public_id)})
    return check


def is_lead(trial: Trial, by: User) -> bool:
    """Return whether the person leads the trial, or writes trials in its lead force."""
    leads = trial.team_members.filter(user=by, role=TeamMember.Role.LEAD).exists()
    writes = has_permission(by, Permission.TRIAL_SUBMIT, on=trial)
    return leads or (writes and trial.lead_force_id in by.force_ids)


def is_open(release: Release) -> bool:
    """Return whether a deferral or the time of the factual check still runs; it ends with the check's last word."""
    deferral, until = getattr(release.trial, "deferral", None), release.facts_until
    if until is None or (deferral is not None and deferral.until > timezone.localdate()):
        return True
    check: FactualCheck | None = getattr(release, "factual_check", None)
    return timezone.now() < until and (check is None or check.waits_for_answer)


def missing(release: Release) -> str:
    """Return what a publisher still waits for; empty where nothing."""
    check: FactualCheck | None = getattr(release, "factual_check", None)
    deferral = getattr(release.trial, "deferral", None)
    until = release.facts_until
    if until is None:
        return Fact.CLEARED_TWICE.value
    if deferral and deferral.until > timezone.localdate():
        return f"Publication is put off until {deferral.until:%-d %B %Y}."
    if check is None and timezone.now() < until:
        return (
            f"The force can check the facts until {until:%-d %B %Y}. It is published then, or once they have."
        )
    if check is not None and check.waits_for_answer:
        return "Answer the force's comment first."
    return ""
