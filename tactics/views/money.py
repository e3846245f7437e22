"""Is it worth it? The public figure, the same for one's own force, and what the tactic costs."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid, Problem, Refusal
from centre.middleware import record_refusal
from centre.models import Force
from centre.permissions import Permission, has_permission, require
from centre.views.posts import signed_in
from tactics import worth
from tactics.actions import appraisals, costs
from tactics.cost_form import CostForm
from tactics.models import Appraisal, OutcomeDomain, Rating, Tactic
from tactics.money import PAYERS, band, band_words
from tactics.money.drawing import draw
from tactics.money.words import futures, prevented, ratio, row, verdict
from tactics.money_form import NAMES, MoneyForm
from tactics.views.rated import rated_outcomes
from tactics.wording import COST_WORDS

WIDE, NARROW = 720, 360
Json = dict[str, Any]


class TacticMoney(View):
    """Benefit and cost of a tactic, with their uncertainty."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the public figure, or the one that was asked for."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user).select_related("force"), slug=slug)
        outcomes = rated_outcomes(tactic)
        context: Json = {"tactic": tactic, "outcomes": outcomes, **_costs(request, tactic)}
        if not outcomes:
            return render(request, "tactics/money.html", context)
        ratings = {one.outcome_domain.slug: one for one in _public(tactic)}
        chosen = request.GET.get("outcome", "")
        rating = ratings.get(chosen) or ratings[outcomes[0].slug]
        is_odds = rating.document["metric"] == "log_odds_ratio"
        form = MoneyForm(outcomes, _forces(tactic), request.GET, is_odds=is_odds)
        context |= {"rating": rating, "form": form, "not_counted": _not_counted(ratings, rating)}
        if not form.is_valid():
            record_refusal(request, _refusal(form))
            return render(request, "tactics/money.html", context, status=422)
        context |= _answer(request, rating, form)
        return render(request, "tactics/money.html", context)


class CostNew(LoginRequiredMixin, View):
    """The Centre or the tactic's force states what it costs."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the form."""
        tactic = _of(request, slug)
        return render(request, "tactics/cost.html", {"form": CostForm(), "tactic": tactic})

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Keep the statement, or show what to put right."""
        tactic = _of(request, slug)
        form = CostForm(request.POST)
        try:
            if not form.is_valid():
                raise _refusal(form)
            costs.state(tactic=tactic, details=form.details, by=signed_in(request))
        except Invalid as refusal:
            record_refusal(request, refusal)
            if form.is_valid():
                form.add_problems(refusal)
            return render(request, "tactics/cost.html", {"form": form, "tactic": tactic}, status=422)
        messages.success(
            request, "The cost is on record. The public figure changes when the Centre makes it anew"
        )
        return redirect("tactic-money", slug)


class AppraisalMake(LoginRequiredMixin, View):
    """The Centre makes the public figure of a rating anew."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Make it, or say why there is none."""
        tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
        require(request.user, Permission.TACTIC_PUBLISH)
        rating = get_object_or_404(
            Rating.objects.public().filter(tactic=tactic),
            outcome_domain__slug=request.POST.get("outcome", ""),
        )
        try:
            appraisals.make(rating=rating, by=signed_in(request))
        except Conflict as refusal:
            record_refusal(request, refusal)
            return _refused(request, refusal)
        messages.success(request, "The public figure is made anew")
        return redirect("tactic-money", slug)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return render(request, "refusal.html", {"refusal": refusal}, status=refusal.status)


def _of(request: HttpRequest, slug: str) -> Tactic:
    tactic = get_object_or_404(Tactic.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.TACTIC_EDIT, on=tactic)
    return tactic


def _public(tactic: Tactic) -> list[Rating]:
    rows = Rating.objects.public().filter(tactic=tactic)
    return list(rows.select_related("outcome_domain", "synthesis", "tactic__force"))


def _forces(tactic: Tactic) -> list[Force]:
    return list(Force.objects.filter(pk__in=tactic.costs.standing().values("force")))


def _refusal(form: forms.Form) -> Invalid:
    problems = [Problem(str(name), str(said[0])) for name, said in form.errors.items()]
    return Invalid("The form has problems", problems)


def _costs(request: HttpRequest, tactic: Tactic) -> Json:
    """Return what was stated, and what the reader may do about it."""
    stated = tactic.costs.standing().select_related("force", "stated_by")
    return {
        "costs": [{"cost": cost, **_band(cost)} for cost in stated],
        "can_state": has_permission(request.user, Permission.TACTIC_EDIT, on=tactic),
        "can_make": has_permission(request.user, Permission.TACTIC_PUBLISH),
    }


def _band(cost: Any) -> Json:
    a_year = cost.per_year.central + cost.set_up.central / worth.PUBLIC_YEARS
    number = band(a_year)
    return {"band": COST_WORDS[number], "edges": band_words(number)}


def _answer(request: HttpRequest, rating: Rating, form: MoneyForm) -> Json:
    """Return the figure that was asked for; where nothing was, the public one."""
    if any(request.GET.get(name) for name in NAMES if name != "outcome"):
        found = worth.answer(rating, form.asked)
        if found.inputs is None or found.appraised is None:
            return {"asked": True, "reason": found.reason}
        return {
            "asked": True,
            **shown(found.inputs.as_json(), found.appraised.as_json(), rating.outcome_domain),
        }
    figures: list[Appraisal] = list(rating.appraisals.all())
    if not figures:
        return {"reason": worth.answer(rating, worth.NOTHING_ASKED).reason}
    figure = figures[0]
    newest = [one for one in figures if one.made_at == figure.made_at or one.place != figure.place]
    others = [one for one in newest if one.place != figure.place][:1]
    return {
        "figure": figure,
        "others": [{"figure": one, "headline": futures(one.share_ahead)} for one in others],
        "is_stale": worth.is_stale(figure, rating),
        **shown(figure.inputs, figure.result, rating.outcome_domain),
    }


def shown(inputs: Json, result: Json, outcome: OutcomeDomain) -> Json:
    """Return an appraisal as its page shows it."""
    return {
        "inputs": inputs,
        "result": result,
        "headline": futures(result["share_ahead"]),
        "verdict": verdict(result),
        "prevented": prevented(result, inputs["effect_years"], outcome.counted_as),
        "rows": _rows(result),
        "ratio": row(result["ratio"], ratio),
        "wide": draw(result["bars"], width=WIDE),
        "narrow": draw(result["bars"], width=NARROW),
        "percent_rate": f"{100 * inputs['discount_rate']:.3g}",
        "share_error": f"{100 * result['share_ahead_error']:.2f}",
        "futures": result["futures"],
    }


def _rows(result: Json) -> list[Json]:
    """Return one line for each quantity in pounds."""
    lines = [
        ("Benefit to the police", result["police_benefit"]),
        ("Benefit to everybody else", result["rest_benefit"]),
        ("Benefit, all together", result["benefit"]),
        *((f"Cost to {PAYERS[payer].lower()}", figures) for payer, figures in _by_payer(result)),
        ("Cost, all together", result["cost"]),
        ("Benefit less cost", result["net_benefit"]),
        ("The same for the police alone", result["police_net_benefit"]),
    ]
    return [{"name": name, "figures": row(figures)} for name, figures in lines]


def _by_payer(result: Json) -> list[tuple[Any, Json]]:
    return list(result["costs"].items()) if len(result["costs"]) > 1 else []


def _not_counted(ratings: dict[str, Rating], rating: Rating) -> list[Rating]:
    """Return the other ratings of the tactic: none of them is in the sum."""
    return [one for one in ratings.values() if one.pk != rating.pk]
