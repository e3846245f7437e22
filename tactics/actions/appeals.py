"""A force or a trial's team appeals against a public rating; two others answer; everybody can read it."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import FORCE_ROLES, Permission, require
from centre.text import clean_text, personal_detail
from tactics.actions import bulletins, ratings
from tactics.models import Appeal, AppealAnswer, Bulletin, Finding, Rating

LONGEST = 3_000


def standing(rating: Rating, by: User) -> str:
    """Return for whom the person may appeal: their force, or the team of a trial; empty where for nobody."""
    teams = Finding.objects.filter(pk__in=rating.finding_ids).order_by("study_label")
    for finding in teams:
        if by.pk in finding.conflicted_user_ids:
            return f"the team of “{finding.study_label}”"
    held = [one for one in by.memberships_held() if one.role in FORCE_ROLES and one.force]
    return str(held[0].force) if held and by.is_active else ""


@transaction.atomic
def make(*, rating: Rating, grounds: str, by: User) -> Appeal:
    """The appeal is on the record, for everybody to read. The rating stands until two others have answered."""
    rating = Rating.objects.visible_to(by).select_for_update(of=("self",)).get(pk=rating.pk)
    on_behalf_of = standing(rating, by)
    if not on_behalf_of:
        raise NotPermitted("A force, or the team of a trial that the rating rests on, can appeal.")
    if not rating.is_current:
        raise Conflict("Only the rating that is public now can be appealed against.")
    if any(not one.decision for one in rating.appeals.prefetch_related("answers")):
        raise Conflict("An appeal against this rating is open already: it is answered first.")
    made: Appeal = Appeal.objects.create(
        rating=rating,
        grounds=_public_text("grounds", "What is wrong with the rating", grounds),
        on_behalf_of=on_behalf_of,
        at=timezone.now(),
        by=by,
    )
    _post(made, f"An appeal of {on_behalf_of} against the rating waits for two people's answer.")
    audit.record("appeal.made", subject=rating, by=by, detail={"appeal": str(made.public_id)})
    return made


@transaction.atomic
def answer(*, appeal: Appeal, decision: str, reason: str, by: User) -> AppealAnswer:
    """One person's answer is on the record; two alike decide. An appeal that is upheld re-opens the rating."""
    require(by, Permission.APPEAL_ANSWER)
    # One answer at a time. The rating is locked, for an appeal is frozen whole and cannot be.
    Rating.objects.select_for_update().get(pk=appeal.rating_id)
    appeal = Appeal.objects.select_related("rating").get(pk=appeal.pk)
    if appeal.decision:
        raise Conflict(f"This appeal is decided: {appeal.decision_words.lower()}.")
    _require_another(appeal, by)
    if decision not in AppealAnswer.Decision.values:
        raise Invalid.field("decision", "Choose upheld or dismissed")
    made = AppealAnswer.objects.create(
        appeal=appeal,
        decision=decision,
        reason=_public_text("reason", "Reason", reason),
        at=timezone.now(),
        by=by,
    )
    appeal = Appeal.objects.prefetch_related("answers").select_related("rating").get(pk=appeal.pk)
    detail = {"appeal": str(appeal.public_id), "decision": decision, "decided": appeal.decision}
    audit.record("appeal.answered", subject=appeal.rating, by=by, detail=detail)
    if appeal.decision:
        _decide(appeal)
    return made


def may_answer(appeal: Appeal, by: User) -> bool:
    """Return whether the person is one of the others: no appellant, no signatory, no member of a trial's team."""
    try:
        require(by, Permission.APPEAL_ANSWER)
        _require_another(appeal, by)
    except NotPermitted:
        return False
    return not appeal.decision


def _require_another(appeal: Appeal, by: User) -> None:
    rating = appeal.rating
    if by.pk == appeal.by_id or rating.signatures.filter(reviewer=by).exists():
        raise NotPermitted("Somebody else must answer: you made the appeal, or signed the rating.")
    teams = Finding.objects.filter(pk__in=rating.finding_ids).values_list("conflicted_user_ids", flat=True)
    if any(by.pk in people for people in teams):
        raise NotPermitted("Somebody else must answer: you belong to a trial that this rating rests on.")
    if appeal.answers.filter(by=by).exists():
        raise NotPermitted("You have answered already. A second person must answer too.")


def _decide(appeal: Appeal) -> None:
    rating, upheld = appeal.rating, appeal.decision == AppealAnswer.Decision.UPHELD
    if not upheld:
        _post(appeal, f"The appeal of {appeal.on_behalf_of} was dismissed by two people: the rating stands.")
        return
    _post(appeal, f"The appeal of {appeal.on_behalf_of} was upheld by two people.")
    ratings.reopen(
        tactic=rating.tactic,
        outcome_domain=rating.outcome_domain,
        finding_ids=set(rating.finding_ids),
        said=f"An appeal of {appeal.on_behalf_of} was upheld.",
        by=None,
    )


def _post(appeal: Appeal, said: str) -> None:
    rating = appeal.rating
    bulletins.post(
        tactic=rating.tactic,
        outcome_domain=rating.outcome_domain,
        kind=Bulletin.Kind.APPEAL,
        said=said,
        rating=rating,
    )


def _public_text(field: str, label: str, text: str) -> str:
    try:
        found = clean_text(
            text, label=label, maximum=LONGEST, multiline=True, required=f"Enter {label.lower()}"
        )
    except Invalid as refusal:
        raise Invalid.field(field, refusal.message) from refusal
    if detail := personal_detail(found):
        raise Invalid.field(field, f"This looks like personal data: remove {detail}")
    return found
