"""Signing in: a password, then the second factor where there is one (docs/adr/0026)."""

import json
from typing import Any

from allauth.account.utils import perform_login
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.views.generic import RedirectView

from centre import sample
from centre.accounts import factors
from centre.accounts.tries import MESSAGE, PERIOD, TOO_MANY, Tries

RETRY_AFTER = str(int(PERIOD.total_seconds()))


class SignInForm(AuthenticationForm):
    """An e-mail address and a password, with a limit on wrong tries."""

    error_messages = {
        "invalid_login": "The e-mail address or the password is not right",
        "inactive": "The e-mail address or the password is not right",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address, password = self.fields["username"], self.fields["password"]
        address.label = "E-mail address"
        address.error_messages["required"] = "Enter your e-mail address"
        address.widget.attrs |= {"type": "email", "spellcheck": "false", "autofocus": False}
        address.widget.input_type = "email"
        address.widget.attrs["autocomplete"] = "username"
        password.error_messages["required"] = "Enter your password"

    def clean(self) -> dict[str, Any]:
        """Check the pair, unless this address has failed too often from this place.

        The count is of the address and the place together: nobody can lock a colleague out from elsewhere.
        """
        tries = Tries("sign-in", self.cleaned_data.get("username", ""), self.request)
        if tries.are_used_up():
            raise ValidationError(MESSAGE, code=TOO_MANY)
        try:
            return super().clean()
        except ValidationError:
            tries.count_one()
            raise


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "pages/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ("get", "post")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sample sign-ins, which exist in the embedded default only."""
        sample_people = sample.sign_ins() if settings.EMBEDDED else []
        return super().get_context_data(
            sample_people=sample_people,
            sample_password=sample.PASSWORD,
            providers=settings.SINGLE_SIGN_ON,
            **kwargs,
        )

    def form_valid(self, form: AuthenticationForm) -> Any:
        """Sign the person in, by way of their second factor."""
        return perform_login(self.request, form.get_user(), redirect_url=self.get_redirect_url() or None)

    def form_invalid(self, form: AuthenticationForm) -> Any:
        """Show the problem, with the status of a refused form, or of too many tries."""
        if not form.has_error(NON_FIELD_ERRORS, code=TOO_MANY):
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return self.render_to_response(
            self.get_context_data(form=form), status=429, headers={"Retry-After": RETRY_AFTER}
        )


class SignOut(LogoutView):
    """Sign out: the browser forgets what it was shown."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session."""
        response: HttpResponse = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class SignInAgain(RedirectView):
    """Where somebody goes whose sign-in took too long: back to its start."""

    pattern_name = "sign-in"
    http_method_names = ("get",)


class SecondFactor(AuthenticateView):
    """After the password: a code, or a passkey."""

    template_name = "second_factor/ask.html"
    http_method_names = ("get", "post")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the person has."""
        person = self.stage.login.user
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "has_code": factors.has(person, Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES),
            "has_passkey": factors.has(person, Authenticator.Type.WEBAUTHN),
            "passkey_options": json.dumps(context["js_data"]["request_options"]),
            "form": self.form or self.auth_form,  # whose errors stand on top
            "code_form": self.auth_form,
        }

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the problem, with the status of a refused form, or of too many tries."""
        is_too_many = any(form.has_error(field, code=TOO_MANY) for field in form.fields)
        answer: HttpResponse = super().form_invalid(form)
        answer.status_code = 429 if is_too_many else 422
        if is_too_many:
            answer["Retry-After"] = RETRY_AFTER
        return answer
