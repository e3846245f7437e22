"""Leads a person whose post needs a second factor, and who has none, to set one up before anything else."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from centre.accounts import factors
from centre.api.problems import problem

SETTING_UP = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "sign-out"}
OPEN = {"healthz", "readyz"}


class _Required:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        """Turn the person away from every other page, and from the API where no token speaks for them."""
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name in SETTING_UP | OPEN or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if not user.is_authenticated or not factors.must_have(user) or factors.has(user):
            return None
        if request.path.startswith("/api/"):
            return problem(
                403,
                code="second_factor_needed",
                title="Set up a second factor first",
                detail="Your post needs a second factor. Set one up on the page /second-factor/.",
                errors=[],
            )
        return redirect("mfa_index")


required = _Required
