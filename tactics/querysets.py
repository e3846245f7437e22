"""Questions about many rows. Lists always go through `visible_to`."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from centre.frozen import FrozenQuerySet
from centre.permissions import Permission, has_permission
from tactics.fulltext import says_any
from tactics.rating import Label, RegistryCounts
from tactics.searching import Sought

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
GIVEN_UP = ("terminated", "never_started", "withdrawn")


class TacticQuerySet(models.QuerySet[Any]):
    """Questions about many tactics."""

    def published(self) -> "TacticQuerySet":
        """Return the tactics that everyone may see."""
        return self.filter(published_at__isnull=False)

    def with_evidence(self) -> "TacticQuerySet":
        """Return the published tactics whose rating time alone may change: those with findings or trials."""
        findings = self.model.findings.rel.related_model.objects.filter(tactic=OuterRef("pk"))
        trials = self.model.registered_trials.rel.related_model.objects.filter(tactic=OuterRef("pk"))
        return self.published().filter(Exists(findings) | Exists(trials))

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

    def saying(self, sought: Sequence[Sought]) -> "TacticQuerySet":
        """Return the tactics that say some of what is looked for."""
        return self.filter(says_any(sought))

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
        # One join, not two questions for each tactic: a list orders all of them by it.
        public = Q(
            ratings__published_at__isnull=False,
            ratings__superseded_at=None,
            ratings__outcome_domain=F("main_outcome"),
        )
        joined = self.annotate(_rated=FilteredRelation("ratings", condition=public))
        return joined.annotate(rated_label=F("_rated__label"), rated_strength=F("_rated__strength"))

    def awaited_trials(self) -> "RegisteredTrialQuerySet":
        """Return the trials of a tactic of an outer query whose results may still come."""
        trials: RegisteredTrialQuerySet = self.model.registered_trials.rel.related_model.objects.awaited()
        return trials.filter(tactic=OuterRef("pk"))

    def with_awaited(self) -> "TacticQuerySet":
        """Annotate `n_awaited`: how many registered trials of the tactic are under way."""
        counted = self.awaited_trials().order_by().values("tactic").annotate(n=Count("pk")).values("n")
        return self.annotate(n_awaited=Coalesce(Subquery(counted), 0))

    def best_first(self) -> "TacticQuerySet":
        """Order by label, then strength. Needs `with_rating_columns`."""
        ranks = [When(rated_label=label.value, then=Value(rank)) for rank, label in enumerate(LABEL_ORDER)]
        order = Case(*ranks, default=Value(len(LABEL_ORDER)), output_field=IntegerField())
        return self.order_by(order, F("rated_strength").desc(nulls_last=True), "name")

    def with_adopters(self) -> "TacticQuerySet":
        """Fetch what each force says now of each tactic (`adopters`): no query for each."""
        said = self.model.adoptions.rel.related_model.objects.current().select_related("force")
        return self.prefetch_related(Prefetch("adoptions", queryset=said, to_attr="adopters"))

    def still_done(self) -> "TacticQuerySet":
        """Return the published tactics that are rated potentially harmful and that a force still does."""
        harmful = self.model.ratings.rel.related_model.objects.public().filter(label=Label.HARMFUL.value)
        done = self.model.adoptions.rel.related_model.objects.done()
        of_tactic = {"tactic": OuterRef("pk")}
        return self.published().filter(Exists(harmful.filter(**of_tactic)), Exists(done.filter(**of_tactic)))

    def with_quality(self) -> "TacticQuerySet":
        """Fetch what reviewers scored of the parts of each tactic's page: no query for each."""
        scores = self.model.quality_scores.rel.related_model.objects.select_related("by")
        return self.prefetch_related(Prefetch("quality_scores", queryset=scores))

    def with_current_rating(self) -> "TacticQuerySet":
        """Fetch each tactic's public ratings (`current_ratings`) and what is `cited`: no query for each."""
        return self._with_rating("outcome_domain")

    def with_pooled_rating(self) -> "TacticQuerySet":
        """Fetch the same, with the pooled evidence behind each rating, and the problems."""
        return self._with_rating("outcome_domain", "synthesis").prefetch_related("problems")

    def _with_rating(self, *beside: str) -> "TacticQuerySet":
        ratings = self.model.ratings.rel.related_model.objects.public().select_related(*beside)
        cited = self.model.cited_evidence.rel.related_model.objects.standing()
        records = self.model.transparency_records.rel.related_model.objects.defer("document")
        rows = self.select_related("main_outcome", "force", "transparency_draft")
        return rows.defer("transparency_draft__answers").prefetch_related(
            Prefetch("transparency_records", queryset=records, to_attr="records"),
            Prefetch("cited_evidence", queryset=cited, to_attr="cited"),
            Prefetch("ratings", queryset=ratings.order_by("outcome_domain__name"), to_attr="current_ratings"),
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


class BulletinQuerySet(FrozenQuerySet):
    """Questions about many bulletins."""

    def untold(self) -> "BulletinQuerySet":
        """Return those that nobody was told of yet."""
        return self.filter(told_at=None)

    def for_all(self) -> "BulletinQuerySet":
        """Return what everybody may read: nothing that rests on a candidate."""
        return self.exclude(kind="held").filter(tactic__published_at__isnull=False)

    def visible_to(self, user: "Person") -> "BulletinQuerySet":
        """Return what a person may read: the Centre's staff hear of holds too."""
        if user.is_authenticated and user.is_active and user.is_centre_staff:
            return self.filter(tactic__published_at__isnull=False)
        return self.for_all()


class AppealQuerySet(FrozenQuerySet):
    """Questions about many appeals."""

    def visible_to(self, user: "Person") -> "AppealQuerySet":
        """Return the appeals against ratings that the person may see."""
        ratings = self.model.rating.field.related_model.objects.visible_to(user)
        return self.filter(rating__in=ratings)

    def open(self) -> "AppealQuerySet":
        """Return the appeals that two people have not answered alike yet."""
        given = self.model.answers.rel.related_model.objects.filter(appeal=OuterRef("pk"))
        alike = given.values("decision").annotate(n=Count("pk")).filter(n__gte=2)
        return self.exclude(Exists(alike))

    def waiting_for(self, user: "Person") -> "AppealQuerySet":
        """Return the open appeals that the person may still answer, as far as posts and names say."""
        if not has_permission(user, Permission.APPEAL_ANSWER):
            return self.none()
        mine = Q(by=user) | Q(answers__by=user) | Q(rating__signatures__reviewer=user)
        return self.open().exclude(mine)


class RegisteredTrialQuerySet(models.QuerySet[Any]):
    """Questions about many registered trials of a tactic."""

    def awaited(self) -> "RegisteredTrialQuerySet":
        """Return the trials whose results may still come."""
        return self.filter(results_published=False).exclude(state__in=GIVEN_UP)

    def counts(self, today: date) -> RegistryCounts:
        """Return what the rules need to know: how many, how many awaited, how many overdue."""
        left_out = ("withdrawn", "never_started")
        trials = [trial for trial in self if trial.state not in left_out]
        return RegistryCounts(
            registered=len(trials),
            awaited=sum(trial.is_awaited for trial in trials),
            overdue=sum(trial.is_overdue(today) for trial in trials),
        )
