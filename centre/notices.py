"""A notice to one person is read by that person. Each room has notices of its own kind, about its own things."""

from typing import Any

from django.db import models
from django.utils import timezone

from centre import audit
from centre.errors import NotFound
from centre.models import User


def see(notice: Any, *, about: models.Model, by: User) -> None:
    """The person has read the notice. Called inside an action; a notice to somebody else is none of theirs."""
    if notice.user_id != by.pk:
        raise NotFound("There is no such notice.")
    if notice.seen_at is None:
        notice.seen_at = timezone.now()
        notice.save(update_fields=["seen_at"])
        audit.record("notice.seen", subject=about, by=by, detail={"notice": str(notice.public_id)})
