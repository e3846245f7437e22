"""How well the parts of a tactic's page are founded: what is agreed, and how two reviewers get there."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid
from centre.middleware import record_refusal
from centre.permissions import Permission, require
from centre.views.posts import signed_in
from tactics.actions import quality
from tactics.emmie import DIMENSIONS, WORKING_TEXT
from tactics.models import Tactic, standings
from tactics.quality_form import QualityForm
from tactics.quality_pages import parts


class QualityDetail(View):
    """The five parts with what two reviewers agreed on, and why."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the page."""
        tactic = _known(request, slug)
        found = standings(tactic.quality_scores.select_related("by"))
        person = request.user.pk if request.user.is_authenticated else 0
        may_score = request.user.is_authenticated and quality.may_score(tactic, signed_in(request))
        lines = [
            {
                "name": name,
                "title": DIMENSIONS[name],
                "levels": WORKING_TEXT[name],
                "now": now,
                "can_score": may_score and (now.waits_for(person) or not now.open),
                "waits": bool(now.open) and now.has_scored(person) and not now.differ,
            }
            for name, now in found.items()
        ]
        context = {
            "tactic": tactic,
            "lines": lines,
            "parts": parts(tactic, tactic.headline_rating, found),
            "may_score": may_score,
        }
        return render(request, "quality/detail.html", context)


class QualityScored(LoginRequiredMixin, View):
    """One reviewer scores one part, alone; or finds one score with the other."""

    def get(self, request: HttpRequest, slug: str, dimension: str) -> HttpResponse:
        """Show the form, and of the other's score only what the reviewer may know."""
        tactic = _to_score(request, slug, dimension)
        return render(
            request, "quality/score.html", _context(request, tactic, dimension, QualityForm(dimension))
        )

    def post(self, request: HttpRequest, slug: str, dimension: str) -> HttpResponse:
        """Take the score, or say why not."""
        tactic = _to_score(request, slug, dimension)
        form = QualityForm(dimension, request.POST)
        context = _context(request, tactic, dimension, form)
        act = quality.moderate if context["is_moderation"] else quality.score
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            act(tactic=tactic, dimension=dimension, by=signed_in(request), **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            record_refusal(request, refusal)
            if isinstance(refusal, Conflict):
                form.add_error(None, refusal.message)
            for problem in refusal.problems:
                form.add_error(problem.pointer if problem.pointer in form.fields else None, problem.message)
            return render(request, "quality/score.html", context, status=refusal.page_status)
        messages.success(request, f"Your score of “{DIMENSIONS[dimension]}” is in")
        return redirect("quality-detail", slug)


def _known(request: HttpRequest, slug: str) -> Tactic:
    tactics = Tactic.objects.visible_to(request.user).with_current_rating()
    found: Tactic = get_object_or_404(tactics, slug=slug)
    return found


def _to_score(request: HttpRequest, slug: str, dimension: str) -> Tactic:
    tactic = _known(request, slug)
    require(request.user, Permission.RATING_SIGN)
    if dimension not in DIMENSIONS:
        raise Http404
    return tactic


def _context(request: HttpRequest, tactic: Tactic, dimension: str, form: QualityForm) -> dict[str, Any]:
    person = signed_in(request).pk
    now = standings(tactic.quality_scores.select_related("by"))[dimension]
    return {
        "tactic": tactic,
        "title": DIMENSIONS[dimension],
        "text": getattr(tactic, dimension),
        "form": form,
        "now": now,
        "seen": now.seen_by(person),
        "is_moderation": now.differ and now.has_scored(person),
    }
