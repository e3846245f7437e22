"""What would move this? One tactic with one more trial, and which trial of the library to fund next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from centre.errors import Invalid
from tactics import outlooks, wording
from tactics.models import OutcomeDomain, Tactic
from tactics.outlook_form import OutlookForm
from tactics.outlooks import Answer
from tactics.rating import LABEL_NAMES
from tactics.rating.outlook import Outlook
from tactics.views.rated import rated_outcomes

FEWEST_TO_DIFFER = 3


class TacticOutlook(View):
    """The engine run with one more trial."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the form with its answer."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        outcomes = rated_outcomes(tactic)
        form = OutlookForm(outcomes, {"clusters": outlooks.DEFAULT_CLUSTERS, **request.GET.dict()})
        context: dict[str, Any] = {"tactic": tactic, "form": form, "outcomes": outcomes}
        if not outcomes:
            return render(request, "tactics/outlook.html", context)
        if not form.is_valid():
            return render(request, "tactics/outlook.html", context, status=422)
        named = form.cleaned_data["outcome"]
        outcome = next((one for one in outcomes if one.slug == named), outcomes[0])
        try:
            found = outlooks.answer(tactic, outcome, form.question)
        except Invalid as refusal:
            form.add_error("benefit", refusal.message)
            return render(request, "tactics/outlook.html", context, status=422)
        context |= {"outcome": outcome, "answer": found, **told(found, outcome)}
        return render(request, "tactics/outlook.html", context)


class NextTrials(View):
    """Which trial to fund next: the tactics whose label one more trial would most probably move."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the ranking."""
        ranked, unknown = outlooks.ranked()
        context = {
            "ranked": [
                {"one": one, "label": _label(one.answer.asked), "answer": one.answer} for one in ranked
            ],
            "unknown": unknown,
            "clusters": outlooks.DEFAULT_CLUSTERS,
            "limit": outlooks.RANKED,
        }
        return render(request, "tactics/next_trials.html", context)


def told(found: Answer, outcome: OutcomeDomain) -> dict[str, Any]:
    """Return the answer in words."""
    if found.asked is None or found.assumed is None:
        return {}
    assumed, words = found.assumed, outcome.words
    return {
        "expected": wording.change(assumed.effect, assumed.metric, words),
        "spread": f"{assumed.spread:.2f}",
        # Below three trials nothing says how much places differ; the forecast then takes them to be alike.
        "takes_places_alike": bool(assumed.uncertainty) and found.asked.now.k < FEWEST_TO_DIFFER,
        "rows": [_row(one, asked=False) for one in found.ladder],
        "asked": _row(found.asked, asked=True),
    }


def _row(one: Outlook, *, asked: bool) -> dict[str, Any]:
    chances = sorted(one.chances, key=lambda pair: -pair[1])
    return {
        "clusters": one.clusters,
        "security": one.security,
        "label": LABEL_NAMES[one.result.label],
        "strength": one.result.strength,
        "now": LABEL_NAMES[one.now.label],
        "strength_now": one.now.strength,
        "moves": round(100 * one.moves),
        "chances": [(LABEL_NAMES[label], round(100 * share)) for label, share in chances],
        "trace": [step for step in one.result.trace if step.kind in ("start", "change", "cap", "label")]
        if asked
        else [],
    }


def _label(one: Outlook | None) -> str:
    """Return the likeliest label other than the one there is; empty where nothing would move."""
    if one is None:
        return ""
    others = [pair for pair in one.chances if pair[0] != one.now.label]
    return LABEL_NAMES[max(others, key=lambda pair: pair[1])[0]] if others else ""
