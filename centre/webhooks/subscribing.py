"""A person has what is new sent to an address, or no longer."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.accounts import locks
from centre.errors import Conflict, Invalid
from centre.models import User, Webhook
from centre.permissions import Permission, require
from centre.webhooks import sending
from centre.webhooks.addresses import NOT_ALLOWED, NotAllowed, place_of

MOST = 5


def make(*, url: str, by: User) -> tuple[Webhook, str]:
    """What is new is sent to the address from now on. Returns the secret of its signatures, never seen again."""
    require(by, Permission.WEBHOOK_KEEP)
    try:
        place_of(url)  # outside the transaction: looking up a name may take a while
    except NotAllowed as reason:
        raise Invalid.field("/url", f"{NOT_ALLOWED}: {reason}") from None
    return _kept(url, by)


@transaction.atomic
def _kept(url: str, by: User) -> tuple[Webhook, str]:
    User.objects.select_for_update().get(pk=by.pk)  # one at a time, so that the limit holds
    own = Webhook.objects.live().filter(made_by=by)
    if own.filter(url=url).exists():
        raise Invalid.field("/url", "What is new is sent to this address already")
    if own.count() >= MOST:
        raise Conflict(f"You have {MOST} webhooks; end one first.")
    secret = sending.new_secret()
    made: Webhook = Webhook.objects.create(url=url, made_by=by, locked_secret=locks.lock(secret))
    audit.record("webhook.made", subject=_subject(made), by=by, detail={"host": made.host})
    return made, secret


@transaction.atomic
def end(*, webhook: Webhook, by: User) -> Webhook:
    """Nothing more is sent there, not even what waits."""
    webhook = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if webhook.ended_at is not None:
        raise Conflict(f"This webhook was ended on {webhook.ended_at:%-d %B %Y}.")
    webhook.ended_at = timezone.now()
    webhook.save(update_fields=["ended_at"])
    audit.record("webhook.ended", subject=_subject(webhook), by=by)
    return webhook


def end_all_of(person: User) -> int:
    """Nothing more is sent for a person who is kept out; the act that does so says it on the audit log."""
    ended: int = Webhook.objects.filter(made_by=person, ended_at=None).update(ended_at=timezone.now())
    return ended


def _subject(webhook: Webhook) -> tuple[str, str]:
    return ("centre.webhook", str(webhook.public_id))
