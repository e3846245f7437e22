"""A published release is taken back by two people: a methods reviewer asks, the director approves. Its place stays."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments.actions import library, releases, steps
from experiments.actions.releases import is_own
from experiments.lifecycle import Fact, Results
from experiments.models import Release, Retraction, Trial
from experiments.protocol.text import require_nothing_personal
from tactics.actions import findings


@transaction.atomic
def ask(*, release: Release, reason: str, by: User) -> Retraction:
    """The director is asked to agree."""
    trial = Trial.objects.for_action(release.trial, by)
    require(by, Permission.RELEASE_RETRACT, on=trial)
    release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why it is withdrawn")
    require_nothing_personal("/reason", reason)
    if is_own(release, by):
        raise NotPermitted(
            "A second person must clear this: you made it, or belong to the team of this trial."
        )
    if not release.is_published:
        raise Conflict("Only a published release is withdrawn.")
    if waiting(release):
        raise Conflict("Somebody has asked already; the director answers.")
    made = Retraction.objects.create(
        release=release, reason=tidied(reason), requested_at=timezone.now(), requested_by=by
    )
    detail = {"release": str(release.public_id), "reason": made.reason}
    audit.record("release.withdrawal_requested", subject=trial, by=by, detail=detail)
    return made


@transaction.atomic
def approve(*, release: Release, by: User) -> Release:
    """The release is withdrawn. The trial is corrected where another stands in its place, else it is retracted."""
    trial = Trial.objects.for_action(release.trial, by)
    require(by, Permission.TRIAL_DIRECT, on=trial)
    release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    asked = _open(release)
    if by.pk == asked.requested_by_id or is_own(release, by):
        raise NotPermitted(
            "A second person must clear this: you asked for it, or belong to the team of this trial."
        )
    release.withdrawn_at, release.withdrawn_by, release.withdrawn_reason = timezone.now(), by, asked.reason
    release.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    standing = trial.releases.published().order_by("-published_at").first()
    steps.take_from(
        Results.PUBLISHED if standing else Results(trial.results_state),
        trial,
        Results.CORRECTED if standing else Results.RETRACTED,
        facts={Fact.REASON: True, Fact.RETRACTED_BY_TWO: True},
        by=by,
        using=Permission.TRIAL_DIRECT,
        event="release.withdrawn",
        reason=asked.reason,
        object_sha256=release.analysis.result_sha256,
        release=str(release.public_id),
    )
    findings.retract(release_id=str(release.public_id), reason=asked.reason, by=by)
    if standing is not None:
        releases.restore_findings(standing)
    library.note(trial, by)
    return release


@transaction.atomic
def refuse(*, release: Release, reason: str, by: User) -> Retraction:
    """The release stands."""
    trial = Trial.objects.for_action(release.trial, by)
    require(by, Permission.TRIAL_DIRECT, on=trial)
    asked = _open(release)
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why it is refused")
    asked.refused_at, asked.refused_by, asked.refusal = timezone.now(), by, tidied(reason)
    asked.save(update_fields=["refused_at", "refused_by", "refusal"])
    detail = {"release": str(release.public_id), "reason": asked.refusal}
    audit.record("release.withdrawal_refused", subject=trial, by=by, detail=detail)
    return asked


def waiting(release: Release) -> Retraction | None:
    """Return the request that waits for the director."""
    if release.withdrawn_at:
        return None
    found: Retraction | None = release.retractions.filter(refused_at=None).first()
    return found


def _open(release: Release) -> Retraction:
    found = waiting(release)
    if found is None:
        raise Conflict("Nobody has asked to withdraw this release.")
    return found
