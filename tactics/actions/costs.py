"""Somebody states what a tactic costs."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.models import User
from centre.permissions import Permission, require
from tactics.costs import CostDetails, cleaned
from tactics.models import Tactic, TacticCost


@transaction.atomic
def state(*, tactic: Tactic, details: CostDetails, by: User) -> TacticCost:
    """The statement stands, and an older one of the same people for the same payer steps back.

    The Centre states it for anybody, the tactic's force for itself. No figure changes by it: the Centre makes one anew.
    """
    require(by, Permission.TACTIC_EDIT, on=tactic)
    columns = cleaned(details)
    force = None if by.is_centre_staff else tactic.force
    Tactic.objects.select_for_update().get(pk=tactic.pk)
    now = timezone.now()
    for older in TacticCost.objects.standing().filter(tactic=tactic, force=force, payer=details.payer):
        older.superseded_at = now
        older.save(update_fields=["superseded_at"])
    cost: TacticCost = TacticCost.objects.create(
        tactic=tactic, force=force, stated_at=now, stated_by=by, **columns
    )
    audit.record(
        "tactic.cost_stated",
        subject=cost,
        by=by,
        detail={"tactic": tactic.slug, "payer": cost.payer, "force": force.slug if force else ""},
    )
    return cost
