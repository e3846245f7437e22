"""How a rating came to be what it is: each public version of it, and the evidence as it grew."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from tactics import forest, wording
from tactics.models import OutcomeDomain, Rating, Tactic
from tactics.views.tactic import NARROW, WIDE


class TacticHistory(View):
    """The public ratings of a tactic on one outcome, one at a time, with the cumulative forest plot."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the version asked for; the newest where none is named."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        been = Rating.objects.filter(tactic=tactic, published_at__isnull=False)
        outcomes = list(OutcomeDomain.objects.filter(pk__in=been.values("outcome_domain")))
        outcome = _chosen(outcomes, request.GET.get("outcome", ""), tactic)
        context: dict[str, Any] = {"tactic": tactic, "outcomes": outcomes, "outcome": outcome}
        if outcome is not None:
            context |= _shown(been.filter(outcome_domain=outcome), request.GET.get("version", ""))
        return render(request, "ratings/history.html", context)


def _chosen(outcomes: list[OutcomeDomain], slug: str, tactic: Tactic) -> OutcomeDomain | None:
    """Return the outcome named; else the main one, or the first there is."""
    if slug:
        found = next((one for one in outcomes if one.slug == slug), None)
        if found is None:
            raise Http404
        return found
    main = [one for one in outcomes if one.pk == tactic.main_outcome_id]
    return next(iter(main or outcomes), None)


def _shown(been: Any, named: str) -> dict[str, Any]:
    rows = been.select_related("outcome_domain", "synthesis").prefetch_related("signatures__reviewer")
    versions = list(enumerate(rows.order_by("published_at", "computed_at"), start=1))
    number = _number(named, len(versions))
    rating = versions[number - 1][1]
    return {
        "versions": versions,
        "number": number,
        "earlier": number - 1,
        "later": number + 1 if number < len(versions) else None,
        "rating": rating,
        "growth": growth(rating),
    }


def _number(named: str, newest: int) -> int:
    if not named:
        return newest
    if not named.isdecimal() or not 1 <= int(named) <= newest:
        raise Http404
    return int(named)


def growth(rating: Rating) -> dict[str, Any] | None:
    """Return the cumulative plot in two widths with the rows of its table; None where it was not kept or is no use."""
    document = rating.synthesis.document if rating.synthesis else {}
    rows = document.get("cumulative")
    if not rows:
        return None
    higher, words = rating.outcome_domain.benefit == "higher", rating.outcome_domain.words
    return {
        "wide": forest.cumulative_plot(document, width=WIDE, higher_is_better=higher),
        "narrow": forest.cumulative_plot(document, width=NARROW, higher_is_better=higher),
        "rows": [{**row, **in_words(row, document["metric"], words)} for row in rows],
    }


def in_words(row: dict[str, Any], metric: str, words: wording.Outcome) -> dict[str, str]:
    """Return the pooled effect of a row with its intervals in words, or why there is none."""
    if row["estimate"] is None:
        return {"effect": f"Cannot be pooled: {row['reason']}", "span": ""}
    span = wording.interval(row["conf_low"], row["conf_high"], metric, words)
    ahead = (
        wording.interval(row["prediction_low"], row["prediction_high"], metric, words)
        if row["prediction_low"] is not None
        else ""
    )
    return {"effect": f"{wording.change(row['estimate'], metric, words)} ({span})", "span": ahead}
