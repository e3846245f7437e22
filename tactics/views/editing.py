"""A tactic is proposed, edited and published: one form, one action each."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Invalid, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, require
from centre.views.posts import signed_in
from tactics.actions import tactics
from tactics.actions.tactics import StaleForm, details_of
from tactics.details import TEXTS, gaps
from tactics.forms import TacticForm
from tactics.models import Tactic


class TacticPropose(LoginRequiredMixin, View):
    """A new tactic."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the empty form."""
        require(request.user, Permission.TACTIC_PROPOSE)
        return render(request, "tactics/propose.html", {"form": TacticForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose it, or show what to put right."""
        require(request.user, Permission.TACTIC_PROPOSE)
        form = TacticForm(request.POST)
        if not form.is_valid():
            return _again(request, "tactics/propose.html", form, Invalid("The form has problems"))
        try:
            tactic = tactics.propose(details=form.details(), by=signed_in(request))
        except Invalid as refusal:
            form.add_problems(refusal)
            return _again(request, "tactics/propose.html", form, refusal)
        messages.success(request, "Your tactic is saved as a draft")
        return redirect(tactic)


class TacticEdit(LoginRequiredMixin, View):
    """A tactic that stands already."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the form with what stands."""
        tactic = _editable(request, slug)
        return render(request, "tactics/edit.html", {"form": TacticForm.of(tactic), "tactic": tactic})

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Save it, or show what to put right."""
        tactic = _editable(request, slug)
        form = TacticForm(request.POST)
        if not form.is_valid():
            return _again(request, "tactics/edit.html", form, Invalid("The form has problems"), tactic=tactic)
        version = form.cleaned_data["version"] or 0
        try:
            tactics.edit(tactic=tactic, details=form.details(), version=version, by=signed_in(request))
        except StaleForm as refusal:
            return _stale(request, form, refusal, tactic)
        except Invalid as refusal:
            form.add_problems(refusal)
            return _again(request, "tactics/edit.html", form, refusal, tactic=tactic)
        messages.success(request, "Your changes are saved")
        return redirect(tactic)


class TacticPublish(LoginRequiredMixin, View):
    """A draft becomes public."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Ask, and say what is still missing."""
        tactic = _known(request, slug)
        require(request.user, Permission.TACTIC_PUBLISH)
        return render(request, "tactics/publish.html", _to_publish(tactic))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Publish it."""
        tactic, reason = _known(request, slug), request.POST.get("no_record_because", "")
        try:
            tactics.publish(tactic=tactic, by=signed_in(request), no_record_because=reason)
        except Invalid as refusal:
            record_refusal(request, refusal)
            context = _to_publish(tactic) | {"typed": reason}
            if not context["gaps"]:
                context["problems"] = refusal.problems
            return render(request, "tactics/publish.html", context, status=422)
        messages.success(request, "The tactic is published")
        return redirect(tactic)


def _to_publish(tactic: Tactic) -> dict[str, Any]:
    return {
        "tactic": tactic,
        "gaps": gaps(details_of(tactic)),
        "needs_record": tactic.uses_ai and not tactic.transparency_records.exists(),
    }


def _known(request: HttpRequest, slug: str) -> Tactic:
    return get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)


def _editable(request: HttpRequest, slug: str) -> Tactic:
    tactic = _known(request, slug)
    require(request.user, Permission.TACTIC_EDIT, on=tactic)
    if not tactic.may_be_edited_by(request.user):
        raise tactics.AlreadyPublished("This tactic is published. Ask the Centre to change it.")
    return tactic


def _again(
    request: HttpRequest, template: str, form: TacticForm, refusal: Refusal, **context: Any
) -> HttpResponse:
    """Show the form again with everything that was typed; the refusal leaves its event."""
    record_refusal(request, refusal)
    return render(request, template, {"form": form, **context}, status=422)


def _stale(request: HttpRequest, form: TacticForm, refusal: StaleForm, tactic: Tactic) -> HttpResponse:
    """Show both versions; saving again from here keeps what the person typed."""
    record_refusal(request, refusal)
    tactic.refresh_from_db()
    labels = {name: rule.label for name, rule in TEXTS.items()}
    context = {
        "form": form.over(tactic.version),
        "tactic": tactic,
        "stale": refusal,
        "differing": [
            {
                "label": labels.get(name, form.fields[name].label),
                "theirs": _shown(getattr(refusal.theirs, name)),
                "yours": _shown(getattr(refusal.yours, name)),
            }
            for name in refusal.differing
        ],
    }
    return render(request, "tactics/edit.html", context, status=409)


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "Nothing")
