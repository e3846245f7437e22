"""Questions about many rows. Lists always go through `visible_to`."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Prefetch, Q, Subquery, Value, When

from centre.frozen import FrozenQuerySet
from centre.permissions import Permission, has_permission
from tactics.rating import Label, RegistryCounts
from tactics.searching import terms

if TYPE_CHECKING:
    from centre.permissions import Person

# From what helps most to what is known least: the order of "best rated first".
LABEL_ORDER = (
    Label.EFFECTIVE,
    Label.PROMISING,
    Label.BEING_TESTED,
    Label.INCONCLUSIVE,
    Label.UNTESTED,
    Label.MIXED,
    Label.NO_EFFECT,
    Label.HARMFUL,
)
SEARCHED = ("name", "summary", "problem_text", "focus", "setting", "population", "mechanism")


class TacticQuerySet(models.QuerySet[Any]):
    """Questions about many tactics."""

    def published(self) -> "TacticQuerySet":
        """Return the tactics that everyone may see."""
        return self.filter(published_at__isnull=False)

    def drafts(self) -> "TacticQuerySet":
        """Return the tactics that wait for somebody to publish them."""
        return self.filter(published_at=None)

    def visible_to(self, user: "Person") -> "TacticQuerySet":
        """Return what a person may know of: published tactics, their own, their force's; staff see all."""
        if not user.is_authenticated or not user.is_active:
            return self.published()
        if user.is_centre_staff:
            return self.all()
        own = Q(proposed_by=user) | Q(force__in=user.force_ids)
        return self.filter(Q(published_at__isnull=False) | own)

    def search(self, text: str) -> "TacticQuerySet":
        """Return the tactics that match some of the words, those that match more of them first."""
        words = terms(text)
        if not words:
            return self
        score = sum((_matches(self.model, word) for word in words), Value(0))
        return self.annotate(relevance=score).filter(relevance__gt=0).order_by("-relevance", "name")

    def about(self, problem_slug: str) -> "TacticQuerySet":
        """Return the tactics that answer one problem."""
        return self.filter(
            Exists(
                self.model.problems.through.objects.filter(
                    tactic_id=OuterRef("pk"), problem__slug=problem_slug
                )
            )
        )

    def with_rating_columns(self) -> "TacticQuerySet":
        """Annotate `rated_label` and `rated_strength`: the public rating on the main outcome."""
        ratings = self.model.ratings.rel.related_model.objects.public().filter(
            tactic=OuterRef("pk"), outcome_domain=OuterRef("main_outcome")
        )
        return self.annotate(
            rated_label=Subquery(ratings.values("label")[:1]),
            rated_strength=Subquery(ratings.values("strength")[:1]),
        )

    def best_first(self, *before: str) -> "TacticQuerySet":
        """Order by label, then strength; by `before` first of all. Needs `with_rating_columns`."""
        ranks = [When(rated_label=label.value, then=Value(rank)) for rank, label in enumerate(LABEL_ORDER)]
        order = Case(*ranks, default=Value(len(LABEL_ORDER)), output_field=IntegerField())
        return self.order_by(*before, order, F("rated_strength").desc(nulls_last=True), "name")

    def with_current_rating(self) -> "TacticQuerySet":
        """Fetch each tactic's public ratings (`current_ratings`) and its problems: no query for each."""
        ratings = self.model.ratings.rel.related_model.objects.public().select_related(
            "outcome_domain", "synthesis"
        )
        return self.select_related("main_outcome", "force").prefetch_related(
            "problems",
            Prefetch("ratings", queryset=ratings.order_by("outcome_domain__name"), to_attr="current_ratings"),
        )


def _matches(model: type[models.Model], word: tuple[str, ...]) -> Case:
    """Score a word: 3 where the name holds a form of it, 2 where a problem's name does, 1 for other text."""
    through = model.problems.through.objects  # type: ignore[attr-defined]
    name, other, problem = Q(), Q(), Q()
    for form in word:
        name |= Q(name__icontains=form)
        problem |= Q(problem__name__icontains=form)
        for column in SEARCHED:
            other |= Q(**{f"{column}__icontains": form})
    has_problem = Exists(through.filter(tactic_id=OuterRef("pk")).filter(problem))
    return Case(
        When(name, then=Value(3)),
        When(has_problem, then=Value(2)),
        When(other, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )


class FindingQuerySet(FrozenQuerySet):
    """Questions about many findings."""

    def current(self) -> "FindingQuerySet":
        """Return the findings that stand: corrections leave out what they replace."""
        return self.filter(superseded_at=None)

    def visible_to(self, user: "Person") -> "FindingQuerySet":
        """Return the findings of tactics that the person may know of."""
        tactics = self.model.tactic.field.related_model.objects.visible_to(user)
        return self.filter(tactic__in=tactics)


class RatingQuerySet(FrozenQuerySet):
    """Questions about many ratings."""

    def public(self) -> "RatingQuerySet":
        """Return what the library says now."""
        return self.filter(published_at__isnull=False, superseded_at=None)

    def candidates(self) -> "RatingQuerySet":
        """Return the ratings that wait for signatures."""
        return self.filter(published_at=None, superseded_at=None)

    def on_hold(self) -> "RatingQuerySet":
        """Return the candidates that staff must look at the same day."""
        return self.candidates().filter(label=Label.HARMFUL.value)

    def waiting_for(self, user: "Person") -> "RatingQuerySet":
        """Return what a person must look at: what a reviewer has not signed; what is held, for all staff."""
        if not user.is_authenticated or not user.is_centre_staff:
            return self.none()
        if has_permission(user, Permission.RATING_SIGN):
            return self.candidates().exclude(signatures__reviewer=user)
        return self.on_hold()

    def visible_to(self, user: "Person") -> "RatingQuerySet":
        """Return the ratings a person may see: once public, or any for centre staff."""
        tactics = self.model.tactic.field.related_model.objects.visible_to(user)
        found = self.filter(tactic__in=tactics)
        if user.is_authenticated and user.is_active and user.is_centre_staff:
            return found
        return found.filter(published_at__isnull=False)


class RegisteredTrialQuerySet(models.QuerySet[Any]):
    """Questions about many registered trials of a tactic."""

    def counts(self, today: date) -> RegistryCounts:
        """Return what the rules need to know: how many, how many awaited, how many overdue."""
        left_out = ("withdrawn", "never_started")
        trials = [trial for trial in self if trial.state not in left_out]
        return RegistryCounts(
            registered=len(trials),
            awaited=sum(trial.is_awaited for trial in trials),
            overdue=sum(trial.is_overdue(today) for trial in trials),
        )
