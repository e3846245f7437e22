"""A person's second factor: set up, renewed, removed. The ceremonies are django-allauth's, the pages are ours."""

import json
from typing import Any

from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.accounts import codes, confirming, factors
from centre.errors import Conflict
from centre.views.posts import signed_in


class Factors(IndexView):
    """What the person has, and what they can set up."""

    template_name = "second_factor/list.html"
    http_method_names = ("get",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the factors, and whether the person must have one."""
        person = signed_in(self.request)
        held = Authenticator.objects.filter(user=person)
        codes = held.filter(type=Authenticator.Type.RECOVERY_CODES).first()
        return {
            "app": held.filter(type=Authenticator.Type.TOTP).first(),
            "passkeys": held.filter(type=Authenticator.Type.WEBAUTHN),
            "codes": codes,
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
            "must_have": factors.must_have(person),
            "has_one": factors.has(person),
        }


class AppSetUp(ActivateTOTPView):
    """Set up an authenticator app: scan, and enter the first code."""

    template_name = "second_factor/app.html"
    http_method_names = ("get", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show a person who has one already what they have."""
        if request.user.is_authenticated and factors.has(signed_in(request), Authenticator.Type.TOTP):
            return redirect("mfa_index")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it up."""
        confirming.require(self.request)
        answer: HttpResponse = super().form_valid(form)
        messages.success(self.request, "Your authenticator app is set up")
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the same key again, with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PasskeySetUp(AddWebAuthnView):
    """Make a passkey with the person's own device."""

    template_name = "second_factor/passkey.html"
    http_method_names = ("get", "post")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the browser needs to know."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = json.dumps(context["js_data"]["creation_options"])
        return context | {"form": kwargs.get("form") or self.get_form(), "passkey_options": options}

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it."""
        confirming.require(self.request)
        answer: HttpResponse = super().form_valid(form)
        messages.success(self.request, "The passkey is set up")
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class FactorRemove(LoginRequiredMixin, View):
    """Remove an app or a passkey: not the last one of somebody whose post needs one."""

    def get(self, request: HttpRequest, factor_id: int) -> HttpResponse:
        """Ask whether to."""
        return self._page(request, self._own(request, factor_id))

    def post(self, request: HttpRequest, factor_id: int) -> HttpResponse:
        """Remove it."""
        factor = self._own(request, factor_id)
        if self._is_needed(factor):
            raise Conflict("Your post needs a second factor. Set up another one first, then remove this one.")
        confirming.require(request)
        factors.remove(factor)
        messages.success(request, f"Removed: {_named(factor)}")
        return redirect("mfa_index")

    @staticmethod
    def _own(request: HttpRequest, factor_id: int) -> Authenticator:
        own = Authenticator.objects.filter(user=signed_in(request), type__in=factors.MAIN)
        found: Authenticator = get_object_or_404(own, pk=factor_id)
        return found

    @staticmethod
    def _is_needed(factor: Authenticator) -> bool:
        return factors.must_have(factor.user) and factors.is_last(factor)

    def _page(self, request: HttpRequest, factor: Authenticator) -> HttpResponse:
        context = {
            "named": _named(factor),
            "is_needed": self._is_needed(factor),
            "is_last": factors.is_last(factor),
        }
        return render(request, "second_factor/remove.html", context)


class RecoveryCodes(ViewRecoveryCodesView):
    """The recovery codes, shown once."""

    template_name = "second_factor/codes.html"
    http_method_names = ("get",)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Take the codes to show, and keep their hashes alone."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if context["can_view_codes"]:
            codes.seal(
                Authenticator.objects.get(
                    user=signed_in(self.request), type=Authenticator.Type.RECOVERY_CODES
                )
            )
        return context


class RecoveryCodesNew(GenerateRecoveryCodesView):
    """Replace the recovery codes."""

    template_name = "second_factor/codes_new.html"
    http_method_names = ("get", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let only those in who have a second factor to recover."""
        if request.user.is_authenticated and not factors.has(signed_in(request)):
            raise Http404
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """Make new ones: the old ones open nothing more."""
        confirming.require(self.request)
        answer: HttpResponse = super().form_valid(form)
        return answer


def _named(factor: Authenticator) -> str:
    return "authenticator app" if factor.type == Authenticator.Type.TOTP else f"passkey {factor.wrap().name}"
