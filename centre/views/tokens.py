"""A signed-in person's keys to the API: made, shown once, revoked."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views import View

from centre import tokens
from centre.accounts import confirming
from centre.errors import Invalid, Problem, Refusal
from centre.forms import PlainCharField
from centre.middleware import record_refusal
from centre.models import ApiToken

DAYS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "1 year"))


class TokenForm(forms.Form):
    """What a new token is for, and how long it lasts."""

    name = PlainCharField(
        name="Name", max_length=60, label="Name", help_text="So that you know later where you used it"
    )
    scope = forms.ChoiceField(
        label="What it may do",
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.READ,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it may do"},
    )
    days = forms.TypedChoiceField(
        label="How long it lasts",
        choices=DAYS,
        coerce=int,
        initial=90,
        widget=forms.RadioSelect,
        error_messages={"required": "Select how long it lasts"},
    )


class TokenList(LoginRequiredMixin, View):
    """The person's tokens, and the form for another."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the tokens."""
        return self._page(request, TokenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make a token and show its key, this once."""
        form = TokenForm(request.POST)
        if not form.is_valid():
            named = [Problem(f"/{field}", str(found[0])) for field, found in form.errors.items()]
            record_refusal(request, Invalid("The token was not made", named))
            return self._page(request, form, status=422)
        confirming.require(request)
        try:
            _, key = tokens.make(by=request.user, **form.cleaned_data)  # type: ignore[arg-type]  # signed in
        except Refusal as refusal:
            record_refusal(request, refusal)
            form.add_error(None, refusal.message)
            return self._page(request, form, status=refusal.status)
        return self._page(request, TokenForm(), key=key)

    def _page(
        self, request: HttpRequest, form: TokenForm, *, status: int = 200, key: str = ""
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "form": form,
            "key": key,
            "tokens": ApiToken.objects.visible_to(request.user),
        }
        response = render(request, "tokens/list.html", context, status=status)
        add_never_cache_headers(response)  # a key must not be found again with the back button
        return response


class TokenRevoke(LoginRequiredMixin, View):
    """Revoke one of the person's tokens."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Revoke it."""
        token = get_object_or_404(ApiToken.objects.visible_to(request.user), public_id=public_id)
        tokens.revoke(token=token, by=request.user)  # type: ignore[arg-type]  # signed in
        messages.success(request, f"The token {token.name} is revoked")
        return redirect("token-list")
