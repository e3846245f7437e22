"""For a force: a problem, three tactics for it, and what each costs, who did it and where to begin."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from centre.models import Force
from tactics import worth
from tactics.fit import fit
from tactics.models import Problem, Tactic
from tactics.rating import Label

OFFERED = 3
# What is known to harm or to do nothing is named, and not offered.
NOT_OFFERED = (Label.HARMFUL.value, Label.NO_EFFECT.value)


class ProblemBriefing(View):
    """The three best tactics for a problem, as a force needs to see them. `force` may be named, to see how it fits."""

    def get(self, request: HttpRequest, problem: str) -> HttpResponse:
        """Show the page."""
        chosen = get_object_or_404(Problem, slug=problem)
        forces = list(Force.objects.all())
        force = _force(request, forces)
        about = Tactic.objects.published().about(problem).with_rating_columns()
        unproblematic = about.filter(Q(rated_label=None) | ~Q(rated_label__in=NOT_OFFERED))
        offered = unproblematic.best_first().with_current_rating().with_awaited().with_adopters()
        options = list(offered.prefetch_related("findings")[:OFFERED])
        worth.tell(options)
        context = {
            "problem": chosen,
            "options": [(tactic, _fit(tactic, force, forces)) for tactic in options],
            "total": about.count(),
            "avoid": about.filter(rated_label__in=NOT_OFFERED)
            .with_current_rating()
            .order_by("name")[:OFFERED],
            "forces": forces,
            "force": force,
        }
        return render(request, "library/problem.html", context)


def _force(request: HttpRequest, forces: list[Force]) -> Force | None:
    """Return the force that was asked for, or the person's own; one that does not exist is left out."""
    if "force" in request.GET:
        return next((force for force in forces if force.slug == request.GET["force"]), None)
    own = request.user.force_ids if request.user.is_authenticated else frozenset()
    return next((force for force in forces if force.pk in own), None)


def _fit(tactic: Tactic, force: Force | None, forces: list[Force]) -> dict[str, Any]:
    standing = [one for one in tactic.findings.all() if one.superseded_at is None]
    tried_in = sorted({name for one in standing for name in one.force_names})
    return {"tried_in": tried_in, "words": fit(force, tried_in, forces).words if force else []}
