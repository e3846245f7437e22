"""Appeals against ratings: made by a force or a trial's team, answered by two others, read by everybody."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid, NotPermitted
from centre.middleware import record_refusal
from centre.permissions import Permission, require
from centre.views.posts import signed_in
from tactics.actions import appeals
from tactics.models import Appeal, AppealAnswer, Rating
from tactics.views.ratings import known_rating


class RatingAppeal(LoginRequiredMixin, View):
    """Somebody says that a public rating is wrong."""

    def get(self, request: HttpRequest, rating_id: str) -> HttpResponse:
        """Show the form."""
        rating = known_rating(request, rating_id)
        return render(request, "ratings/appeal.html", self._context(request, rating))

    def post(self, request: HttpRequest, rating_id: str) -> HttpResponse:
        """Take the appeal, or say why not."""
        rating = known_rating(request, rating_id)
        grounds = request.POST.get("grounds", "")
        try:
            made = appeals.make(rating=rating, grounds=grounds, by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            context = self._context(request, rating) | {"problems": refusal.shown, "typed": grounds}
            record_refusal(request, refusal)
            return render(request, "ratings/appeal.html", context, status=refusal.page_status)
        messages.success(
            request, "Your appeal is on the record. Two people who did not sign the rating answer it"
        )
        return redirect(made)

    def _context(self, request: HttpRequest, rating: Rating) -> dict[str, Any]:
        on_behalf_of = appeals.standing(rating, signed_in(request))
        if not on_behalf_of:
            raise NotPermitted("A force, or the team of a trial that the rating rests on, can appeal.")
        return {"rating": rating, "tactic": rating.tactic, "on_behalf_of": on_behalf_of}


class AppealDetail(View):
    """An appeal with its answers."""

    def get(self, request: HttpRequest, appeal_id: str) -> HttpResponse:
        """Show it."""
        return render(request, "ratings/appeal_detail.html", _context(request, _appeal(request, appeal_id)))


class AppealAnswered(LoginRequiredMixin, View):
    """One of two people answers."""

    def post(self, request: HttpRequest, appeal_id: str) -> HttpResponse:
        """Take the answer, or say why not."""
        appeal = _appeal(request, appeal_id)
        require(request.user, Permission.APPEAL_ANSWER)
        sent = {name: request.POST.get(name, "") for name in ("decision", "reason")}
        try:
            appeals.answer(appeal=appeal, **sent, by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            record_refusal(request, refusal)
            context = _context(request, appeal) | {"problems": refusal.shown, "typed": sent}
            return render(request, "ratings/appeal_detail.html", context, status=refusal.page_status)
        messages.success(request, "Your answer is on the record")
        return redirect(appeal)


def _appeal(request: HttpRequest, appeal_id: str) -> Appeal:
    rows = Appeal.objects.visible_to(request.user).select_related(
        "rating__tactic", "rating__outcome_domain", "by"
    )
    return get_object_or_404(rows.prefetch_related("answers__by"), public_id=appeal_id)


def _context(request: HttpRequest, appeal: Appeal) -> dict[str, Any]:
    user = request.user
    return {
        "appeal": appeal,
        "rating": appeal.rating,
        "tactic": appeal.rating.tactic,
        "decisions": AppealAnswer.Decision.choices,
        "can_answer": user.is_authenticated and appeals.may_answer(appeal, signed_in(request)),
    }
