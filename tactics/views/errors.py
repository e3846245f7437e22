"""Error rates of a tool: recorded, and taken back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, require
from centre.views.posts import signed_in
from tactics.actions import errors
from tactics.error_forms import ErrorRateForm, TakeBackForm
from tactics.models import ErrorRate, Tactic


class ErrorRateNew(LoginRequiredMixin, View):
    """A count over its denominator."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the form."""
        tactic = _editable(request, slug)
        return render(request, "error_rates/new.html", {"form": ErrorRateForm(), "tactic": tactic})

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Record it, or show what to put right."""
        tactic = _editable(request, slug)
        form = ErrorRateForm(request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            errors.record(tactic=tactic, by=signed_in(request), **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            return _again(request, "error_rates/new.html", form, refusal, tactic=tactic)
        messages.success(request, "The rate stands on the page, with its denominator")
        return redirect(tactic)


class ErrorRateTakeBack(LoginRequiredMixin, View):
    """A rate that no longer stands."""

    def get(self, request: HttpRequest, rate_id: int) -> HttpResponse:
        """Show the rate and ask for the reason."""
        rate = _rate(request, rate_id)
        return render(request, "error_rates/take_back.html", {"form": TakeBackForm(), "rate": rate})

    def post(self, request: HttpRequest, rate_id: int) -> HttpResponse:
        """Take it back, or show what to put right."""
        rate = _rate(request, rate_id)
        form = TakeBackForm(request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            errors.take_back(rate=rate, because=form.cleaned_data["because"], by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            return _again(request, "error_rates/take_back.html", form, refusal, rate=rate)
        messages.success(request, "The rate is taken back")
        return redirect(rate.tactic)


def _editable(request: HttpRequest, slug: str) -> Tactic:
    found: Tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.TACTIC_EDIT, on=found)
    return found


def _rate(request: HttpRequest, rate_id: int) -> ErrorRate:
    tactics = Tactic.objects.visible_to(request.user)
    found: ErrorRate = get_object_or_404(
        ErrorRate.objects.select_related("tactic").filter(tactic__in=tactics), pk=rate_id
    )
    require(request.user, Permission.TACTIC_EDIT, on=found.tactic)
    return found


def _again(
    request: HttpRequest, template: str, form: forms.Form, refusal: Refusal, **context: Any
) -> HttpResponse:
    """Show the form again with everything that was typed."""
    record_refusal(request, refusal)
    if isinstance(refusal, Conflict):
        form.add_error(None, refusal.message)
    for problem in refusal.problems:
        form.add_error(problem.pointer if problem.pointer in form.fields else None, problem.message)
    return render(request, template, {"form": form, **context}, status=refusal.page_status)
