"""What happened to a rating is said once, and told to who follows the tactic."""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from centre import audit, notices, runs
from centre.models import User
from centre.permissions import CENTRE_ROLES
from centre.webhooks import outbox
from tactics import news
from tactics.models import Bulletin, OutcomeDomain, Rating, Tactic, TacticNotice

DOORBELL = "tactics.rerate"


def post(
    *, tactic: Tactic, outcome_domain: OutcomeDomain, kind: str, said: str, rating: Rating | None = None
) -> Bulletin | None:
    """The bulletin is on the record; a worker tells who follows the tactic once the act stands.

    Called by the actions that change ratings, which have checked what their actor may do. Of a draft there is no news.
    """
    if not tactic.is_published:
        return None
    made: Bulletin = Bulletin.objects.create(
        tactic=tactic, outcome_domain=outcome_domain, rating=rating, kind=kind, said=said, at=timezone.now()
    )
    if not made.is_for_staff:
        _announce(made)
    transaction.on_commit(partial(runs.ring, DOORBELL, tactic.slug), robust=True)
    return made


def _announce(bulletin: Bulletin) -> None:
    """What everybody may read goes to the webhooks too, in the words and fields of the feeds."""
    entry = news.entry(bulletin)
    told = entry.told(lambda path: f"{settings.PUBLIC_ADDRESS}{path}")
    about = {**told, "_registry": dict(entry.about)}
    outbox.announce(kind=f"library.{bulletin.kind}", event=entry.name, about=about)


def tell(tactics: "QuerySet[Any] | None" = None) -> int:
    """Everybody concerned has a notice of each bulletin that was not told yet; return how many notices were made."""
    waiting = Bulletin.objects.untold()
    if tactics is not None:
        waiting = waiting.filter(tactic__in=tactics)
    return sum(_tell(pk) for pk in list(waiting.order_by("at").values_list("pk", flat=True)))


@transaction.atomic
def _tell(pk: int) -> int:
    bulletin = Bulletin.objects.untold().select_for_update(of=("self",)).filter(pk=pk).first()
    if bulletin is None:  # another worker was first
        return 0
    now = timezone.now()
    made = TacticNotice.objects.bulk_create(
        TacticNotice(bulletin=bulletin, user=person, at=now) for person in _concerned(bulletin)
    )
    bulletin.told_at = now
    bulletin.save(update_fields=["told_at"])
    audit.record(
        "bulletin.told",
        subject=bulletin.tactic,
        by=audit.SYSTEM,
        detail={"bulletin": str(bulletin.public_id), "kind": bulletin.kind, "people": len(made)},
    )
    return len(made)


def _concerned(bulletin: Bulletin) -> "QuerySet[User]":
    """Return who is told: the Centre's staff of a hold, the followers of everything that is public."""
    active = User.objects.filter(is_active=True)
    if bulletin.is_for_staff:
        return active.filter(memberships__role__in=CENTRE_ROLES).distinct().order_by("pk")
    return active.filter(tactic_subscriptions__tactic=bulletin.tactic).order_by("pk")


@transaction.atomic
def see(*, notice: TacticNotice, by: User) -> TacticNotice:
    """The person has read the notice."""
    notices.see(notice, about=notice.bulletin.tactic, by=by)
    return notice
