"""Ratings are computed by the rules, and go public when two reviewers have signed."""

import hashlib
import json
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import User
from centre.permissions import Permission, require
from tactics import forest
from tactics.models import Finding, OutcomeDomain, Rating, RatingSignature, Synthesis, Tactic
from tactics.models.ratings import SIGNATURES_NEEDED
from tactics.rating import NEEDS_SIGNATURES, Override, RatingResult, rate


class AlreadySigned(Conflict):
    """The reviewer's name is there already."""


class NotOpen(Conflict):
    """The rating is public, or a newer one has taken its place."""


class NotIndependent(Conflict):
    """The reviewer belongs to a contributing trial."""


@transaction.atomic
def propose(
    *, tactic: Tactic, outcome_domain: OutcomeDomain, by: User | None, override: Override | None = None
) -> Rating:
    """The rules have read all current findings; a rating that says something new is the candidate.

    Called by the actions that change its inputs, which have checked what `by` may do. Returns the rating
    that stands where nothing changed.
    """
    Tactic.objects.select_for_update().get(pk=tactic.pk)
    findings = Finding.objects.current().filter(tactic=tactic, outcome_domain=outcome_domain)
    counts = tactic.registered_trials.all().counts(timezone.localdate())
    result = rate(
        [finding.rated_trial for finding in findings], counts, today=timezone.localdate(), override=override
    )
    document = {
        **result.as_json(),
        "registry": {"registered": counts.registered, "awaited": counts.awaited, "overdue": counts.overdue},
        "software_version": settings.CODE_VERSION,
    }
    standing = Rating.objects.filter(tactic=tactic, outcome_domain=outcome_domain, superseded_at=None)
    candidate = standing.filter(published_at=None).first()
    public = standing.filter(published_at__isnull=False).first()
    newest: Rating | None = candidate or public
    if newest is not None and _says(newest.document) == _says(document):
        return newest
    if candidate is not None:
        _supersede(candidate)
    rating = _save(tactic, outcome_domain, result, document)
    audit.record(
        "rating.proposed",
        subject=rating,
        by=by or audit.SYSTEM,
        detail={"tactic": tactic.slug, "label": rating.label, "held": rating.is_held},
    )
    if result.label not in NEEDS_SIGNATURES:
        _publish(rating)
    return rating


def _says(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a rating claims: where trials are pooled, how many others are registered is not part of it."""
    beside = {"software_version"} if document["k"] == 0 else {"software_version", "registry"}
    return {name: value for name, value in document.items() if name not in beside}


def _save(tactic: Tactic, domain: OutcomeDomain, result: RatingResult, document: dict[str, Any]) -> Rating:
    now = timezone.now()
    synthesis = None
    if result.summary is not None or result.listed:
        drawn = forest.document(result)
        synthesis = Synthesis.objects.create(
            tactic=tactic,
            outcome_domain=domain,
            k=result.k,
            method=result.summary.method if result.summary else "Nothing to pool",
            document=drawn,
            inputs_sha256=_digest(drawn["rows"]),
            computed_at=now,
        )
    return Rating.objects.create(
        tactic=tactic,
        outcome_domain=domain,
        synthesis=synthesis,
        rules_version=result.rules_version,
        label=result.label.value,
        crt_code=result.crt_code,
        strength=result.strength,
        size_band=result.size_band,
        document=document,
        computed_at=now,
    )


def _digest(rows: list[dict[str, Any]]) -> str:
    text = json.dumps(rows, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _supersede(rating: Rating) -> None:
    rating.superseded_at = timezone.now()
    rating.save(update_fields=["superseded_at"])


def _publish(rating: Rating) -> None:
    """Put the rating before the public; the one that was there steps back."""
    for older in Rating.objects.public().filter(tactic=rating.tactic, outcome_domain=rating.outcome_domain):
        _supersede(older)
    rating.published_at = timezone.now()
    rating.save(update_fields=["published_at"])


@transaction.atomic
def sign(*, rating: Rating, by: User) -> Rating:
    """A reviewer's name stands under the rating; with the second one it is public."""
    require(by, Permission.RATING_SIGN)
    # One at a time for a tactic: of two signatures at once, each must see whether it is the second.
    Tactic.objects.select_for_update().get(pk=rating.tactic_id)
    _check_open(rating)
    _check_independent(rating, by)
    if rating.signatures.filter(reviewer=by).exists():
        raise AlreadySigned("You have signed this rating already. A second reviewer must sign it now.")
    RatingSignature.objects.create(rating=rating, reviewer=by, signed_at=timezone.now())
    public = rating.signatures.count() >= SIGNATURES_NEEDED
    if public:
        _publish(rating)
    audit.record("rating.signed", subject=rating, by=by, detail={"label": rating.label, "public": public})
    return rating


@transaction.atomic
def adjust(*, rating: Rating, step: Literal[-1, 1], reason: str, by: User) -> Rating:
    """A new candidate stands whose strength is moved one level, with the reason for everyone to read.

    It needs two signatures like any other. A later finding is rated afresh, without the override.
    """
    require(by, Permission.RATING_SIGN)
    _check_open(rating)
    _check_independent(rating, by)
    if not reason.strip():
        raise Invalid.field("reason", "Enter a reason")
    if rating.document["k"] == 0:
        raise Conflict("There is no eligible trial whose strength could be moved.")
    override = Override(step, reason.strip())
    return propose(tactic=rating.tactic, outcome_domain=rating.outcome_domain, by=by, override=override)


def _check_open(rating: Rating) -> None:
    rating.refresh_from_db()
    if rating.superseded_at is not None:
        raise NotOpen("A newer rating has taken the place of this one. Open the newer one.")
    if rating.published_at is not None:
        raise NotOpen("This rating is public already.")


def _check_independent(rating: Rating, by: User) -> None:
    findings = Finding.objects.filter(pk__in=rating.finding_ids)
    teams = {person for ids in findings.values_list("conflicted_user_ids", flat=True) for person in ids}
    if by.pk in teams:
        raise NotIndependent(
            "You belong to a trial that this rating rests on. A reviewer outside its team must sign."
        )
