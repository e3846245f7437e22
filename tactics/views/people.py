"""Who is asking, on pages that only signed-in people reach."""

from django.http import HttpRequest

from centre.errors import NotPermitted
from centre.models import User


def signed_in(request: HttpRequest) -> User:
    """Return the person. The page's mixin has turned everybody else away."""
    if not isinstance(request.user, User):
        raise NotPermitted("Sign in first.")
    return request.user
