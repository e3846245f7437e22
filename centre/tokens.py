"""What people do with API tokens: make one, revoke one."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted, Problem
from centre.models import ApiToken
from centre.text import is_blank, refused_character, tidied

if TYPE_CHECKING:
    from centre.models import User

LONGEST_DAYS = 365
MOST_VALID = 20


@transaction.atomic
def make(*, name: str, scope: str, days: int, by: "User") -> tuple[ApiToken, str]:
    """Open the API to whoever bears the key, as this person, for some days. The key is never seen again."""
    problems = []
    if is_blank(name) or len(tidied(name)) > 60 or refused_character(name):
        problems.append(Problem("/name", "Enter a name of 1 to 60 visible characters"))
    if scope not in ApiToken.Scope.values:
        problems.append(Problem("/scope", "Scope must be read or write"))
    if not 1 <= days <= LONGEST_DAYS:
        problems.append(Problem("/days", f"Days must be a whole number from 1 to {LONGEST_DAYS}"))
    if problems:
        raise Invalid("The token was not made", problems)
    held = ApiToken.objects.filter(user=by, revoked_at=None, expiry__gt=timezone.now()).count()
    if held >= MOST_VALID:
        raise Conflict(f"You hold {held} valid tokens; revoke one first.")
    token, key = ApiToken.objects.create(user=by, expiry=timedelta(days=days), name=tidied(name), scope=scope)
    audit.record(
        "token.made",
        subject=("centre.apitoken", str(token.public_id)),
        by=by,
        detail={"scope": scope, "days": days},
    )
    return token, key


@transaction.atomic
def revoke(*, token: ApiToken, by: "User") -> ApiToken:
    """Close the API to the bearer of this token."""
    if token.user_id != by.pk:
        raise NotPermitted("Only the person who made a token can revoke it.")
    if token.revoked_at is not None:
        raise Conflict(f"This token was revoked on {token.revoked_at:%d %B %Y}.")
    token.revoked_at = timezone.now()
    token.save(update_fields=("revoked_at",))
    audit.record("token.revoked", subject=("centre.apitoken", str(token.public_id)), by=by)
    return token
