"""A standard is withdrawn by two people: one says why it should end, another ends it or keeps it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.hub.actions.wording import cleaned
from centre.models import Standard, StandardWithdrawal, User
from centre.permissions import Permission, require

_EVENTS = {
    StandardWithdrawal.Decision.WITHDRAWN: "standard.withdrawn",
    StandardWithdrawal.Decision.KEPT: "standard.kept",
}


@transaction.atomic
def propose(*, standard: Standard, reason: str, by: User) -> StandardWithdrawal:
    """The newest adopted version, and every one before it, waits for a second person to end it."""
    require(by, Permission.HUB_KEEP)
    newest = _newest(standard.key)
    if newest is None:
        raise Conflict("It is not adopted: only what holds, or will hold, is withdrawn.")
    said = cleaned("reason", reason, label="The reason", maximum=600, required="Say why it is withdrawn")
    before = newest.withdrawals.exclude(decision=StandardWithdrawal.Decision.KEPT).first()
    if before:
        raise Conflict(
            "Its withdrawal waits for a decision." if before.is_open else "It is withdrawn already."
        )
    try:
        with transaction.atomic():
            made: StandardWithdrawal = StandardWithdrawal.objects.create(
                standard=newest, reason=said, proposed_by=by
            )
    except IntegrityError as error:
        raise Conflict("Somebody has just proposed its withdrawal: look at theirs first.") from error
    _record("standard.withdrawal_proposed", made, by)
    return made


@transaction.atomic
def decide(*, withdrawal: StandardWithdrawal, decision: str, by: User) -> StandardWithdrawal:
    """The standard holds no longer from now on, or goes on: another person than the proposer says which."""
    require(by, Permission.STANDARD_ADOPT)
    rows = StandardWithdrawal.objects.select_for_update(of=("self",)).select_related("standard")
    held: StandardWithdrawal = rows.get(pk=withdrawal.pk)
    if not held.is_open:
        raise Conflict("It is decided already.")
    if held.proposed_by_id == by.pk:
        raise NotPermitted("You proposed it: another person decides.")
    if decision not in StandardWithdrawal.Decision.values:
        raise Invalid.field("/decision", "Choose whether it is withdrawn or kept")
    if decision == StandardWithdrawal.Decision.WITHDRAWN and _newest(held.standard.key) != held.standard:
        raise Conflict("A newer version was adopted since: keep this one, and propose to withdraw that one.")
    held.decided_at, held.decided_by, held.decision = timezone.now(), by, decision
    held.save(update_fields=["decided_at", "decided_by", "decision"])
    _record(_EVENTS[StandardWithdrawal.Decision(decision)], held, by)
    return held


def _newest(key: str) -> Standard | None:
    """Return the newest adopted version, locked, so that none is adopted or withdrawn meanwhile."""
    rows = Standard.objects.select_for_update(of=("self",)).adopted().filter(key=key)
    found: Standard | None = rows.order_by("-version").first()
    return found


def _record(event: str, withdrawal: StandardWithdrawal, by: User) -> None:
    standard = withdrawal.standard
    detail = {"key": standard.key, "version": standard.version, "reason": withdrawal.reason}
    audit.record(event, subject=standard, by=by, detail=detail)
