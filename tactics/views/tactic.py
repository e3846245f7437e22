"""One tactic: its page, and its first 30 days to print."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from centre.permissions import Permission, has_permission
from tactics import error_pages, forest, quality_pages, worth
from tactics.actions import errors
from tactics.models import Finding, Rating, Tactic, newest_of, standings
from tactics.views.adoptions import adoptions_of
from tactics.views.following import news_of
from tactics.views.hours import hours_of

WIDE, NARROW = 720, 360


class TacticDetail(View):
    """What it is, whether it works, how to do it and what it costs."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the page."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user).with_pooled_rating(), slug=slug)
        findings = list(tactic.findings.current().select_related("outcome_domain"))
        headline = tactic.headline_rating
        worth.tell([tactic])
        # The outcome that the tactic is meant to change comes first.
        ratings = sorted(tactic.current_ratings, key=lambda one: one != headline)
        context = {
            "tactic": tactic,
            "rating": headline,
            "plots": [drawn for rating in ratings if (drawn := drawing(rating, findings))],
            "findings": findings,
            "trials": tactic.registered_trials.all(),
            "rejected": tactic.rejected_studies.standing(),
            "practices": newest_of(tactic),
            "may_tell": request.user.is_authenticated
            and bool(request.user.force_ids)
            and has_permission(request.user, Permission.TACTIC_PROPOSE),
            "today": timezone.localdate(),
            "candidates": _candidates(request, tactic),
            **news_of(request, tactic, ratings, findings),
            **adoptions_of(request, tactic),
            **hours_of(request, tactic),
            **_of_ai(request, tactic),
            "emmie": quality_pages.parts(
                tactic, headline, standings(tactic.quality_scores.select_related("by"))
            ),
            "can_edit": tactic.may_be_edited_by(request.user),
            "can_draft": has_permission(request.user, Permission.TRIAL_DRAFT),
            "can_publish": not tactic.is_published
            and has_permission(request.user, Permission.TACTIC_PUBLISH),
        }
        return render(request, "tactics/detail.html", context)


def _of_ai(request: HttpRequest, tactic: Tactic) -> dict[str, Any]:
    """Return what the page says of a tool: its error rates, and who may add to what is known of it."""
    if not tactic.uses_ai:
        return {}
    return {
        "error_rates": error_pages.by_kind(tactic.error_rates.standing()),
        "can_write_record": has_permission(request.user, Permission.TACTIC_EDIT, on=tactic),
        "can_record_rates": errors.may_record(tactic, request.user),
    }


def _candidates(request: HttpRequest, tactic: Tactic) -> list[Rating]:
    waiting = Rating.objects.candidates().visible_to(request.user).filter(tactic=tactic)
    return list(waiting.select_related("outcome_domain").prefetch_related("signatures__reviewer"))


def drawing(rating: Rating, findings: Any) -> dict[str, Any] | None:
    """Return the forest plot of a rating in two widths, with the rows of its table; None where nothing is found."""
    if rating.synthesis is None:
        return None
    document = rating.synthesis.document
    higher = rating.outcome_domain.benefit == "higher"
    by_id: dict[str, Finding] = {str(finding.pk): finding for finding in findings}
    return {
        "rating": rating,
        "wide": forest.plot(document, width=WIDE, higher_is_better=higher),
        "narrow": forest.plot(document, width=NARROW, higher_is_better=higher),
        "rows": [
            {**row, "row": by_id.get(row["finding"]), "percent": round(100 * (row["weight"] or 0))}
            for row in document["rows"]
        ],
        "method": rating.synthesis.method,
    }


class TacticStart(View):
    """The first 30 days, on a page made for paper."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the page."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user).with_current_rating(), slug=slug)
        return render(request, "tactics/start.html", {"tactic": tactic, "rating": tactic.headline_rating})
