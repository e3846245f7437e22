"""People with a second factor, and the codes of their apps."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from tests.conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_app(person: Any) -> list[str]:
    """Give the person an authenticator app; return their recovery codes. The code of now is used up."""
    TOTP.activate(person, SECRET)
    return RecoveryCodes.activate(person).generate_codes()


def code(secret: str = SECRET, *, steps: int = 0) -> str:
    """Return what the app shows now, or so many steps of 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def type_password(person: Any, client: Client | None = None, **extra: Any) -> tuple[Client, Any]:
    """Send the password, as somebody who has not signed in."""
    client = client or Client()
    return client, client.post(
        "/sign-in/", {"username": person.email, "password": PASSWORD, "next": "/privacy/"}, **extra
    )


def factors_of(person: Any) -> set[str]:
    """Return the types of what the person has."""
    return set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
