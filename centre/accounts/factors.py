"""Who has a second factor, who must, and what happens when one comes or goes."""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from centre import audit
from centre.accounts import codes
from centre.models import User
from centre.permissions import CENTRE_ROLES

MAIN = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Whoever can freeze, unblind, release, publish or sign for a force.
NEEDING = CENTRE_ROLES | {"force_sponsor"}


def has(user: User, *types: Authenticator.Type) -> bool:
    """Return whether the person has one of these; recovery codes alone are no factor."""
    return Authenticator.objects.filter(user=user, type__in=types or MAIN).exists()


def must_have(user: User) -> bool:
    """Return whether a post of the person needs a second factor."""
    return bool(settings.MFA_REQUIRED) and any(held.role in NEEDING for held in user.memberships_held())


def is_last(factor: Authenticator) -> bool:
    """Return whether the person would be without a second factor."""
    others = Authenticator.objects.filter(user_id=factor.user_id, type__in=MAIN).exclude(pk=factor.pk)
    return factor.type in MAIN and not others.exists()


@transaction.atomic
def remove(factor: Authenticator) -> None:
    """It opens nothing more; without any other, the recovery codes go too."""
    if is_last(factor):
        Authenticator.objects.filter(user_id=factor.user_id).delete()
    else:
        factor.delete()


@transaction.atomic
def remove_all(user: User) -> bool:
    """The person has none of theirs any more; return whether they had one."""
    held = Authenticator.objects.filter(user=user)
    return bool(held.exists() and held.delete())


def note_new(instance: Authenticator, created: bool, **_: Any) -> None:
    """A factor that comes is on record, and the code that set an app up is used up."""
    if created:
        _record("second-factor.added", instance)
        if instance.type == Authenticator.Type.TOTP:
            codes.use_up_step(instance)


def note_gone(instance: Authenticator, **_: Any) -> None:
    """A factor that goes is on record."""
    _record("second-factor.removed", instance)


def _record(event: str, factor: Authenticator) -> None:
    request = context.request
    by = request.user if request is not None else None
    audit.record(event, subject=factor.user, by=by, detail={"type": factor.type})
