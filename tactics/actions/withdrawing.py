"""What stands on a public page is taken back with a reason: the record keeps it, so that nobody has to guess."""

from typing import TypeVar

from django.utils import timezone

from centre.errors import Conflict, Invalid
from centre.models import User
from centre.text import clean_text
from tactics.models import ErrorRate, RejectedStudy

Withdrawable = TypeVar("Withdrawable", ErrorRate, RejectedStudy)


class AlreadyWithdrawn(Conflict):
    """It was taken back before."""


def withdraw(row: Withdrawable, *, because: str, by: User) -> Withdrawable:
    """Take back the row, locked for it. The caller has checked who may, in its transaction, and records the event."""
    stored: Withdrawable = type(row).objects.select_for_update().get(pk=row.pk)
    if stored.withdrawn_at is not None:
        raise AlreadyWithdrawn(f"This was taken back on {stored.withdrawn_at:%-d %B %Y}.")
    try:
        stored.withdrawn_because = clean_text(
            because, label="Reason", maximum=600, multiline=True, required="Say why it is taken back"
        )
    except Invalid as refusal:
        raise Invalid.field("because", refusal.message) from None
    stored.withdrawn_at, stored.withdrawn_by = timezone.now(), by
    stored.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    return stored
