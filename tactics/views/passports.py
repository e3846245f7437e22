"""Evidence passports: what there is of a tactic, each as it was issued, and the keys to check them with."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre import vault
from centre.errors import Conflict
from centre.middleware import record_refusal
from centre.views.posts import signed_in
from tactics.actions import passports
from tactics.models import Passport, Rating, SigningKey, Tactic

SHOWN = 20
KINDS = {"pdf": "application/pdf", "json": "application/json"}


class TacticPassport(View):
    """The passports of one tactic."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show them, newest first."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        return render(request, "passports/list.html", _context(request, tactic))


class PassportIssue(LoginRequiredMixin, View):
    """Whoever is signed in has today's passport issued."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Issue one of today, or say why there is none."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        by = signed_in(request)
        rows = Rating.objects.public().filter(tactic=tactic)
        found = rows.filter(outcome_domain__slug=request.POST.get("outcome", ""))
        rating = found.select_related("tactic__force", "outcome_domain", "synthesis").first()
        try:
            if rating is None:
                raise passports.NotPublic(
                    "Choose an outcome that is rated: there is no public rating on this one."
                )
            passport = passports.issue(rating=rating, by=by)
        except Conflict as refusal:
            record_refusal(request, refusal)
            context = {**_context(request, tactic), "problems": refusal.shown}
            return render(request, "passports/list.html", context, status=409)
        messages.success(request, "The passport of today is issued")
        return redirect(passport)


class PassportDetail(View):
    """One passport: what it is of, its files, and whether a newer rating exists."""

    def get(self, request: HttpRequest, passport_id: str) -> HttpResponse:
        """Show it."""
        passport = _one(request, passport_id)
        newer = Rating.objects.public().filter(
            tactic=passport.rating.tactic, outcome_domain=passport.rating.outcome_domain
        )
        context = {
            "passport": passport,
            "document": passport.document,
            "newer": None if passport.rating.is_current else newer.first(),
        }
        return render(request, "passports/detail.html", context)


class PassportFile(View):
    """The signed file, as PDF or as data, byte for byte as it was issued."""

    def get(self, request: HttpRequest, passport_id: str, kind: str) -> HttpResponse:
        """Send it."""
        if kind not in KINDS:
            raise Http404(kind)
        passport = _one(request, passport_id)
        name = f"passport-{passport.rating.tactic.slug}-{passport.day:%Y-%m-%d}.{kind}"
        content = passport.sealed.encode() if kind == "json" else vault.read(passport.pdf_sha256)
        answer = HttpResponse(content, content_type=KINDS[kind])
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class PassportKeys(View):
    """The public keys, and how to check a passport."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return render(request, "passports/keys.html", {"keys": SigningKey.objects.all()})


class PassportKeyFile(View):
    """The public keys as data."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send them, newest first."""
        return JsonResponse({"keys": [key.as_json() for key in SigningKey.objects.all()]})


def _one(request: HttpRequest, passport_id: str) -> Passport:
    rows = Passport.objects.visible_to(request.user).select_related(
        "rating__tactic", "rating__outcome_domain", "key"
    )
    return get_object_or_404(rows, public_id=passport_id)


def _context(request: HttpRequest, tactic: Tactic) -> dict[str, Any]:
    rated = Rating.objects.public().filter(tactic=tactic).select_related("outcome_domain")
    found = Passport.objects.filter(rating__tactic=tactic).select_related("rating__outcome_domain", "key")
    return {
        "tactic": tactic,
        "ratings": sorted(rated, key=lambda one: one.outcome_domain_id != tactic.main_outcome_id),
        "passports": found[:SHOWN],
        "can_sign": passports.can_sign(),
    }
