"""A registration is withdrawn before anything began: the team asks, the registrar and the director approve."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, require, require_any
from centre.text import is_blank, tidied
from experiments.actions import library, steps
from experiments.actions.trials import require_author
from experiments.lifecycle import Conduct, Fact, Registration, TransitionRefused
from experiments.models import Trial, Withdrawal
from experiments.protocol.text import require_nothing_personal

APPROVERS = (Permission.TRIAL_DIRECT, Permission.TRIAL_REGISTER)


class SecondPerson(NotPermitted):
    """Each of the three is somebody else."""


@transaction.atomic
def request(*, trial: Trial, reason: str, by: User) -> Withdrawal:
    """The team wants to withdraw: the registrar and the director are asked."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_SUBMIT, on=trial)
    require_author(trial, by)
    asked = _begin(trial, reason, by)
    audit.record("withdrawal.requested", subject=trial, by=by, detail={"reason": asked.reason})
    return asked


@transaction.atomic
def force(*, trial: Trial, reason: str, by: User) -> Withdrawal:
    """The director takes a trial off the register alone."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_DIRECT, on=trial)
    if asked := waiting(trial):
        _close(asked, "Overtaken: the director withdraws the registration.", by)
    made = _begin(trial, reason, by, is_forced=True)
    _withdraw(trial, made, by, Permission.TRIAL_DIRECT)
    return made


@transaction.atomic
def approve(*, trial: Trial, by: User) -> Withdrawal:
    """The registrar or the director agrees; with the second of them the registration is withdrawn."""
    trial = Trial.objects.for_action(trial, by)
    using = require_any(by, APPROVERS, on=trial)
    asked = _open(trial)
    post = "director" if using is Permission.TRIAL_DIRECT else "manager"
    if by.pk in (asked.requested_by_id, asked.manager_by_id, asked.director_by_id):
        raise SecondPerson("A second person must clear this: you asked for it, or have approved it.")
    if getattr(asked, f"{post}_at"):
        raise Conflict(f"The {'registrar' if post == 'manager' else post} has approved it already.")
    setattr(asked, f"{post}_at", timezone.now())
    setattr(asked, f"{post}_by", by)
    asked.save(update_fields=[f"{post}_at", f"{post}_by"])
    if asked.is_approved:
        _withdraw(trial, asked, by, using)
    else:
        audit.record("withdrawal.approved", subject=trial, by=by, detail={"as": post})
    return asked


@transaction.atomic
def refuse(*, trial: Trial, reason: str, by: User) -> Withdrawal:
    """The registration stands: the registrar or the director said no."""
    trial = Trial.objects.for_action(trial, by)
    require_any(by, APPROVERS, on=trial)
    asked = _open(trial)
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why it is refused")
    _close(asked, reason, by)
    audit.record("withdrawal.refused", subject=trial, by=by, detail={"reason": asked.refusal})
    return asked


def waiting(trial: Trial) -> Withdrawal | None:
    """Return the request that waits for an approval."""
    found: Withdrawal | None = trial.withdrawals.filter(refused_at=None).first()
    return found if found and found.is_open else None


def _begin(trial: Trial, reason: str, by: User, *, is_forced: bool = False) -> Withdrawal:
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why")
    require_nothing_personal("/reason", reason)
    if trial.registration_state != Registration.REGISTERED:
        raise TransitionRefused(Fact.REGISTERED.value)
    if trial.conduct_state != Conduct.NOT_STARTED:
        raise TransitionRefused(Fact.NOT_STARTED_YET.value)
    if waiting(trial):
        raise Conflict("A request to withdraw this trial waits already.")
    now = timezone.now()
    approval = {"is_forced": True, "director_at": now, "director_by": by} if is_forced else {}
    return Withdrawal.objects.create(
        trial=trial, reason=tidied(reason), requested_at=now, requested_by=by, **approval
    )


def _open(trial: Trial) -> Withdrawal:
    found = waiting(trial)
    if found is None:
        raise Conflict("Nobody has asked to withdraw this trial.")
    return found


def _close(asked: Withdrawal, reason: str, by: User) -> None:
    asked.refused_at, asked.refused_by, asked.refusal = timezone.now(), by, tidied(reason)
    asked.save(update_fields=["refused_at", "refused_by", "refusal"])


def _withdraw(trial: Trial, asked: Withdrawal, by: User, using: Permission) -> None:
    facts = {
        Fact.REASON: True,
        Fact.NOT_STARTED_YET: trial.conduct_state == Conduct.NOT_STARTED,
        Fact.APPROVED_BY_TWO: asked.is_approved,
    }
    trial.state_reason = asked.reason
    hashed = trial.registration.sha256 if trial.registration else ""
    for after, event in ((Registration.WITHDRAWN, "trial.withdrawn"), (Conduct.NEVER_STARTED, "trial.moved")):
        steps.take(
            trial,
            after,
            facts=facts,
            by=by,
            using=using,
            event=event,
            reason=asked.reason,
            object_sha256=hashed,
        )
    library.note(trial, by)
