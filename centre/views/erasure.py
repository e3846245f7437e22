"""Erasing a person, by the registrar or the director."""

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from centre import erasure
from centre.accounts import confirming
from centre.errors import Conflict, Invalid, Problem, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, require


class ErasureForm(forms.Form):
    """Who is erased, and why."""

    email = forms.EmailField(
        label="Their e-mail address",
        error_messages={"required": "Enter their e-mail address", "invalid": "Enter an e-mail address"},
    )
    reason = forms.ChoiceField(
        label="Why",
        choices=erasure.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select why"},
    )
    confirm = forms.CharField(
        label="Type erase to go on",
        error_messages={"required": "Type erase to go on"},
    )

    def clean_confirm(self) -> str:
        """Take the word alone."""
        word = str(self.cleaned_data["confirm"]).strip().lower()
        if word != "erase":
            raise forms.ValidationError("Type erase to go on")
        return word


class PersonErase(LoginRequiredMixin, View):
    """The page on which a person is erased."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        require(request.user, Permission.PERSON_ERASE)
        return render(request, "people/erase.html", {"form": ErasureForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Erase the person, once it is certain who asks."""
        require(request.user, Permission.PERSON_ERASE)
        form = ErasureForm(request.POST)
        if not form.is_valid():
            named = [Problem(f"/{field}", str(found[0])) for field, found in form.errors.items()]
            return self._refused(request, form, Invalid("Nobody was erased", named))
        confirming.require(request)
        try:
            said = form.cleaned_data
            erasure.erase(email=said["email"], reason=said["reason"], by=request.user)  # type: ignore[arg-type]  # signed in
        except (Invalid, Conflict) as refusal:
            form.add_error("email", refusal.message)
            return self._refused(request, form, refusal)
        messages.success(request, "The person is erased")
        return redirect("person-erase")

    def _refused(self, request: HttpRequest, form: ErasureForm, refusal: Refusal) -> HttpResponse:
        record_refusal(request, refusal)
        return render(request, "people/erase.html", {"form": form}, status=refusal.page_status)
