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
from tactics import forest, why
from tactics.actions import appraisals, bulletins
from tactics.models import (
    Bulletin,
    Finding,
    OutcomeDomain,
    Rating,
    RatingSignature,
    Synthesis,
    Tactic,
    rules_in_use,
)
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
    *,
    tactic: Tactic,
    outcome_domain: OutcomeDomain,
    by: User | None,
    override: Override | None = None,
    reopened: str = "",
) -> Rating:
    """The rules have read all current findings; a rating that says something new is the candidate.

    Called by the actions that change its inputs, which have checked what `by` may do. Returns the rating
    that stands where nothing changed; an override goes on as long as nothing but it tells the two apart. A rating
    that is `reopened`, with why, is a candidate again even where nothing changed: two reviewers look once more.
    """
    Tactic.objects.select_for_update().get(pk=tactic.pk)
    result, document = _rated(tactic, outcome_domain, override)
    standing = Rating.objects.filter(tactic=tactic, outcome_domain=outcome_domain, superseded_at=None)
    candidate = standing.filter(published_at=None).first()
    public = standing.filter(published_at__isnull=False).first()
    newest: Rating | None = candidate or public
    again = bool(reopened) and newest is not None and newest.is_public and newest.needs_signatures
    if newest is not None and not again and _stands(newest, document, override):
        return newest
    if candidate is not None:
        _supersede(candidate)
    lines = why.changes(public.document if public else None, document, outcome_domain.words)
    document["why"] = [f"Re-opened: {reopened}", *lines] if reopened else lines
    rating = _save(tactic, outcome_domain, result, document)
    audit.record(
        "rating.proposed",
        subject=rating,
        by=by or audit.SYSTEM,
        detail={"tactic": tactic.slug, "label": rating.label, "held": rating.is_held},
    )
    if result.label not in NEEDS_SIGNATURES:
        _publish(rating)
    if rating.is_held:
        _post(rating, Bulletin.Kind.HELD, rating.headline)
    return rating


@transaction.atomic
def reopen(
    *, tactic: Tactic, outcome_domain: OutcomeDomain, finding_ids: set[str], said: str, by: User | None
) -> Rating:
    """The public rating is flagged where it rests on one of the findings, and a candidate waits for two reviewers.

    Called by the actions on findings, which have checked what `by` may do.
    """
    public = Rating.objects.public().filter(tactic=tactic, outcome_domain=outcome_domain).first()
    if public is None or finding_ids.isdisjoint(public.finding_ids):
        return propose(tactic=tactic, outcome_domain=outcome_domain, by=by)
    if public.needs_signatures:
        _post(public, Bulletin.Kind.REOPENED, said)
    return propose(tactic=tactic, outcome_domain=outcome_domain, by=by, reopened=said)


def _rated(
    tactic: Tactic, domain: OutcomeDomain, override: Override | None
) -> tuple[RatingResult, dict[str, Any]]:
    """Return what the rules say of all current findings today, and the document to keep."""
    today = timezone.localdate()
    findings = Finding.objects.current().filter(tactic=tactic, outcome_domain=domain)
    counts = tactic.registered_trials.all().counts(today)
    rules = rules_in_use()
    result = rate(
        [finding.rated_under(rules) for finding in findings],
        counts,
        today=today,
        rules=rules,
        override=override,
    )
    return result, {
        **result.as_json(),
        "registry": {"registered": counts.registered, "awaited": counts.awaited, "overdue": counts.overdue},
        "software_version": settings.CODE_VERSION,
    }


def _stands(newest: Rating, document: dict[str, Any], override: Override | None) -> bool:
    """Return whether the newest rating says it already: reviewers' one step of it stays while the evidence does."""
    if _says(newest.document) == _says(document):
        return True
    kept = Override.of(newest.document)
    if override is not None or kept is None:
        return False
    _, again = _rated(newest.tactic, newest.outcome_domain, kept)
    return _says(newest.document) == _says(again)


_BESIDE = frozenset({"software_version", "why"})


def _says(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a rating claims: where trials are pooled, how many others are registered is not part of it."""
    beside = _BESIDE if document["k"] == 0 else _BESIDE | {"registry"}
    return {name: value for name, value in document.items() if name not in beside}


def _post(rating: Rating, kind: str, said: str) -> None:
    bulletins.post(
        tactic=rating.tactic, outcome_domain=rating.outcome_domain, kind=kind, said=said, rating=rating
    )


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
    appraisals.keep(rating=rating, by=None)
    _post(rating, Bulletin.Kind.RATED, " ".join(rating.why))


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
