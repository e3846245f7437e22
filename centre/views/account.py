"""A person's own account: what they hold, their password, where they are signed in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from centre import audit
from centre.accounts import confirming, factors, sessions
from centre.accounts.tries import MESSAGE, Tries
from centre.errors import Invalid, Problem
from centre.middleware import record_refusal
from centre.views.posts import signed_in


class PasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "Your old password is not right",
        "password_mismatch": "The two new passwords are not the same",
    }

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        old, new, again = (self.fields[name] for name in ("old_password", "new_password1", "new_password2"))
        old.label, old.error_messages["required"] = "Your old password", "Enter your old password"
        new.label, new.error_messages["required"] = "New password", "Enter a new password"
        new.help_text = "At least 15 characters. Three or four words are easy to remember. You can paste it."
        again.label, again.error_messages["required"] = "New password again", "Enter the new password again"
        again.help_text = ""
        old.widget.attrs.pop("autofocus", None)

    def clean_old_password(self) -> str:
        """Check it, with the limit on guesses."""
        tries = Tries("confirmation", str(self.user.pk), self.request)
        if tries.are_used_up():
            raise ValidationError(MESSAGE)
        try:
            return super().clean_old_password()
        except ValidationError:
            tries.count_one()
            raise


class Account(LoginRequiredMixin, View):
    """Who the person is here, and what protects their account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        person = signed_in(request)
        context = {"has_factor": factors.has(person), "sessions": sessions.of(request, person)}
        return render(request, "people/account.html", context)


class PasswordChange(LoginRequiredMixin, View):
    """Change one's own password: every other session ends."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._page(request, PasswordForm(signed_in(request), request=request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change it."""
        form = PasswordForm(signed_in(request), request.POST, request=request)
        if not form.is_valid():
            named = [Problem(f"/{field}", str(found[0])) for field, found in form.errors.items()]
            record_refusal(request, Invalid("The password was not changed", named))
            return self._page(request, form, status=422)
        with transaction.atomic():
            person = form.save()
            audit.record("person.password_changed", subject=person, by=person)
        update_session_auth_hash(request, person)
        messages.success(request, "Your password is changed. You are signed out everywhere else")
        return redirect("account")

    def _page(self, request: HttpRequest, form: PasswordForm, *, status: int = 200) -> HttpResponse:
        return render(request, "people/password.html", {"form": form}, status=status)


class SessionsEnd(LoginRequiredMixin, View):
    """Sign out everywhere else."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the person's other sessions."""
        confirming.require(request)
        sessions.end_others(request, signed_in(request))
        messages.success(request, "You are signed out everywhere else")
        return redirect("account")
