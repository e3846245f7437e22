"""Following tactics: what is new about one, who wants to be told, and the notices."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.views.posts import signed_in
from tactics.actions import bulletins, subscriptions
from tactics.models import Bulletin, Finding, Rating, Subscription, Tactic, TacticNotice

NEWEST = 3


def news_of(request: HttpRequest, tactic: Tactic, ratings: list[Rating], findings: Any) -> dict[str, Any]:
    """Return what the page of a tactic says of what is new: flags, results that are not in the rating yet, news."""
    flags = Bulletin.objects.filter(rating__in=ratings, kind=Bulletin.Kind.REOPENED)
    user = request.user
    return {
        "flags": flags.select_related("outcome_domain"),
        "waiting_results": _unread(ratings, list(findings)),
        "news": Bulletin.objects.for_all()
        .filter(tactic=tactic)
        .select_related("outcome_domain", "rating")[:NEWEST],
        "follows": user.is_authenticated and Subscription.objects.filter(tactic=tactic, user=user).exists(),
    }


def _unread(ratings: list[Rating], findings: list[Finding]) -> list[Finding]:
    """Return the findings that no public rating has read: a newer rating waits for its signatures."""
    read = {key for rating in ratings for key in rating.finding_ids}
    return [finding for finding in findings if str(finding.pk) not in read]


class TacticFollow(LoginRequiredMixin, View):
    """A person wants to be told."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Follow it."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        subscriptions.follow(tactic=tactic, by=signed_in(request))
        messages.success(request, "You follow this tactic. New results and ratings show under “My work”")
        return redirect(tactic)


class TacticLeave(LoginRequiredMixin, View):
    """A person does not want to be told any more."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Leave it."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        subscriptions.leave(tactic=tactic, by=signed_in(request))
        messages.success(request, "You no longer follow this tactic")
        return redirect(tactic)


class TacticsFollowed(LoginRequiredMixin, View):
    """What one was told and has not read, and the tactics that one follows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show both."""
        user = signed_in(request)
        waiting = TacticNotice.objects.filter(user=user, seen_at=None)
        followed = Subscription.objects.filter(user=user).select_related("tactic")
        context = {
            "notices": waiting.select_related(
                "bulletin__tactic", "bulletin__outcome_domain", "bulletin__rating"
            )[:50],
            "n_notices": waiting.count(),
            "followed": followed,
        }
        return render(request, "tactics/followed.html", context)


class TacticNoticeSeen(LoginRequiredMixin, View):
    """A notice is read: it goes, and leads to what it tells of."""

    def post(self, request: HttpRequest, tactic_notice_id: str) -> HttpResponse:
        """Mark it and go there."""
        user = signed_in(request)
        rows = TacticNotice.objects.filter(user=user).select_related("bulletin__tactic", "bulletin__rating")
        notice = get_object_or_404(rows, public_id=tactic_notice_id)
        bulletins.see(notice=notice, by=user)
        rating = notice.bulletin.rating
        known = rating is not None and Rating.objects.visible_to(user).filter(pk=rating.pk).exists()
        return redirect(rating if known else notice.bulletin.tactic)
