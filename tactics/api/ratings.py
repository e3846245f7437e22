"""Ratings, past and current, and why they are what they are."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from centre.api.views import DetailView, ListView, visible
from tactics.api.filters import RatingFilter
from tactics.api.serializers import RatingSerializer, RatingTraceSerializer
from tactics.models import Rating, Tactic


class RatingList(ListView):
    """Every rating that a tactic has had."""

    serializer_class = RatingSerializer
    filterset_class = RatingFilter
    sorts: ClassVar = {"computed_at": "computed_at", "label": "label"}
    default_sort = "-computed_at"
    modified_field = "computed_at"
    queryset = Rating.objects.all()

    def get_queryset(self) -> QuerySet[Rating]:
        """Return the ratings of a tactic that the caller may see."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows: QuerySet[Rating] = Rating.objects.visible_to(self.request.user).filter(tactic=tactic)
        return rows.select_related("tactic", "outcome_domain").prefetch_related(
            "signatures__reviewer", "bulletins"
        )


class RatingDetail(DetailView):
    """One rating with its versions and signatories."""

    serializer_class: Any = RatingSerializer
    modified_field = "computed_at"

    def thing(self) -> Rating:
        """Return the rating."""
        rows = Rating.objects.visible_to(self.request.user).select_related(
            "tactic", "outcome_domain", "synthesis"
        )
        rating: Rating = visible(rows, pk=self.kwargs["rating_id"])
        return rating


class RatingTrace(RatingDetail):
    """Every rule that fired for one rating, and the values it fired on."""

    serializer_class: Any = RatingTraceSerializer
