"""Who is asking, on pages that only signed-in people reach, and pages for those whose post allows them."""

from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponseBase
from django.views import View

from centre.errors import NotPermitted
from centre.models import User
from centre.permissions import Permission, require


def signed_in(request: HttpRequest) -> User:
    """Return the person. The page has turned everybody else away."""
    if not isinstance(request.user, User):
        raise NotPermitted("Sign in first.")
    return request.user


class ForPost(LoginRequiredMixin, View):
    """A page for those who hold one permission."""

    needs: ClassVar[Permission]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Turn the others away."""
        if request.user.is_authenticated:
            require(request.user, self.needs)
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> User:
        """Return who acts."""
        return signed_in(self.request)
