"""The team may object to an approved change within 48 hours; then a reviewer looks at it again."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments.actions import turns
from experiments.actions.amendments import put_in_force
from experiments.actions.reviews import is_own
from experiments.models import Amendment, Objection, Trial


@transaction.atomic
def record(*, amendment: Amendment, reason: str, by: User) -> Objection:
    """The change does not come into force by itself: a reviewer has to answer."""
    trial = Trial.objects.for_action(amendment.trial, by)
    if not may_object(trial, amendment, by):
        raise NotPermitted("Those in the team of this trial who did not propose the change can object to it.")
    amendment = Amendment.objects.select_for_update(of=("self",)).get(pk=amendment.pk)
    if amendment.objected:
        raise Conflict("Somebody has objected already; a reviewer answers.")
    ends = amendment.in_force_from
    if ends is None or not amendment.is_pending or timezone.now() >= ends:
        raise Conflict("An approved change can be objected to for 48 hours.")
    if is_blank(reason):
        raise Invalid.field("/reason", "Say what is wrong with it")
    made = Objection.objects.create(amendment=amendment, reason=tidied(reason), by=by, at=timezone.now())
    detail = {"amendment": str(amendment.public_id), "reason": made.reason}
    audit.record("amendment.objected", subject=trial, by=by, detail=detail)
    return made


@transaction.atomic
def answer(*, amendment: Amendment, answer: str, comment: str, by: User) -> Objection:
    """A reviewer upholds the objection, and the change falls; or overrules it, and the change is in force."""
    turns.wait()
    trial = Trial.objects.for_action(amendment.trial, by)
    require(by, Permission.AMENDMENT_DECIDE, on=trial)
    if by.pk == amendment.proposed_by_id or is_own(trial, by):
        raise NotPermitted("A second person must clear this: you belong to the team of this trial.")
    if answer not in Objection.Answer.values:
        raise Invalid.field("/answer", "Choose uphold or overrule")
    if is_blank(comment):
        raise Invalid.field("/comment", "Say why")
    made: Objection | None = Objection.objects.select_for_update().filter(amendment=amendment).first()
    if made is None or made.answered_at:
        raise Conflict("There is no objection that waits for an answer.")
    made.answer, made.answer_comment = answer, tidied(comment)
    made.answered_at, made.answered_by = timezone.now(), by
    made.save(update_fields=list(Objection.frozen_except))
    # Before any event: what waits for another trial's row must not yet hold the log.
    if answer == Objection.Answer.OVERRULE:
        put_in_force(amendment=Amendment.objects.select_related("trial").get(pk=amendment.pk), by=by)
    detail = {"amendment": str(amendment.public_id), "answer": answer}
    audit.record("amendment.objection_answered", subject=trial, by=by, detail=detail)
    return made


def may_object(trial: Trial, amendment: Amendment, by: User) -> bool:
    """Return whether the person works on the trial and did not propose the change."""
    works = is_own(trial, by) or trial.lead_force_id in by.force_ids
    return works and by.pk != amendment.proposed_by_id
