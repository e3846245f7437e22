"""The forms of the second factor, and of confirming that it is you."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from django import forms

from centre.accounts import codes, factors
from centre.accounts.tries import MESSAGE, TOO_MANY, Tries
from centre.forms import PlainCharField

WRONG_CODE = "The code is not right, or was used before. Wait for the next one, or enter a recovery code"
_CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "class": "govuk-input--width-10"}


class CodeForm(AuthenticateForm):
    """A code at sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label, code.widget.attrs = "Code", _CODE
        code.help_text = "The 6 digits that your authenticator app shows now, or a recovery code of 8 digits"
        code.error_messages["required"] = "Enter a code"

    def clean_code(self) -> str:
        """Use the code up, unless there were too many wrong ones."""
        code: str = self.cleaned_data["code"]
        tries = Tries("second-factor", str(self.user.pk), context.request)
        if tries.are_used_up():
            raise forms.ValidationError(MESSAGE, code=TOO_MANY)
        self.authenticator = codes.accept(self.user, code)
        if self.authenticator is None:
            tries.count_one()
            raise forms.ValidationError(WRONG_CODE)
        self.authenticator.user = self.user
        return code


class PasskeyForm(AuthenticateWebAuthnForm):
    """A passkey at sign-in."""

    def clean_credential(self) -> Authenticator:
        """Check the signature, unless there were too many wrong ones."""
        tries = Tries("second-factor", str(self.user.pk), context.request)
        if tries.are_used_up():
            raise forms.ValidationError(MESSAGE, code=TOO_MANY)
        try:
            found: Authenticator = super().clean_credential()
        except forms.ValidationError:
            tries.count_one()
            raise
        return found


class AppForm(ActivateTOTPForm):
    """The first code of an authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label, code.widget.attrs = "Code that the app shows now", _CODE
        code.help_text = "6 digits"
        code.error_messages["required"] = "Enter the code that the app shows"

    def clean_code(self) -> str:
        """Refuse a wrong code in our words."""
        try:
            code: str = super().clean_code()
        except forms.ValidationError as error:
            raise forms.ValidationError(
                "The code is not the one that the app should show now. "
                "Check that the clock of your phone is right, and enter the next code"
            ) from error
        return code


class NewPasskeyForm(AddWebAuthnForm):
    """A passkey and what to call it."""

    name = PlainCharField(
        name="Name", max_length=60, label="Name", help_text="So that you know it again, like “Work phone”",
        required=False,
    )  # fmt: skip


class ConfirmForm(forms.Form):
    """Who asks for an act that cannot be undone says again who they are: one of what they have is enough."""

    again_password = forms.CharField(
        label="Your password",
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    again_code = forms.CharField(
        label="Or a code",
        help_text="From your authenticator app, or a recovery code",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs=_CODE),
    )
    again_passkey = forms.JSONField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.request = user, request
        self.has_passkey = factors.has(user, Authenticator.Type.WEBAUTHN)
        if not user.has_usable_password():
            del self.fields["again_password"]
        if not factors.has(user, Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
            del self.fields["again_code"]
        if not self.has_passkey:
            del self.fields["again_passkey"]
        self.can_be_filled_in = bool(self.fields)

    def clean(self) -> dict[str, Any]:
        """Refuse what proves nothing; count it."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if self.errors:
            return given
        if not given:
            raise forms.ValidationError(
                "Enter your password" + (" or a code" if len(self.fields) > 1 else "")
            )
        tries = Tries("confirmation", str(self.user.pk), self.request)
        if tries.are_used_up():
            raise forms.ValidationError(MESSAGE, code=TOO_MANY)
        if not self._is_right(given):
            tries.count_one()
            raise forms.ValidationError("That is not right. Try again")
        return given

    def _is_right(self, given: dict[str, Any]) -> bool:
        """Say who it is by the first thing given."""
        self.used = next(iter(given), "").removeprefix("again_")
        if self.used == "password":
            return bool(self.user.check_password(given["again_password"]))
        if self.used == "code":
            return codes.accept(self.user, given["again_code"]) is not None
        form = AuthenticateWebAuthnForm(
            user=self.user, data={"credential": self.data.get("again_passkey", "")}
        )
        return form.is_valid()
