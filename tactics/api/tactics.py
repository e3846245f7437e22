"""Tactics, and their findings and pooled evidence."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from centre.api.problems import refused_parameter
from centre.api.schema import queries_of
from centre.api.views import DetailView, ListView, visible
from centre.errors import Invalid
from tactics import outlooks
from tactics.api.filters import BulletinFilter, FindingFilter, TacticFilter
from tactics.api.outlook import OutlookSerializer
from tactics.api.serializers import (
    BulletinSerializer,
    FindingSerializer,
    SynthesisSerializer,
    TacticSerializer,
)
from tactics.corrections import understood
from tactics.models import Bulletin, Finding, Rating, Synthesis, Tactic
from tactics.outlook_form import OutlookForm


class TacticList(ListView):
    """Tactics, each with its current ratings."""

    serializer_class = TacticSerializer
    filterset_class = TacticFilter
    search_fields = ("name", "summary", "problem_text", "mechanism")
    sorts: ClassVar = {"name": "name", "slug": "slug", "stage": "stage", "proposed_at": "proposed_at"}
    default_sort = "name"
    queryset = Tactic.objects.all()

    def get_queryset(self) -> QuerySet[Tactic]:
        """Return the tactics that the caller may see."""
        return (
            Tactic.objects.visible_to(self.request.user)
            .with_rating_columns()
            .with_current_rating()
            .prefetch_related("problems")
            .with_adopters()
            .with_quality()
        )

    def search(self, rows: Any, text: str) -> QuerySet[Tactic]:
        """Search as the library's page does."""
        search = understood(text, rows)
        if search.is_in_vain:
            return rows.none()
        found: QuerySet[Tactic] = rows.saying(search.sought) if search.sought else rows
        return found


class TacticDetail(DetailView):
    """One tactic: problem, mechanism, moderators, implementation, cost, stage and current ratings."""

    serializer_class = TacticSerializer

    def thing(self) -> Tactic:
        """Return the tactic."""
        rows = Tactic.objects.visible_to(self.request.user).with_current_rating().prefetch_related("problems")
        return visible(rows.with_adopters().with_quality(), slug=self.kwargs["slug"])


class FindingList(ListView):
    """The findings of one tactic, corrected ones too."""

    serializer_class = FindingSerializer
    filterset_class = FindingFilter
    sorts: ClassVar = {"recorded_at": "recorded_at", "study_label": "study_label", "yi": "yi"}
    default_sort = "recorded_at"
    modified_field = "recorded_at"
    queryset = Finding.objects.all()

    def get_queryset(self) -> QuerySet[Finding]:
        """Return the findings of a tactic that the caller may see."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows: QuerySet[Finding] = Finding.objects.visible_to(self.request.user).filter(tactic=tactic)
        return rows.select_related("tactic", "outcome_domain")


class NewsList(ListView):
    """What has happened to what the library says of one tactic: results, ratings, and what was re-opened."""

    serializer_class = BulletinSerializer
    filterset_class = BulletinFilter
    sorts: ClassVar = {"at": "at"}
    default_sort = "-at"
    modified_field = "at"
    queryset = Bulletin.objects.all()

    def get_queryset(self) -> QuerySet[Bulletin]:
        """Return the news of a tactic that the caller may read."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows: QuerySet[Bulletin] = Bulletin.objects.visible_to(self.request.user).filter(tactic=tactic)
        return rows.select_related("tactic", "outcome_domain")


class SynthesisDetail(DetailView):
    """The pooled evidence behind the current public rating on one outcome domain."""

    serializer_class = SynthesisSerializer
    modified_field = "computed_at"

    def thing(self) -> Synthesis:
        """Return the synthesis."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        current = Rating.objects.public().filter(
            tactic=tactic, outcome_domain__slug=self.kwargs["outcome_domain"]
        )
        rows = Synthesis.objects.select_related("tactic", "outcome_domain")
        return visible(rows, pk__in=current.values("synthesis"))


class NextTrial(DetailView):
    """What would move the rating: the engine run with one more trial of ?clusters=80&benefit=10&spread=0.5.

    What is left out, the trials so far say. Nothing here is evidence.
    """

    serializer_class: Any = OutlookSerializer
    parameters = queries_of(OutlookForm, ("clusters", "benefit", "spread"))

    def modified(self, rows: list[Any]) -> None:
        """Say nothing: the answer is of today."""

    def thing(self) -> dict[str, Any]:
        """Return the outlook."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rated = Rating.objects.public().filter(tactic=tactic).select_related("outcome_domain")
        rating = visible(rated, outcome_domain__slug=self.kwargs["outcome_domain"])
        form = OutlookForm([rating.outcome_domain], self.request.query_params)
        if not form.is_valid():
            name, messages = next(iter(form.errors.items()))
            raise refused_parameter(str(name), str(messages[0]))
        try:
            found = outlooks.answer(tactic, rating.outcome_domain, form.question)
        except Invalid as refusal:
            raise refused_parameter("benefit", refusal.message) from None
        return {"tactic": tactic.slug, "outcome_domain": rating.outcome_domain.slug, **found.as_json()}
