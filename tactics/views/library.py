"""The way in: a force user comes with a problem to solve."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from centre.paging import Pages
from centre.snippets import snippets
from tactics import searching, shelving, synonyms, worth
from tactics.corrections import Search, understood
from tactics.facets import facets
from tactics.filters import TacticFilter
from tactics.models import Problem, Tactic, TacticWords
from tactics.rating import Label
from tactics.shelf import Mask, Shelf

PAGE_SIZE = 20
BEST = 3
COMPARED_AT_MOST = 4
OFFERED = 10
LONGEST_SEARCH = 200
WORTH_SHOWING_FIRST = (Label.EFFECTIVE.value, Label.PROMISING.value)


class LibraryHome(View):
    """Search, the problems, and the best-rated tactics."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        memory = shelving.memory()
        shelf = memory.public
        best = shelf.ordered(shelf.everything, by="rated")[:BEST]
        rated = [key for key in best if shelf.value("label", key) in WORTH_SHOWING_FIRST]
        counts = shelf.counts("problem", shelf.everything)
        problems = [(problem, counts[problem.slug]) for problem in Problem.objects.filter(slug__in=counts)]
        context = {
            "problems": problems,
            "cards": memory.cards(rated or best),
            "are_rated": bool(rated),
            "total": len(shelf),
        }
        return render(request, "library/home.html", context)


class TacticList(View):
    """Search and filter; cards with effect, strength and cost."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of what matches."""
        form = TacticFilter(request.GET)
        if not form.is_valid():
            return render(request, "tactics/list.html", {"form": form}, status=400)
        tactics = Tactic.objects.visible_to(request.user)
        search = understood(form.cleaned_data["q"], tactics)
        memory = shelving.memory()
        shelf = memory.shelf_for(request.user)
        scores = shelf.scores(memory.hits(search.sought)) if search.sought else None
        said = _said(shelf, search, scores)
        found = shelf.ordered(said & form.applied_to(shelf), form.cleaned_data["sort"], scores)
        query = request.GET.copy()
        query.pop("page", None)
        page = Pages(found, PAGE_SIZE).get_page(request.GET.get("page"))
        page.object_list = memory.cards(page.object_list)
        reasons = _reasons(search, [card.key for card in page])
        shown = facets(form, shelf, said, query)
        context = {
            "form": form,
            "page": page,
            "cards": [(card, reasons.get(card.key, [])) for card in page],
            "query": query.urlencode(),
            "search": search,
            "facets": shown,
            "open_facets": [facet for facet in shown if not facet.is_chosen],
            "briefings": _briefings(form, search),
            "snippets": snippets(
                request.build_absolute_uri(reverse("api-tactic-list")), form.as_api, "tactics"
            ),
        }
        return render(request, "tactics/list.html", context)


class SearchWords(View):
    """Which abbreviations and words the search knows, and how it reads what is typed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        columns = [{"label": label} for label in ("Words", "What the search does", "Meaning", "Source")]
        known = sorted(synonyms.known(), key=lambda one: one.words.casefold())
        rows = [(one.words, one.kind_words, one.means, one.source) for one in known]
        return render(request, "library/words.html", {"columns": columns, "rows": rows})


class TacticCompare(View):
    """Up to four tactics side by side. Chosen by `t`, so the address can be shared."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the chosen tactics, and offer to add one."""
        chosen = list(dict.fromkeys(slug for slug in request.GET.getlist("t") if slug))
        too_many = len(chosen) > COMPARED_AT_MOST
        known = Tactic.objects.visible_to(request.user)
        context: dict[str, Any] = {
            "tactics": [] if too_many else _in_order(known, chosen),
            "may_add": len(chosen) < COMPARED_AT_MOST,
            "find": request.GET.get("find", "")[:LONGEST_SEARCH],
            "query": urlencode([("t", slug) for slug in chosen]),
            "limit": COMPARED_AT_MOST,
            "problems": [{"message": f"Choose up to {COMPARED_AT_MOST} tactics to compare"}]
            if too_many
            else [],
        }
        if context["may_add"] and context["find"]:
            context["others"] = _offered(request.user, chosen, context["find"])
        return render(request, "tactics/compare.html", context, status=400 if too_many else 200)


def _briefings(form: TacticFilter, search: Search) -> list[tuple[str, str]]:
    """Return the problems that the search names: each has a page with three tactics for it."""
    named = form.fields["problem"].choices  # type: ignore[attr-defined]
    said = {
        slug: frozenset(searching.indexed([name], synonyms.same()).split()) for slug, name in named if slug
    }
    words = [form.stems for one in search.sought for form in one.forms]
    return [(slug, name) for slug, name in named if slug and any(said[slug].issuperset(one) for one in words)]


def _reasons(search: Search, keys: list[int]) -> dict[int, list[str]]:
    """Return why each tactic of a page is found."""
    if not search.sought:
        return {}
    return {words.pk: search.reasons(words.said) for words in TacticWords.objects.filter(pk__in=keys)}


def _said(shelf: Shelf, search: Search, scores: Any) -> Mask:
    """Return which tactics answer the words; without words, all of them."""
    if search.is_in_vain:
        return ~shelf.everything
    return shelf.everything if scores is None else scores > 0


def _offered(user: Any, chosen: list[str], text: str) -> list[Tactic]:
    """Return the few tactics that say it best: a list of all would be longer than any page."""
    search = understood(text, Tactic.objects.visible_to(user).published())
    if not search.sought:
        return []
    memory = shelving.memory()
    shelf = memory.public
    scores = shelf.scores(memory.hits(search.sought))
    best = shelf.ordered(scores > 0, scores=scores)[: OFFERED + len(chosen)]
    return [one for one in shelving.rows(Tactic.objects.published(), best) if one.slug not in chosen][
        :OFFERED
    ]


def _in_order(known: Any, chosen: list[str]) -> list[Tactic]:
    """Return the tactics as they were chosen; one that the person may not know of is not found."""
    found = {
        tactic.slug: tactic
        for tactic in known.filter(slug__in=chosen).with_current_rating().with_awaited().with_adopters()
    }
    if missing := [slug for slug in chosen if slug not in found]:
        raise Http404(missing[0])
    worth.tell(found.values())
    return [found[slug] for slug in chosen]
