"""A person is taken out of the registry, and a tombstone stays where they stood.

What they did stays done and recorded: rows point at the tombstone. The audit log keeps its hashed text, which names
them, and is shown without the name (docs/adr/0028).
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import models, transaction
from django.utils import timezone

from centre import audit
from centre.accounts import sessions
from centre.errors import Conflict, Invalid
from centre.models import ApiToken, IdempotentRequest, Membership, User, Webhook, WebhookMessage
from centre.permissions import Permission, require


class Reason(models.TextChoices):
    """Why a person is erased: one of three, and no free text that could say more about them."""

    ASKED = "asked", "They asked for it"
    LEFT = "left", "They have left, and their time here is over"
    ERROR = "error", "They should never have been added"


class AlreadyErased(Conflict):
    """There is nobody left to erase."""


@transaction.atomic
def erase(*, email: str, reason: str, by: User) -> User:
    """Name, address, password, factors, posts, keys, webhooks and sessions are gone; the row stays as a tombstone."""
    require(by, Permission.PERSON_ERASE)
    person = User.objects.select_for_update().filter(email__iexact=email.strip()).first()
    if person is None:
        raise Invalid.field("email", "Nobody here has this address")
    if person.pk == by.pk:
        raise Invalid.field("email", "Somebody else must erase you")
    if person.erased_at is not None:
        raise AlreadyErased("This person is erased already.")
    Membership.objects.filter(user=person).delete()
    ApiToken.objects.filter(user=person).delete()
    WebhookMessage.objects.filter(webhook__made_by=person).delete()
    Webhook.objects.filter(made_by=person).delete()
    IdempotentRequest.objects.filter(user=person).delete()
    for kept in (Authenticator, EmailAddress, SocialAccount):
        kept.objects.filter(user=person).delete()
    sessions.end_all(person)
    person.name, person.email = "Erased person", f"erased-{person.pk}@erased.invalid"
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login, person.erased_at = None, timezone.now()
    person.set_unusable_password()
    person.save()
    audit.record("person.erased", subject=person, by=by, detail={"reason": Reason(reason).value})
    return person
