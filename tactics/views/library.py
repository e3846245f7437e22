"""The way in: a force user comes with a problem to solve."""

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from centre.paging import Pages
from tactics.filters import TacticFilter
from tactics.models import Problem, Tactic
from tactics.rating import Label

PAGE_SIZE = 20
BEST = 3
COMPARED_AT_MOST = 4
WORTH_SHOWING_FIRST = (Label.EFFECTIVE.value, Label.PROMISING.value)


class LibraryHome(View):
    """Search, the problems, and the best-rated tactics."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        published = Tactic.objects.published()
        shown = Count("tactics", filter=Q(tactics__published_at__isnull=False))
        first = list(published.with_rating_columns().with_current_rating().best_first()[:BEST])
        rated = [tactic for tactic in first if tactic.rated_label in WORTH_SHOWING_FIRST]
        context = {
            "problems": Problem.objects.annotate(count=shown).filter(count__gt=0),
            "first": rated or first,
            "are_rated": bool(rated),
            "total": published.count(),
        }
        return render(request, "library/home.html", context)


class TacticList(View):
    """Search and filter; cards with effect, strength and cost."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of what matches."""
        form = TacticFilter(request.GET)
        tactics = Tactic.objects.visible_to(request.user).with_rating_columns().with_current_rating()
        valid = form.is_valid()
        found = form.applied_to(tactics) if valid else tactics.none()
        query = request.GET.copy()
        query.pop("page", None)
        page = Pages(found, PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"form": form, "page": page, "query": query.urlencode()}
        return render(request, "tactics/list.html", context, status=200 if valid else 400)


class TacticCompare(View):
    """Up to four tactics side by side. Chosen by `t`, so the address can be shared."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the chosen tactics, and offer to add one."""
        chosen = list(dict.fromkeys(slug for slug in request.GET.getlist("t") if slug))
        too_many = len(chosen) > COMPARED_AT_MOST
        known = Tactic.objects.visible_to(request.user)
        context: dict[str, Any] = {
            "tactics": [] if too_many else _in_order(known, chosen),
            "limit": COMPARED_AT_MOST,
            "problems": [{"message": f"Choose up to {COMPARED_AT_MOST} tactics to compare"}]
            if too_many
            else [],
        }
        if len(chosen) < COMPARED_AT_MOST:
            context["others"] = (
                known.published().exclude(slug__in=chosen).order_by("name").only("slug", "name")
            )
        return render(request, "tactics/compare.html", context, status=400 if too_many else 200)


def _in_order(known: Any, chosen: list[str]) -> list[Tactic]:
    """Return the tactics as they were chosen; one that the person may not know of is not found."""
    found = {tactic.slug: tactic for tactic in known.filter(slug__in=chosen).with_current_rating()}
    if missing := [slug for slug in chosen if slug not in found]:
        raise Http404(missing[0])
    return [found[slug] for slug in chosen]
