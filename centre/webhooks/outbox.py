"""Messages are written with the act that they tell of, and sent by a worker once it stands."""

import json
import logging
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.accounts import locks
from centre.models import Webhook, WebhookMessage
from centre.runs import doorbell
from centre.webhooks import sending
from centre.webhooks.addresses import NOT_ALLOWED, NotAllowed, place_of

log = logging.getLogger(__name__)

DOORBELL = "centre.send_webhooks"
# After the first, second … failure; after the last of them the message is given up.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
TRIES = len(WAITS) + 1
AT_A_TIME = 25  # ten seconds each at most, and a task has ten minutes


def announce(*, kind: str, event: str, about: dict[str, Any]) -> int:
    """Something is new: each webhook has a message of it, in the caller's transaction. Returns how many."""
    now = timezone.now()
    message = {"type": kind, "timestamp": now, "data": about}
    body = json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False)
    made = WebhookMessage.objects.bulk_create(
        WebhookMessage(webhook=webhook, event=event, kind=kind, body=body, made_at=now, next_at=now)
        for webhook in Webhook.objects.live()
    )
    if made:
        transaction.on_commit(partial(doorbell.ring, DOORBELL, ""), robust=True)
    return len(made)


def send_due() -> int:
    """Each message whose time has come is tried once; return how many were taken."""
    due = WebhookMessage.objects.due().order_by("next_at").values_list("pk", flat=True)[:AT_A_TIME]
    return sum(_try(pk) for pk in list(due))


def _try(pk: int) -> bool:
    message = _claimed(pk)
    if message is None:  # another worker was first, or the webhook has ended
        return False
    try:
        place = place_of(message.webhook.url)
        secret = locks.unlock(message.webhook.locked_secret)
        sending.send(place, secret=secret, message_id=str(message.public_id), body=message.body)
    except NotAllowed as reason:
        return _failed(message, f"{NOT_ALLOWED}: {reason}")
    except locks.CannotUnlock:
        return _failed(message, "its secret was locked with another SECRET_KEY: end it, and make it anew")
    except sending.Failed as reason:
        return _failed(message, str(reason))
    WebhookMessage.objects.filter(pk=pk).update(sent_at=timezone.now(), problem="")
    return True


@transaction.atomic
def _claimed(pk: int) -> WebhookMessage | None:
    """Count the try before it is made: whatever becomes of this process, it is not tried without end."""
    message: WebhookMessage | None = (
        WebhookMessage.objects.due()
        .select_for_update(of=("self",))
        .select_related("webhook")
        .filter(pk=pk)
        .first()
    )
    if message is None:
        return None
    message.tries += 1
    message.next_at = timezone.now() + WAITS[min(message.tries, len(WAITS)) - 1]
    message.save(update_fields=["tries", "next_at"])
    return message


@transaction.atomic
def _failed(message: WebhookMessage, problem: str) -> bool:
    log.warning("Message %s was not taken, try %s: %s", message.public_id, message.tries, problem)
    message.problem = problem[:200]
    if message.tries >= TRIES:
        message.given_up_at = timezone.now()
        detail = {"message": str(message.public_id), "tries": message.tries, "problem": message.problem}
        subject = ("centre.webhook", str(message.webhook.public_id))
        audit.record("webhook.given_up", subject=subject, by=audit.SYSTEM, detail=detail)
    message.save(update_fields=["problem", "given_up_at"])
    return False
