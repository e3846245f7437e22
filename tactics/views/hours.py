"""The hours account of a tactic: its page, and how a force says what it saved and took."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid
from centre.middleware import record_refusal
from centre.permissions import Permission, require
from centre.views.posts import signed_in
from tactics import hours_page
from tactics.actions import hours, practice
from tactics.hours import sums
from tactics.hours_forms import HoursForm
from tactics.models import HoursClaim, Tactic
from tactics.views.adoptions import published_tactic, speaks_for

SPEAK = Permission.HOURS_REPORT


def hours_of(request: HttpRequest, tactic: Tactic) -> dict[str, Any]:
    """Return what the page of a tactic says of its hours account."""
    standing = tactic.hoursclaims.standing().select_related("force")
    return {
        "hours_sums": sums(one.as_claim for one in standing),
        "may_claim": request.user.is_authenticated and practice.may_speak(signed_in(request), SPEAK, tactic),
    }


class TacticHours(View):
    """The whole account: sums, the scale-up or why there is none, every claim."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the page."""
        rows = Tactic.objects.visible_to(request.user).with_current_rating()
        tactic = get_object_or_404(rows, slug=slug)
        claims = list(tactic.hoursclaims.select_related("force"))
        corrected = {one.corrects_id: one for one in claims if one.corrects_id}
        may_claim = request.user.is_authenticated and practice.may_speak(signed_in(request), SPEAK, tactic)
        own = [force.pk for force in speaks_for(request, tactic, SPEAK)] if may_claim else []
        context = {
            "tactic": tactic,
            "rating": tactic.headline_rating,
            "account": hours_page.account(tactic, [one for one in claims if one.pk not in corrected]),
            "may_claim": may_claim,
            "claims": [
                {
                    "said": one,
                    "corrected_by": corrected.get(one.pk),
                    "can_correct": one.pk not in corrected and one.force_id in own,
                }
                for one in claims
            ],
        }
        return render(request, "hours/account.html", context)


class HoursNew(LoginRequiredMixin, View):
    """A force says what hours a tactic saved and took."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the empty form."""
        tactic = published_tactic(request, slug, SPEAK)
        context = {"form": HoursForm(speaks_for(request, tactic, SPEAK)), "tactic": tactic}
        return render(request, "hours/new.html", context)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Enter it, or show what to put right."""
        tactic = published_tactic(request, slug, SPEAK)
        form = HoursForm(speaks_for(request, tactic, SPEAK), request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            hours.claim(tactic=tactic, force=form.chosen_force, said=form.said(), by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            return _again(request, "hours/new.html", form, refusal, tactic=tactic)
        messages.success(request, "The hours are in the account, for every force to read")
        return redirect("tactic-hours", tactic.slug)


class HoursCorrect(LoginRequiredMixin, View):
    """A force puts right what it said of its hours."""

    def get(self, request: HttpRequest, slug: str, claim_id: str) -> HttpResponse:
        """Show the form with what was said."""
        claim = _claim(request, slug, claim_id)
        context = {"form": HoursForm.of(claim), "tactic": claim.tactic, "claim": claim}
        return render(request, "hours/correct.html", context)

    def post(self, request: HttpRequest, slug: str, claim_id: str) -> HttpResponse:
        """Put it right, or show what is wrong with it."""
        claim = _claim(request, slug, claim_id)
        form = HoursForm([claim.force], request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            hours.correct(claim=claim, said=form.said(), by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            return _again(request, "hours/correct.html", form, refusal, tactic=claim.tactic, claim=claim)
        messages.success(
            request, "The correction is in the account. The earlier claim stays, and no longer counts"
        )
        return redirect("tactic-hours", claim.tactic.slug)


def _claim(request: HttpRequest, slug: str, claim_id: str) -> HoursClaim:
    rows = HoursClaim.objects.visible_to(request.user).select_related("tactic", "force")
    claim = get_object_or_404(rows, tactic__slug=slug, public_id=claim_id)
    require(request.user, SPEAK, on=claim.force)
    return claim


def _again(
    request: HttpRequest, template: str, form: HoursForm, refusal: Invalid | Conflict, **context: Any
) -> HttpResponse:
    """Show the form again with everything that was typed; the refusal leaves its event."""
    record_refusal(request, refusal)
    if not form.errors:
        form.add_problems(refusal)
    return render(request, template, {"form": form, **context}, status=refusal.page_status)
