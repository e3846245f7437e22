"""The studies that were not taken in: the public list, and what reviewers do with it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid, Refusal
from centre.middleware import record_refusal
from centre.paging import Pages
from centre.permissions import Permission, has_permission, require
from centre.views.posts import signed_in
from tactics.actions import rejections
from tactics.models import RejectedStudy, Tactic
from tactics.rejection_forms import RejectedForm, TakeBackForm

PAGE_SIZE = 20


class RejectedList(View):
    """The studies that were not taken in, newest first, with the reason of each."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page, of one reason or of all."""
        reason = request.GET.get("reason", "")
        found = RejectedStudy.objects.select_related("tactic", "decided_by")
        found = found.filter(reason=reason) if reason in RejectedStudy.Reason.values else found
        context = {
            "page": Pages(found, PAGE_SIZE).get_page(request.GET.get("page")),
            "reasons": RejectedStudy.Reason.choices,
            "reason": reason,
            "query": f"reason={reason}" if reason in RejectedStudy.Reason.values else "",
            "may_record": has_permission(request.user, Permission.RATING_SIGN),
        }
        return render(request, "rejected/list.html", context)


class RejectedNew(LoginRequiredMixin, View):
    """A reviewer puts a study on the list."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        require(request.user, Permission.RATING_SIGN)
        return render(request, "rejected/new.html", {"form": RejectedForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record it, or show what to put right."""
        require(request.user, Permission.RATING_SIGN)
        form = RejectedForm(request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            said = form.cleaned_data
            tactic = _tactic(said.pop("tactic"))
            rejections.record(**said, tactic=tactic, by=signed_in(request))
        except Invalid as refusal:
            return _again(request, "rejected/new.html", form, refusal)
        messages.success(request, "The study is on the public list")
        return redirect("rejected-list")


class RejectedTakeBack(LoginRequiredMixin, View):
    """A reviewer takes a decision back."""

    def get(self, request: HttpRequest, rejected_id: int) -> HttpResponse:
        """Show the decision and ask for the reason."""
        require(request.user, Permission.RATING_SIGN)
        rejected = get_object_or_404(RejectedStudy, pk=rejected_id)
        return render(request, "rejected/take_back.html", {"form": TakeBackForm(), "rejected": rejected})

    def post(self, request: HttpRequest, rejected_id: int) -> HttpResponse:
        """Take it back, or show what to put right."""
        require(request.user, Permission.RATING_SIGN)
        rejected = get_object_or_404(RejectedStudy, pk=rejected_id)
        form = TakeBackForm(request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            rejections.take_back(
                rejected=rejected, because=form.cleaned_data["because"], by=signed_in(request)
            )
        except (Invalid, Conflict) as refusal:
            return _again(request, "rejected/take_back.html", form, refusal, rejected=rejected)
        messages.success(request, "The decision is taken back. The list says so")
        return redirect("rejected-list")


def _tactic(slug: str) -> Tactic | None:
    if not slug:
        return None
    found: Tactic | None = Tactic.objects.published().filter(slug=slug).first()
    if found is None:
        raise Invalid.field("tactic", "There is no public tactic with this address")
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
