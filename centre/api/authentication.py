"""Who is asking: a token of the API, or the session of a signed-in person."""

import re

from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from centre.models import ApiToken, User

_SHAPE = re.compile(rb"[A-Za-z0-9_]{1,100}")
# What other services call a key in the address; there it would stand in logs and histories.
KEYS_IN_ADDRESS = frozenset(
    {"token", "access_token", "auth_token", "api_key", "apikey", "authorization", "key"}
)


class ScopedTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`. An unknown, expired or revoked token gets one and the same answer."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the person and their token, or None where no token was sent."""
        scheme, _, _ = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme and scheme.lower() != "token":
            raise AuthenticationFailed
        found: tuple[User, ApiToken] | None = super().authenticate(request)
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """Refuse what cannot be a token before the database is asked."""
        if not _SHAPE.fullmatch(token):
            raise AuthenticationFailed
        found: tuple[User, ApiToken] = super().authenticate_credentials(token)
        return found

    def _cleanup_token(self, auth_token: ApiToken) -> bool:
        """Pass over a token that no longer counts. It is not deleted: its owner can see what became of it."""
        return not auth_token.is_valid
