"""Two reviewers score how well a part of a tactic's page is founded, each alone; who differ find one score."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, Problem
from centre.models import User
from centre.permissions import Permission, has_permission, require
from centre.text import clean_text, personal_detail
from tactics.emmie import BEST, DIMENSIONS, MODERATED, OWN, Standing
from tactics.models import QualityScore, Tactic, standings

LONGEST = 1_000


class NotIndependent(Conflict):
    """The reviewer proposed the tactic, or belongs to a trial of it."""


class RoundIsFull(Conflict):
    """Two reviewers have scored; a third opinion has no place until they have agreed."""


@transaction.atomic
def score(*, tactic: Tactic, dimension: str, score: int | None, reason: str, by: User) -> QualityScore:
    """The reviewer's score is in. The first one opens a round, the second sees both."""
    now = _locked(tactic, dimension, by)
    if now.has_scored(by.pk):
        raise Conflict("You have scored this already. A second reviewer must score it now.")
    if now.differ:
        raise RoundIsFull("Two reviewers have scored this, and differ. They agree on one score first.")
    number = now.last_round if now.open else now.last_round + 1
    return _save(tactic, dimension, number, OWN, score, reason, by)


@transaction.atomic
def moderate(*, tactic: Tactic, dimension: str, score: int | None, reason: str, by: User) -> QualityScore:
    """One of the two who differ says on what score both can stand. It counts once the other has said the same."""
    now = _locked(tactic, dimension, by)
    if not now.differ:
        raise Conflict("Nothing waits to be agreed on here: two scores that differ come first.")
    if not now.has_scored(by.pk):
        raise RoundIsFull("The two reviewers who differ agree on one score.")
    return _save(tactic, dimension, now.last_round, MODERATED, score, reason, by)


def may_score(tactic: Tactic, by: User) -> bool:
    """Return whether a page may offer it: a reviewer who neither proposed the tactic nor tries it."""
    return has_permission(by, Permission.RATING_SIGN) and tactic.is_published and not _belongs(tactic, by)


def _locked(tactic: Tactic, dimension: str, by: User) -> Standing:
    require(by, Permission.RATING_SIGN)
    if dimension not in DIMENSIONS:
        raise Invalid.field("dimension", "Choose what is scored")
    # One at a time for a tactic: of two scores at once, each must see whether it is the second.
    stored = Tactic.objects.select_for_update().get(pk=tactic.pk)
    if not stored.is_published:
        raise Conflict("A draft is not scored: it is published first.")
    if _belongs(stored, by):
        raise NotIndependent(
            "You proposed this tactic or belong to a trial of it. A reviewer outside must score it."
        )
    return standings(stored.quality_scores.select_related("by"))[dimension]


def _belongs(tactic: Tactic, by: User) -> bool:
    teams = tactic.findings.values_list("conflicted_user_ids", flat=True)
    return tactic.proposed_by_id == by.pk or any(by.pk in people for people in teams)


def _save(
    tactic: Tactic, dimension: str, number: int, step: str, score: int | None, reason: str, by: User
) -> QualityScore:
    number_said, said = _cleaned(score, reason)
    made: QualityScore = QualityScore.objects.create(
        tactic=tactic,
        tactic_version=Tactic.objects.values_list("version", flat=True).get(pk=tactic.pk),
        dimension=dimension,
        round=number,
        step=step,
        score=number_said,
        reason=said,
        at=timezone.now(),
        by=by,
    )
    # Not the score: the log is read by others while the second reviewer must not know it.
    audit.record(
        "quality.scored",
        subject=tactic,
        by=by,
        detail={"dimension": dimension, "round": number, "step": step},
    )
    return made


def _cleaned(score: int | None, reason: str) -> tuple[int, str]:
    problems = []
    if score is None or not 0 <= score <= BEST:
        problems.append(Problem("score", f"Choose a score from 0 to {BEST}"))
    said = ""
    try:
        said = clean_text(reason, label="Reason", maximum=LONGEST, multiline=True, required="Enter a reason")
    except Invalid as refusal:
        problems.append(Problem("reason", refusal.message))
    if detail := personal_detail(said):
        problems.append(Problem("reason", f"This looks like personal data: remove {detail}"))
    if problems or score is None:
        raise Invalid("There is a problem with the score", problems)
    return score, said
