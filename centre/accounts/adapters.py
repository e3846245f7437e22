"""What django-allauth asks of a registry: where a sign-in leads, what is kept secret, what is said."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse

from centre import audit
from centre.accounts import locks
from centre.models import User


class People(DefaultAccountAdapter):
    """Signs people in whom the Centre has let in; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: people are invited."""
        return False

    def get_login_stages(self) -> list[str]:
        """Return what comes between a right password and a session."""
        return ["allauth.mfa.stages.AuthenticateStage"]

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: each page says what it did."""

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Put the sign-in on record, with what it was made with."""
        used = [one.get("type", one["method"]) for one in get_authentication_records(request, user)]
        audit.record("sign-in.done", subject=user, by=user, detail={"with": used})
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer


class Factors(DefaultMFAAdapter):
    """The second factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The passkey was not accepted. Try again",
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as the database keeps it."""
        return locks.lock(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret from the database."""
        return locks.unlock(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """Return the name of a new passkey that was given none."""
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"
