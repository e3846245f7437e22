"""Whether a request may go in at all. What a person may do to a thing is asked in the actions."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from centre.models import ApiToken, User

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which reads the settings that name this module


class Denied(BasePermission):
    """The default: a view that names no permission lets nobody in."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Refuse."""
        return False


class SignedIn(BasePermission):
    """A signed-in person; a token that may only read does not write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether somebody is signed in, with the scope that the method needs."""
        if not request.user.is_authenticated:
            return False
        reads_only = isinstance(request.auth, ApiToken) and request.auth.scope != ApiToken.Scope.WRITE
        if reads_only and request.method not in SAFE_METHODS:
            raise PermissionDenied(
                "This token may only read. Make one with the scope 'write' on the page /tokens/."
            )
        return True


class PublicRead(SignedIn):
    """Anybody reads (the lists hold only what they may see); writing needs a signed-in person."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the method reads, or somebody is signed in."""
        return request.method in SAFE_METHODS or super().has_permission(request, view)


def person(request: Request) -> User:
    """Return who acts, on an address that only signed-in people reach."""
    assert isinstance(request.user, User)  # noqa: S101  a permission class has seen to it
    return request.user
