"""A case is found eligible, registered and given its arm, in one transaction; what was delivered instead is a row."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from centre import audit, imprints
from centre.errors import Conflict, Invalid, NotFound, NotPermitted, Problem, Refusal
from centre.models import Force, User
from centre.permissions import Permission, require
from centre.text import is_blank, personal_detail, tidied
from experiments.actions import sequence_head
from experiments.actions.sequence_head import SequenceHead
from experiments.lifecycle import Conduct
from experiments.models import (
    Allocation,
    AllocationSeed,
    Assignment,
    Enrolment,
    Override,
    Registration,
    TeamMember,
    Trial,
    Unit,
)
from experiments.protocol import section_from_json
from experiments.protocol.text import text_problems
from experiments.randomise import trickle
from experiments.randomise.engine import key as draw_key_of
from experiments.randomise.units import unacceptable

LONGEST_CASE = 60
LONGEST_NOTE = 500
_OPEN = (Conduct.ALLOCATED, Conduct.DELIVERING)
_OVERRIDABLE = (*_OPEN, Conduct.SUSPENDED, Conduct.FOLLOW_UP)


class NotEligible(Invalid):
    """A registered condition does not hold. Nothing was registered."""

    code = "not_eligible"
    title = "This case is not eligible"


class AlreadyEnrolled(Conflict):
    """A case is enrolled once, and has its arm."""

    code = "already_enrolled"


class InAnotherTrial(Conflict):
    """The case is in another running trial of the force, which the protocol does not name."""

    code = "in_another_trial"


class EnrolmentClosed(Conflict):
    """No case can be enrolled in this state of the trial."""


class KeyUsed(Refusal):
    """The key of an enrolment came again with other answers."""

    status = 422
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request"


class AnalystCannotEnrol(NotPermitted):
    """Who analyses a trial, or keeps its sequence, sees no arm as it is given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent of one case. `include` and `exclude` answer the registered conditions in their order."""

    case: str
    include: Sequence[bool | None]
    exclude: Sequence[bool | None]
    levels: Mapping[str, str]
    key: str
    force: str = ""
    source: str = Enrolment.Source.PAGE
    source_ip: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The enrolment, and whether it was made by an earlier request with the same key."""

    enrolment: Enrolment
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that can be read and decided before the cases of the trial are asked to wait."""

    trial: Trial
    allocation: Allocation
    scheme: trickle.TrickleScheme
    draw_key: bytes
    asked: Asked
    by: User
    confirmed_at: datetime


@transaction.atomic
def enrol(*, trial: Trial, asked: Asked, by: User) -> Enrolled:
    """The case is registered and has its arm, for ever.

    What can be checked is checked first. Then the trial's row is locked until the end (on SQLite the whole database
    is), so that each case sees all before it: only what other cases, the trial's state and an amendment decide is
    asked under the lock.
    """
    confirmed_at = timezone.now()
    may_enrol(trial, by)
    own = _own_forces(trial, by)
    # Whoever may enrol is of a force of the trial, and so may know of it: no need to ask again.
    kept = AllocationSeed.objects.select_related("allocation").filter(allocation__trial=trial).first()
    if kept is None or not kept.allocation.is_one_by_one:
        raise EnrolmentClosed("The sequence is not open yet: the allocation custodian opens it.")
    allocation = kept.allocation
    allocation.trial = trial
    _require_no_custodian(allocation, by)
    scheme, key = allocation.trickle_scheme, draw_key_of(kept.seed)
    ready = _Prepared(trial, allocation, scheme, key, _tidied(asked), by, confirmed_at)
    try:
        force = _force(own, ready.asked)
        registration = _eligible(ready)
        _require_nowhere_else(ready, force)
    except Refusal:
        # A repeat gets its answer, and a case that has its arm is told so, before anything else is wrong with it.
        if repeat := _earlier(ready):
            return repeat
        _require_open(Trial.objects.get(pk=trial.pk))
        raise
    locked = Trial.objects.select_for_update().only("conduct_state").get(pk=trial.pk)
    newest = sequence_head.read(allocation, scheme, case=ready.asked.case, by=by, key=ready.asked.key)
    if newest.is_known and (repeat := _earlier(ready)):
        return repeat
    _require_open(locked)
    if newest.registration_id != registration.pk:  # amended while this case waited
        registration = _eligible(ready)
    enrolment = _enrol(ready, newest, registration, force)
    detail = {"position": enrolment.position, "hash": enrolment.assignment.hash}
    audit.record("case.enrolled", subject=trial, by=by, detail=detail)
    return Enrolled(enrolment)


@transaction.atomic
def override(*, enrolment: Enrolment, delivered: str, reason: str, note: str = "", by: User) -> Override:
    """What was delivered is on the record beside the arm, which stays as it was assigned."""
    found = Enrolment.objects.visible_to(by).filter(pk=enrolment.pk).for_list().first()
    if found is None:
        raise NotFound("There is no such case.")
    may_enrol(found.allocation.trial, by)
    trial = Trial.objects.for_action(found.allocation.trial, by)
    if trial.conduct_state not in _OVERRIDABLE:
        raise Conflict("The data are locked: what was delivered can no longer change.")
    assigned = found.assignment.arm
    _check_override(found, delivered, reason, note)
    made = Override.objects.create(
        assignment=found.assignment,
        assigned=assigned,
        delivered=delivered,
        reason=reason,
        note=tidied(note),
        by=by,
        at=timezone.now(),
    )
    detail = {"enrolment": str(found.public_id), "override": str(made.public_id), "reason": reason}
    audit.record("case.overridden", subject=trial, by=by, detail=detail)
    return made


def may_enrol(trial: Trial, by: User) -> None:
    """Raise `NotPermitted` unless the person is of a force of the trial and not its analyst."""
    require(by, Permission.CASE_ENROL, on=trial)
    if by.trial_teams.filter(trial=trial, role=TeamMember.Role.ANALYST).exists():
        raise AnalystCannotEnrol("The analyst of a trial cannot enrol cases in it, nor see them.")


def _require_no_custodian(allocation: Allocation, by: User) -> None:
    if by.pk in (allocation.committed_by_id, allocation.drawn_by_id):
        raise AnalystCannotEnrol("The custodian of the sequence cannot enrol cases in the trial.")


def _tidied(asked: Asked) -> Asked:
    case = tidied(asked.case)
    message = ""
    if is_blank(case):
        message = "Enter the id of the case"
    elif len(case) > LONGEST_CASE:
        message = f"The id of a case must be {LONGEST_CASE} characters or fewer"
    elif reason := unacceptable(case):
        message = f"The id of the case {reason}"
    elif detail := personal_detail(case):
        message = f"This looks like personal data: remove {detail}"
    if message:
        raise Invalid.field("/case", message)
    return Asked(
        case,
        list(asked.include),
        list(asked.exclude),
        {name: tidied(level) for name, level in asked.levels.items()},
        asked.key,
        asked.force,
        asked.source,
        asked.source_ip,
    )


def _earlier(ready: _Prepared) -> Enrolled | None:
    """Return the enrolment that this very request made before; refuse a case or a key that another has."""
    asked, by = ready.asked, ready.by
    same = ready.allocation.enrolments.for_list().filter(
        Q(unit__code=asked.case) | Q(confirmed_by=by, key=asked.key)
    )
    rows = list(same.order_by("position"))
    for row in rows:
        if row.key == asked.key and row.confirmed_by_id == by.pk:
            if _is_same(row, asked):
                return Enrolled(row, is_repeat=True)
            raise KeyUsed("This key came first with another case or other answers; use a new key.")
    for row in rows:
        raise AlreadyEnrolled(_when(row, by))
    return None


def _is_same(row: Enrolment, asked: Asked) -> bool:
    answers = {"include": list(asked.include), "exclude": list(asked.exclude)}
    is_same_force = not asked.force or (row.unit.force is not None and row.unit.force.slug == asked.force)
    return (
        row.unit.code == asked.case
        and row.answers == answers
        and row.levels == dict(asked.levels)
        and is_same_force
    )


def _when(row: Enrolment, by: User) -> str:
    if row.unit.force_id not in by.force_ids:
        return "Another force has used this id in the trial. Put the short name of your force before it."
    at = timezone.localtime(row.confirmed_at)
    return f"Case {row.unit.code} was enrolled on {at:%-d %B %Y at %H:%M} and has its arm. A case is enrolled once."


def _require_open(trial: Trial) -> None:
    if trial.conduct_state in _OPEN:
        return
    if trial.conduct_state == Conduct.SUSPENDED:
        raise EnrolmentClosed("The trial is suspended: no case can be enrolled until it goes on.")
    raise EnrolmentClosed("Enrolment has ended in this trial.")


def _own_forces(trial: Trial, by: User) -> list[Force]:
    concerned = trial.force_ids
    forces = {held.force_id: held.force for held in by.memberships_held() if held.force_id in concerned}
    return [force for force in forces.values() if force is not None]


def _force(own: list[Force], asked: Asked) -> Force:
    if asked.force:
        own = [force for force in own if force.slug == asked.force]
    if len(own) != 1:
        raise Invalid.field("/force", "Say which of your forces in this trial the case belongs to")
    return own[0]


def _eligible(ready: _Prepared) -> Registration:
    """Return the version in force, after asking its conditions; the rest of the protocol is not read."""
    found: Any = (
        ready.trial.registrations.order_by("-major", "-minor")
        .annotate(conditions=F("protocol__eligibility"))
        .only("major", "minor", "trial")
        .first()
    )
    if found is None:
        raise EnrolmentClosed("Freeze the protocol first")
    read = section_from_json("eligibility", found.conditions)
    _check(ready, read.include, read.exclude)
    registration: Registration = found
    return registration


def _require_nowhere_else(ready: _Prepared, force: Force) -> None:
    """Refuse a case of another running trial of its force, unless the protocol in force names that trial."""
    case, trial = ready.asked.case, ready.trial
    other = Unit.objects.elsewhere(trial, [case], [force]).get(case)
    if other is None or other.number in (trial.protocol.get("design") or {}).get("concurrent_trials", ()):
        return
    is_seen = Trial.objects.visible_to(ready.by).filter(pk=other.pk).exists()
    where = f"trial {other.number}" if is_seen else "another trial"
    raise InAnotherTrial(
        f"Case {case} is in {where} of your force already. It can be in both only where this protocol names the other."
    )


def _check(ready: _Prepared, include: Sequence[str], exclude: Sequence[str]) -> None:
    asked = ready.asked
    problems = [
        *_unanswered("include", include, asked.include),
        *_unanswered("exclude", exclude, asked.exclude),
        *(
            Problem(f"/levels/{found.field}", found.message)
            for found in trickle.level_problems(ready.scheme, asked.levels)
        ),
    ]
    if problems:
        raise Invalid(problems[0].message, problems)
    failed = [
        Problem(f"/include/{place}", f"Not eligible: this must be so: {text}")
        for place, (text, answer) in enumerate(zip(include, asked.include, strict=True))
        if not answer
    ] + [
        Problem(f"/exclude/{place}", f"Not eligible: this must not be so: {text}")
        for place, (text, answer) in enumerate(zip(exclude, asked.exclude, strict=True))
        if answer
    ]
    if failed:
        raise NotEligible(failed[0].message, failed)


def _unanswered(name: str, conditions: Sequence[str], answers: Sequence[bool | None]) -> list[Problem]:
    if len(answers) != len(conditions):
        return [
            Problem(f"/{name}", f"The protocol has {len(conditions)} conditions here; answer each, in order")
        ]
    return [
        Problem(f"/{name}/{place}", f"Say whether this is so: {text}")
        for place, (text, answer) in enumerate(zip(conditions, answers, strict=True))
        if not isinstance(answer, bool)
    ]


def _enrol(ready: _Prepared, newest: SequenceHead, registration: Registration, force: Force) -> Enrolment:
    """Give the next case its arm and write its rows; the trial is locked."""
    allocation, asked = ready.allocation, ready.asked
    step = trickle.allot(ready.scheme, ready.draw_key, asked.levels, newest.tally.past(asked.levels))
    newest.tally.follow(asked.levels, step)
    with imprints.together():  # the next case waits for each question to the database
        unit = Unit.objects.create(allocation=allocation, code=asked.case, stratum=step.stratum, force=force)
        enrolment = Enrolment(
            allocation=allocation,
            registration=registration,
            unit=unit,
            position=newest.position + 1,
            answers={"include": list(asked.include), "exclude": list(asked.exclude)},
            levels=dict(asked.levels),
            tally=newest.tally.as_json(),
            confirmed_by=ready.by,
            confirmed_at=ready.confirmed_at,
            latency_ms=round((timezone.now() - ready.confirmed_at).total_seconds() * 1000),
            source=asked.source,
            source_ip=asked.source_ip,
            key=asked.key,
            salt=secrets.token_hex(32),
        )
        record = {**step.record, "facts_sha256": enrolment.facts_sha256}
        enrolment.assignment = Assignment.objects.create(
            allocation=allocation,
            unit=asked.case,
            force=force,
            stratum=step.stratum,
            tag=step.tag,
            arm=step.arm,
            record=record,
            previous_hash=newest.hash,
            hash=trickle.entry_sha256(newest.hash, record),
        )
        enrolment.save()
    return enrolment


def _check_override(enrolment: Enrolment, delivered: str, reason: str, note: str) -> None:
    problems: list[Problem] = []
    arms: Any = enrolment.allocation.trickle_scheme.shares
    if delivered and delivered not in arms:
        problems.append(Problem("/delivered", f"Choose one of the arms: {', '.join(arms)}"))
    elif delivered == enrolment.assignment.arm and not enrolment.assignment.overrides.exists():
        message = "That is the arm the case was assigned: there is nothing to record"
        problems.append(Problem("/delivered", message))
    if reason not in Override.Reason.values:
        problems.append(Problem("/reason", f"Choose one of: {', '.join(Override.Reason.values)}"))
    problems += text_problems("/note", note, label="The note", max_length=LONGEST_NOTE)
    if problems:
        raise Invalid(problems[0].message, problems)
