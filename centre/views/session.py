"""Signing in and out: Django's own, until a second factor and single sign-on come (docs/adr/0004)."""

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone

from centre import audit, sample
from centre.models import AuditEvent, User

TRIES = 10
TRIES_OF_A_PLACE = 100  # whatever the addresses: a whole force may sit behind one place
PERIOD = timedelta(minutes=15)
_TOO_MANY = "too_many"


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
        password.error_messages["required"] = "Enter your password"

    def clean(self) -> dict[str, Any]:
        """Check the pair, unless this address has failed too often from this place.

        The count is of the address and the place together: nobody can lock a colleague out from elsewhere.
        """
        tries = _Tries(self.cleaned_data.get("username", ""), self.request)
        if tries.are_used_up():
            raise ValidationError("Too many wrong tries. Wait 15 minutes and try again", code=_TOO_MANY)
        try:
            return super().clean()
        except ValidationError:
            tries.count_one()
            raise


class _Tries:
    """Wrong tries, kept as audit events that name neither the address nor the place."""

    def __init__(self, address: str, request: Any) -> None:
        place = request.META.get("REMOTE_ADDR", "") if request else ""
        self.key = hashlib.sha256(f"{address.lower()}\n{place}".encode()).hexdigest()
        self.place = hashlib.sha256(f"{settings.SECRET_KEY}\n{place}".encode()).hexdigest()

    def are_used_up(self) -> bool:
        recent = AuditEvent.objects.filter(
            subject_type="sign-in", event="sign-in.refused", at__gt=timezone.now() - PERIOD
        )
        of_place = recent.filter(detail__place=self.place)
        return recent.filter(subject_id=self.key).count() >= TRIES or of_place.count() >= TRIES_OF_A_PLACE

    def count_one(self) -> None:
        audit.record("sign-in.refused", subject=("sign-in", self.key), by=None, detail={"place": self.place})


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "pages/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sample sign-ins, which exist in the embedded default only."""
        sample_people = sample.sign_ins() if settings.EMBEDDED else []
        return super().get_context_data(
            sample_people=sample_people, sample_password=sample.PASSWORD, **kwargs
        )

    def form_valid(self, form: AuthenticationForm) -> Any:
        """Sign the person in, and say so in the audit log."""
        person = form.get_user()
        if isinstance(person, User):
            audit.record("sign-in.done", subject=person, by=person)
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> Any:
        """Show the problem, with the status of a refused form, or of too many tries."""
        if not form.has_error(NON_FIELD_ERRORS, code=_TOO_MANY):
            return self.render_to_response(self.get_context_data(form=form), status=422)
        seconds = int(PERIOD.total_seconds())
        return self.render_to_response(
            self.get_context_data(form=form), status=429, headers={"Retry-After": str(seconds)}
        )
