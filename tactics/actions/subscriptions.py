"""A person follows a tactic, or no longer does."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import NotFound, NotPermitted
from centre.models import User
from tactics.models import Subscription, Tactic


@transaction.atomic
def follow(*, tactic: Tactic, by: User) -> Subscription:
    """The person is told from now on. A second time changes nothing."""
    if not by.is_active:
        raise NotPermitted("Sign in first.")
    if not Tactic.objects.visible_to(by).filter(pk=tactic.pk).exists():
        raise NotFound("There is no such tactic.")
    made, is_new = Subscription.objects.get_or_create(
        tactic=tactic, user=by, defaults={"since": timezone.now()}
    )
    if is_new:
        audit.record("tactic.followed", subject=tactic, by=by)
    return made


@transaction.atomic
def leave(*, tactic: Tactic, by: User) -> None:
    """The person is told no more. What they were told stays theirs."""
    gone, _ = Subscription.objects.filter(tactic=tactic, user=by).delete()
    if gone:
        audit.record("tactic.left", subject=tactic, by=by)
