"""Coming in by a link. The key of the link is put away at once, and stands in no later address or log."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from centre import invitations
from centre.errors import Invalid, NotFound, Problem
from centre.forms import PlainCharField
from centre.middleware import record_refusal
from centre.models import Invitation

HELD = "invitation"
_NEW = {"autocomplete": "new-password"}


class AcceptForm(forms.Form):
    """A name, and a password twice."""

    name = PlainCharField(
        name="Your name",
        max_length=120,
        label="Your name",
        help_text="As others will see it. It stands beside what you sign.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Password",
        help_text="At least 15 characters. Three or four words are easy to remember. You can paste it.",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs=_NEW),
        error_messages={"required": "Enter a password"},
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(attrs=_NEW),
        error_messages={"required": "Enter the password again"},
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if invitation.renews:
            del self.fields["name"]

    def clean(self) -> dict[str, Any]:
        """Refuse two that differ."""
        given = self.cleaned_data
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", "The two passwords are not the same")
        return given


class Open(View):
    """The link itself."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Put the key's hash away and go on without it; a link that opens nothing says so."""
        digest = invitations.hashed(key)
        if not Invitation.objects.open().filter(link_sha256=digest).exists():
            return render(request, "people/no_link.html", status=404)
        request.session[HELD] = digest
        return redirect("invitation-accept")


class Accept(View):
    """Choose a name and a password."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        invitation = _held(request)
        if invitation is None:
            return render(request, "people/no_link.html", status=404)
        return self._page(request, invitation, AcceptForm(invitation=invitation))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Come in: the link opens nothing more, and the person signs in as everybody does."""
        invitation = _held(request)
        if invitation is None:
            return render(request, "people/no_link.html", status=404)
        form = AcceptForm(request.POST, invitation=invitation)
        if not form.is_valid():
            return self._refused(request, invitation, form, _as_invalid(form))
        try:
            invitations.accept(
                link_sha256=invitation.link_sha256,
                name=form.cleaned_data.get("name", ""),
                password=form.cleaned_data["password"],
            )
        except Invalid as refusal:
            for problem in refusal.problems:
                form.add_error(problem.pointer, problem.message)
            return self._refused(request, invitation, form, refusal)
        except NotFound:
            return render(request, "people/no_link.html", status=404)
        del request.session[HELD]
        messages.success(request, "Your password is set. Sign in with your e-mail address and the password")
        return redirect("sign-in")

    def _refused(
        self, request: HttpRequest, invitation: Invitation, form: AcceptForm, refusal: Invalid
    ) -> HttpResponse:
        record_refusal(request, refusal)
        return self._page(request, invitation, form, status=422)

    def _page(
        self, request: HttpRequest, invitation: Invitation, form: AcceptForm, *, status: int = 200
    ) -> HttpResponse:
        return render(request, "people/accept.html", {"form": form, "invitation": invitation}, status=status)


def _held(request: HttpRequest) -> Invitation | None:
    """Return the invitation whose link was opened here, where it is still open."""
    opened = Invitation.objects.open().select_related("force", "made_by", "renews")
    return opened.filter(link_sha256=request.session.get(HELD, "")).first()


def _as_invalid(form: forms.Form) -> Invalid:
    return Invalid(
        "The link was not used", [Problem(f"/{name}", str(found[0])) for name, found in form.errors.items()]
    )
