"""The gap map: what is known, what is being tested, what nobody has looked at."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from centre.paging import Pages
from tactics import gap_map, shelving
from tactics.models import OutcomeDomain, Problem, Tactic

PAGE_SIZE = 20


class GapMap(View):
    """Tactics by outcomes: what is known, what is being tested, what nobody has looked at."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of the tactics, of one problem or of all."""
        problems = list(Problem.objects.all())
        problem = next((one for one in problems if one.slug == request.GET.get("problem")), None)
        shelf = shelving.memory().public
        among = shelf.passing("problem", problem.slug) if problem else shelf.everything
        page = Pages(shelf.ordered(among, by="name"), PAGE_SIZE).get_page(request.GET.get("page"))
        shown = shelving.rows(Tactic.objects.published().with_current_rating().with_awaited(), page)
        columns = gap_map.outcomes(shown)
        context = {
            "problems": problems,
            "problem": problem,
            "page": page,
            "query": f"problem={problem.slug}" if problem else "",
            "columns": columns,
            "rows": gap_map.rows(shown, columns),
            "missing": OutcomeDomain.objects.exclude(pk__in=[one.pk for one in columns]),
        }
        return render(request, "library/gap_map.html", context)
