"""Ratings: every one there has been, the trace of each, and the two signatures."""

from typing import Any, Literal

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.accounts import confirming
from centre.errors import Conflict, Invalid, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, has_permission, require
from centre.views.posts import signed_in
from tactics.actions import ratings
from tactics.actions.appeals import standing
from tactics.models import Bulletin, Finding, Rating, RulesAdoption, Tactic, rules_in_use
from tactics.rating import LABEL_NAMES
from tactics.rules_page import CLOSURES, ladders
from tactics.views.history import in_words
from tactics.views.tactic import drawing
from tactics.wording import LABEL_MEANINGS, TAG_COLOURS

STEPS: dict[str, Literal[-1, 1]] = {"up": 1, "down": -1}


class RatingList(View):
    """Every rating of a tactic, newest first."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the list."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        found = Rating.objects.visible_to(request.user).filter(tactic=tactic)
        rows = found.select_related("outcome_domain").prefetch_related("signatures__reviewer")
        return render(request, "ratings/list.html", {"tactic": tactic, "ratings": rows})


class RatingDetail(View):
    """One rating and the rules that made it."""

    def get(self, request: HttpRequest, rating_id: str) -> HttpResponse:
        """Show the trace."""
        return render(request, "ratings/detail.html", _context(request, known_rating(request, rating_id)))


class RatingSign(LoginRequiredMixin, View):
    """A methods reviewer agrees with a candidate."""

    def get(self, request: HttpRequest, rating_id: str) -> HttpResponse:
        """Show what will be signed."""
        rating = known_rating(request, rating_id)
        require(request.user, Permission.RATING_SIGN)
        return render(request, "ratings/sign.html", _context(request, rating))

    def post(self, request: HttpRequest, rating_id: str) -> HttpResponse:
        """Sign, or say why not."""
        rating = known_rating(request, rating_id)
        require(request.user, Permission.RATING_SIGN)
        if request.POST.get("agree") != "yes":
            refusal = Invalid.field("agree", "Confirm that you have read the trace and agree with the rating")
            return _refused(request, rating, refusal)
        try:
            confirming.require(request)
            signed = ratings.sign(rating=rating, by=signed_in(request))
        except Conflict as refusal:
            return _refused(request, rating, refusal)
        done = (
            "The rating is public" if signed.is_public else "You have signed. A second reviewer must sign too"
        )
        messages.success(request, done)
        return redirect(signed)


class RatingAdjust(LoginRequiredMixin, View):
    """A methods reviewer moves the strength one level, with a reason."""

    def post(self, request: HttpRequest, rating_id: str) -> HttpResponse:
        """Make the new candidate, or say why not."""
        rating = known_rating(request, rating_id)
        require(request.user, Permission.RATING_SIGN)
        step = STEPS.get(request.POST.get("step", ""))
        try:
            if step is None:
                raise Invalid.field("step", "Choose up or down")
            moved = ratings.adjust(
                rating=rating, step=step, reason=request.POST.get("reason", ""), by=signed_in(request)
            )
        except (Invalid, Conflict) as refusal:
            return _refused(request, rating, refusal)
        messages.success(request, "There is a new candidate with your reason. Two reviewers must sign it")
        return redirect(moved)


class RatingRules(View):
    """The rules in full, with every threshold, and where the project chose."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        labels = [
            {"name": name, "meaning": LABEL_MEANINGS[label], "colour": TAG_COLOURS[label]}
            for label, name in LABEL_NAMES.items()
        ]
        rules = rules_in_use()
        context = {
            "rules": rules,
            "labels": labels,
            "ladders": ladders(rules),
            "closures": CLOSURES,
            "adoptions": RulesAdoption.objects.all(),
            "may_replay": has_permission(request.user, Permission.RATING_SIGN)
            or has_permission(request.user, Permission.RULES_ADOPT),
        }
        return render(request, "ratings/rules.html", context)


def known_rating(request: HttpRequest, rating_id: str) -> Rating:
    """Return the rating, if the person may know of it."""
    rows = Rating.objects.visible_to(request.user).select_related("tactic", "outcome_domain", "synthesis")
    return get_object_or_404(rows, pk=rating_id)


def _context(request: HttpRequest, rating: Rating) -> dict[str, Any]:
    findings = Finding.objects.filter(pk__in=rating.finding_ids).select_related("outcome_domain")
    may_sign = has_permission(request.user, Permission.RATING_SIGN)
    return {
        "rating": rating,
        "tactic": rating.tactic,
        "findings": findings,
        "plot": drawing(rating, findings),
        "signatures": rating.signatures.select_related("reviewer"),
        "pooling": pooling(rating),
        "can_sign": rating.is_candidate and may_sign and not _has_signed(rating, request),
        "appeals": rating.appeals.prefetch_related("answers"),
        "flags": rating.bulletins.filter(kind=Bulletin.Kind.REOPENED),
        "can_appeal": rating.is_current
        and request.user.is_authenticated
        and bool(standing(rating, signed_in(request))),
    }


def _has_signed(rating: Rating, request: HttpRequest) -> bool:
    return rating.signatures.filter(reviewer=signed_in(request)).exists()


def pooling(rating: Rating) -> dict[str, Any] | None:
    """Return how the pooled numbers hold: heterogeneity, small studies, each trial left out; None without a trial."""
    summary = rating.summary
    if summary is None:
        return None
    document = rating.synthesis.document if rating.synthesis else {}
    words, reasons = rating.outcome_domain.words, summary["reasons"]
    not_pooled = reasons.get("estimate", "")
    return {
        "summary": summary,
        "no_spread": reasons.get("i2", not_pooled),
        "no_prediction": reasons.get("prediction", not_pooled),
        "no_egger": reasons.get("egger", not_pooled) or "it needs 10 trials or more",
        "without": [
            {"study": row["study"], **in_words(row, document["metric"], words)}
            for row in document.get("leave_one_out", ())
        ],
    }


def _refused(request: HttpRequest, rating: Rating, refusal: Refusal) -> HttpResponse:
    """Show the page again with what was typed."""
    record_refusal(request, refusal)
    context = {
        **_context(request, rating),
        "problems": refusal.shown,
        "typed": {"step": request.POST.get("step", ""), "reason": request.POST.get("reason", "")},
    }
    return render(request, "ratings/sign.html", context, status=refusal.page_status)
