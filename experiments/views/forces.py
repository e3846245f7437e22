"""Forces: what is public of each, and what the registry and the library know of it."""

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from centre.figures import FIGURES
from centre.models import Force
from experiments.models import Trial
from tactics.adoption import DOING
from tactics.models import Adoption, HoursClaim, Tactic

SHOWN = 20


class ForceList(View):
    """Every force with its figures, and how many tactics it says that it uses."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the list: real forces first, then the invented ones of the sample programme."""
        done = Adoption.objects.visible_to(request.user).done()
        doing = Counter(done.values_list("force", flat=True))
        forces = list(Force.objects.visible_to(request.user))
        rows = [(force, doing[force.pk]) for force in forces]
        context = {
            "real": [row for row in rows if not row[0].is_sample],
            "invented": [row for row in rows if row[0].is_sample],
        }
        return render(request, "forces/list.html", context)


class ForceDetail(View):
    """One force: figures, trials as far as the person may see them, tactics in use, hours, data quality."""

    def get(self, request: HttpRequest, force: str) -> HttpResponse:
        """Show the page."""
        chosen = get_object_or_404(Force.objects.visible_to(request.user), slug=force)
        trials = Trial.objects.visible_to(request.user).in_force(chosen.slug).for_list()
        uses = Adoption.objects.visible_to(request.user).current().filter(force=chosen)
        claims = HoursClaim.objects.visible_to(request.user).standing().filter(force=chosen)
        in_order = claims.select_related("force", "tactic").order_by("tactic__name", "-starts_on")
        context = {
            "force": chosen,
            "figures": _figures(chosen),
            "trials": trials.order_by("-registered_at", "-pk")[:SHOWN],
            "n_trials": trials.count(),
            "uses": sorted(
                uses.select_related("tactic"), key=lambda one: (one.stage not in DOING, one.tactic.name)
            ),
            "claims": _beside_ratings(list(in_order)),
        }
        return render(request, "forces/detail.html", context)


def _figures(force: Force) -> list[dict[str, Any]]:
    """Return each figure with its date and source; what is not known is said to be."""
    return [
        {
            "label": figure.label,
            "value": getattr(force, name),
            "on": getattr(force, f"{name}_on"),
            "date_words": figure.date_words,
            "source": figure.source,
        }
        for name, figure in FIGURES.items()
    ]


def _beside_ratings(claims: list[HoursClaim]) -> list[dict[str, Any]]:
    """Return each claim with the tactic and its rating: hours are never shown alone."""
    tactics = Tactic.objects.filter(pk__in={one.tactic_id for one in claims}).with_current_rating()
    rated = {tactic.pk: tactic for tactic in tactics}
    return [{"said": one, "tactic": rated[one.tactic_id]} for one in claims]
