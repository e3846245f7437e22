"""Who uses a tactic: the ledger, and how a force enters what it does."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid
from centre.middleware import record_refusal
from centre.models import Force
from centre.permissions import Permission, require
from centre.views.posts import signed_in
from tactics import adoption_map
from tactics.actions import adoptions, practice
from tactics.adoption import MISTAKE, uses
from tactics.adoption_forms import AdoptionForm
from tactics.models import Adoption, Tactic

SPEAK = Permission.ADOPTION_REPORT


def adoptions_of(request: HttpRequest, tactic: Tactic) -> dict[str, Any]:
    """Return what the page of a tactic says of who uses it. Needs `with_current_rating`."""
    entries = list(tactic.adoptions.select_related("force"))
    lines = uses(entries)
    return {
        "uses": lines,
        "entries": entries,
        "still_done": [use for use in lines if use.is_done] if tactic.harms else [],
        "may_report": request.user.is_authenticated and practice.may_speak(signed_in(request), SPEAK, tactic),
    }


class TacticAdoptions(View):
    """Every entry of the ledger of one tactic, and who uses it now."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the page."""
        rows = Tactic.objects.visible_to(request.user).with_current_rating()
        tactic = get_object_or_404(rows, slug=slug)
        context = adoptions_of(request, tactic)
        own = (
            frozenset(force.pk for force in speaks_for(request, tactic, SPEAK))
            if context["may_report"]
            else ()
        )
        corrected = {one.corrects_id: one for one in context["entries"] if one.corrects_id}
        by_area = request.GET.get("map") == "areas"
        context |= adoption_map.drawn(tactic, context["uses"], by_area=by_area)
        context["ledger"] = [
            {
                "said": one,
                "corrected_by": corrected.get(one.pk),
                "can_correct": one.pk not in corrected and one.stage != MISTAKE and one.force_id in own,
            }
            for one in context["entries"]
        ]
        return render(request, "adoptions/list.html", {"tactic": tactic, **context})


class AdoptionNew(LoginRequiredMixin, View):
    """A force tells others that it does this."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the empty form."""
        tactic = published_tactic(request, slug, SPEAK)
        context = {"form": AdoptionForm(speaks_for(request, tactic, SPEAK)), "tactic": tactic}
        return render(request, "adoptions/new.html", context)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Enter it, or show what to put right."""
        tactic = published_tactic(request, slug, SPEAK)
        form = AdoptionForm(speaks_for(request, tactic, SPEAK), request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            adoptions.report(tactic=tactic, force=form.chosen_force, said=form.said(), by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            return _again(request, "adoptions/new.html", form, refusal, tactic=tactic)
        messages.success(request, "It is in the ledger, for every force to read")
        return redirect("tactic-adoptions", tactic.slug)


class AdoptionCorrect(LoginRequiredMixin, View):
    """A force puts right what it said."""

    def get(self, request: HttpRequest, slug: str, adoption_id: str) -> HttpResponse:
        """Show the form with what was said."""
        adoption = _entry(request, slug, adoption_id)
        context = {"form": AdoptionForm.of(adoption), "tactic": adoption.tactic, "adoption": adoption}
        return render(request, "adoptions/correct.html", context)

    def post(self, request: HttpRequest, slug: str, adoption_id: str) -> HttpResponse:
        """Put it right, or show what is wrong with it."""
        adoption = _entry(request, slug, adoption_id)
        form = AdoptionForm([adoption.force], request.POST).correcting()
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            adoptions.correct(adoption=adoption, said=form.said(), by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            context = {"tactic": adoption.tactic, "adoption": adoption}
            return _again(request, "adoptions/correct.html", form, refusal, **context)
        messages.success(
            request, "The correction is in the ledger. The earlier entry stays, and no longer counts"
        )
        return redirect("tactic-adoptions", adoption.tactic.slug)


def published_tactic(request: HttpRequest, slug: str, permission: Permission) -> Tactic:
    """Return a tactic of which a force may say something; the person holds the permission in general."""
    tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
    require(request.user, permission)
    if not tactic.is_published:
        raise practice.DraftTactic()
    return tactic


def _entry(request: HttpRequest, slug: str, adoption_id: str) -> Adoption:
    rows = Adoption.objects.visible_to(request.user).select_related("tactic", "force")
    adoption = get_object_or_404(rows, tactic__slug=slug, public_id=adoption_id)
    require(request.user, SPEAK, on=adoption.force)
    return adoption


def speaks_for(request: HttpRequest, tactic: Tactic, permission: Permission) -> list[Force]:
    """Return the forces that the person may speak for here; there is no form for none."""
    found = practice.forces_of(signed_in(request), permission, tactic)
    if not found:
        raise practice.InventedWithReal()
    return found


def _again(
    request: HttpRequest, template: str, form: AdoptionForm, refusal: Invalid | Conflict, **context: Any
) -> HttpResponse:
    """Show the form again with everything that was typed; the refusal leaves its event."""
    record_refusal(request, refusal)
    if not form.errors:
        form.add_problems(refusal)
    return render(request, template, {"form": form, **context}, status=refusal.page_status)
