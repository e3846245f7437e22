"""A force writes what it does and sends it; somebody at the Centre outside that force accepts or declines it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted, Problem
from centre.models import Force, User
from centre.permissions import Permission, require
from centre.text import clean_text, personal_detail
from tactics.actions import tactics
from tactics.details import TacticDetails
from tactics.models import Practice, PracticeVersion, Tactic
from tactics.models import Problem as Topic
from tactics.practice import cleaned, missing


class StaleAccount(Conflict):
    """Somebody else saved since the form was opened."""


class WithTheCentre(Conflict):
    """The account has been sent: its words stand still until the Centre has answered."""


@transaction.atomic
def write(*, said: Mapping[str, Any], by: User, force: Force | None = None) -> Practice:
    """A draft stands, seen by the force and the Centre. Where the person works in one force it need not be named."""
    require(by, Permission.TACTIC_PROPOSE)
    force = force or by.forces.first()
    if force is None:
        raise NotPermitted(
            "An account of practice is a force's own: somebody who works in the force writes it."
        )
    require(by, Permission.TACTIC_PROPOSE, on=force)
    made: Practice = Practice.objects.create(
        force=force, answers=_cleaned(said), written_at=timezone.now(), written_by=by
    )
    audit.record("practice.written", subject=made, by=by, detail={"force": force.slug})
    return made


@transaction.atomic
def save(*, practice: Practice, said: Mapping[str, Any], edition: int, by: User) -> Practice:
    """The draft says what `said` says. `edition` is the one that the writer had before them."""
    stored = _own(practice, by)
    answers = _cleaned(said)
    if stored.edition != edition:
        raise StaleAccount(
            "Somebody else has saved this account since you opened it. What you wrote is below and is not saved yet: "
            "saving again puts it in place of theirs."
        )
    changed = sorted(name for name, answer in answers.items() if answer != stored.answers.get(name))
    if not changed:
        return stored
    stored.answers = answers
    stored.edition += 1
    stored.save()
    audit.record("practice.saved", subject=stored, by=by, detail={"changed": changed})
    return stored


@transaction.atomic
def send(*, practice: Practice, by: User) -> Practice:
    """The account waits for the Centre, and nobody changes it meanwhile."""
    stored = _own(practice, by)
    if gaps := missing(stored.answers):
        raise Invalid("The account is not complete yet", gaps)
    newest = stored.versions.first()
    if newest is not None and newest.answers == stored.answers:
        raise Conflict(f"Nothing has changed since version {newest.number}.")
    stored.sent_at, stored.sent_by, stored.changes_asked = timezone.now(), by, ""
    stored.declined_at, stored.declined_by, stored.declined_because = None, None, ""
    stored.save()
    audit.record("practice.sent", subject=stored, by=by, detail={"edition": stored.edition})
    return stored


@transaction.atomic
def ask_for_changes(*, practice: Practice, because: str, by: User) -> Practice:
    """The account is with its force again, which reads what should change."""
    stored = _to_review(practice, by)
    stored.changes_asked = _reason("because", because, "Say what should change")
    stored.sent_at = stored.sent_by = None
    stored.save()
    audit.record("practice.changes_asked", subject=stored, by=by)
    return stored


@transaction.atomic
def decline(*, practice: Practice, because: str, by: User) -> Practice:
    """The account does not go on a page, and its force reads why. It may be changed and sent again."""
    stored = _to_review(practice, by)
    stored.declined_because = _reason("because", because, "Say why it is declined")
    stored.declined_at, stored.declined_by = timezone.now(), by
    stored.sent_at = stored.sent_by = None
    stored.save()
    audit.record("practice.declined", subject=stored, by=by)
    return stored


@transaction.atomic
def accept(
    *,
    practice: Practice,
    tactic: Tactic | None,
    repeatable: str,
    repeatable_because: str,
    edition: int,
    by: User,
) -> PracticeVersion:
    """The account stands on the tactic's page, as the force's own words. Without one, a draft tactic is made of it."""
    stored = _to_review(practice, by)
    problems = []
    if repeatable not in PracticeVersion.Repeatable.values:
        problems.append(Problem("repeatable", "Say whether another force could repeat it"))
    because = ""
    try:
        because = _reason("repeatable_because", repeatable_because, "Say what another force would need", 600)
    except Invalid as refusal:
        problems += refusal.problems
    if tactic is not None and tactic.is_simulated != stored.force.is_sample:
        problems.append(
            Problem(
                "tactic", "Choose another tactic: what is invented and what is real do not stand on one page"
            )
        )
    if problems:
        raise Invalid("There is a problem with the answer", problems)
    if stored.edition != edition or stored.sent_at is None or stored.sent_by is None:
        raise StaleAccount("The account has changed since you read it. Read it again.")
    newest = stored.versions.first()
    made: PracticeVersion = PracticeVersion.objects.create(
        practice=stored,
        tactic=tactic or _new_tactic(stored, by),
        number=newest.number + 1 if newest else 1,
        answers=stored.answers,
        sent_at=stored.sent_at,
        sent_by=stored.sent_by,
        repeatable=repeatable,
        repeatable_because=because,
        accepted_at=timezone.now(),
        accepted_by=by,
    )
    stored.sent_at = stored.sent_by = None
    stored.save()
    detail = {"tactic": made.tactic.slug, "number": made.number, "repeatable": repeatable}
    audit.record("practice.accepted", subject=stored, by=by, detail=detail)
    return made


def _new_tactic(practice: Practice, by: User) -> Tactic:
    """Make a draft of what the account says. It claims nothing: its effect and costs are for others to find out."""
    said = practice.answers
    details = TacticDetails(
        name=said["title"],
        summary=said["summary"],
        problems=tuple(said["topics"]),
        problem_text=said["aim"],
        moderators=said["eligibility"],
        implementation=said["description"],
        population=said["target_group"],
        focus=said["focus"],
        stage=said["stage"],
        contact=said["contact"],
    )
    return tactics.propose(details=details, force=practice.force, by=by)


def _cleaned(said: Mapping[str, Any]) -> dict[str, Any]:
    return cleaned(said, set(Topic.objects.values_list("slug", flat=True)))


def _own(practice: Practice, by: User) -> Practice:
    stored: Practice = _locked(practice)
    require(by, Permission.TACTIC_PROPOSE, on=stored)
    if stored.force_id not in by.force_ids:
        raise NotPermitted(
            "An account of practice is a force's own: somebody who works in the force changes it."
        )
    if stored.is_sent:
        raise WithTheCentre("The account is with the Centre. It can be changed once the Centre has answered.")
    return stored


def _to_review(practice: Practice, by: User) -> Practice:
    require(by, Permission.PRACTICE_REVIEW)
    stored = _locked(practice)
    if stored.force_id in by.force_ids:
        raise NotPermitted(
            "You work in the force whose account this is. Somebody else at the Centre must check it."
        )
    if not stored.is_sent:
        raise Conflict("The account has not been sent, or has been answered already.")
    return stored


def _locked(practice: Practice) -> Practice:
    rows = Practice.objects.select_for_update(of=("self",)).select_related("force", "sent_by")
    found: Practice = rows.get(pk=practice.pk)
    return found


def _reason(field: str, text: str, required: str, maximum: int = 3_000) -> str:
    try:
        found = clean_text(text, label="Reason", maximum=maximum, multiline=True, required=required)
    except Invalid as refusal:
        raise Invalid.field(field, refusal.message) from None
    if detail := personal_detail(found):
        raise Invalid.field(field, f"This looks like personal data: remove {detail}")
    return found
