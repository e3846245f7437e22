"""Questions about many trials and what hangs on them. Lists always go through `visible_to`."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import connections, models
from django.db.models import Case, Count, F, Prefetch, Q, When
from django.db.models.functions import Coalesce, Greatest, Lower
from django.utils import timezone

from centre.clock import day_of_lists
from centre.errors import NotFound
from centre.frozen import FrozenQuerySet
from centre.text import folded
from experiments.lifecycle import CHECKS_NEEDED, ONCE_OUT, REPORTED, Conduct, Registration, Visibility
from experiments.protocol.reach import Days

if TYPE_CHECKING:
    from centre.permissions import Person

# What a search may name, and the column that answers.
_SEARCHED = {
    "design": "searched_design",
    "registration": "registration_state",
    "conduct": "conduct_state",
    "results": "results_state",
    "tactic": "tactic__slug",
}
ORDERS: dict[str, tuple[Any, ...]] = {
    "newest": ("-registered_at", "-pk"),
    "title": (Lower("title"), "-pk"),
    "results_due": (F("results_due_on").asc(nulls_last=True), "-pk"),
}
REGISTERED = (Registration.REGISTERED, Registration.WITHDRAWN)
_DATES, _SIZE = F("protocol__dates"), F("protocol__sample_size")
# What the registry's list shows: the protocol and the texts of the tactic are as long as all else together.
_SHOWN = (
    "public_id",
    "number",
    "title",
    "tactic__name",
    "is_simulated",
    "registration_state",
    "conduct_state",
    "results_state",
    "searched_design",
    "results_due_on",
    "registered_at",
)


def _start_of(day: date) -> datetime:
    """Return when a day begins in the registry's own time zone; an index of moments can be asked for it."""
    return timezone.make_aware(datetime.combine(day, time()))


def public_trials(prefix: str = "") -> Q:
    """Return the condition for what everybody may see: registered, and public or past its embargo."""
    today = day_of_lists()
    return Q(**{f"{prefix}registration_state__in": REGISTERED}) & (
        Q(**{f"{prefix}visibility": Visibility.PUBLIC})
        | Q(**{f"{prefix}visibility": Visibility.EMBARGOED, f"{prefix}embargo_until__lte": today})
    )


def trials_visible_to(user: "Person", prefix: str = "") -> Q:
    """Return the condition for the trials a person may know of."""
    if not user.is_authenticated or not user.is_active:
        return public_trials(prefix)
    if user.is_centre_staff:
        return Q()
    return public_trials(prefix) | _own(user, prefix)


def trials_worked_on_by(user: "Person", prefix: str = "") -> Q:
    """Return the condition for the trials whose inside a person may see: centre staff, team and forces."""
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=())
    return Q() if user.is_centre_staff else _own(user, prefix)


def _own(user: Any, prefix: str) -> Q:
    return (
        Q(**{f"{prefix}created_by": user})
        | Q(**{f"{prefix}team_members__user": user})
        | Q(**{f"{prefix}lead_force__in": user.force_ids})
        | Q(**{f"{prefix}sites__force__in": user.force_ids})
    )


class TrialQuerySet(models.QuerySet[Any]):
    """Questions about many trials."""

    def visible_to(self, user: "Person") -> Self:
        """Return the trials that the person may know of."""
        may_know = trials_visible_to(user)
        if not user.is_authenticated or not user.is_active or user.is_centre_staff:
            return self.filter(may_know)  # of columns of the trial alone, so that no trial comes twice
        return self.filter(pk__in=self.model.objects.filter(may_know).values("pk"))

    def for_action(self, trial: Any, by: "Person") -> Any:
        """Return the newest state of the trial, locked until the transaction ends.

        Raises
        ------
        NotFound : the person may not know of it.
        """
        if not self.visible_to(by).filter(pk=trial.pk).exists():
            raise NotFound("There is no such trial.")
        return self.select_for_update(of=("self",)).get(pk=trial.pk)

    def worked_on_by(self, user: "Person") -> Self:
        """Return the trials whose inside the person may see."""
        return self.filter(pk__in=self.model.objects.filter(trials_worked_on_by(user)).values("pk"))

    def of_person(self, user: Any) -> Self:
        """Return the trials that the person began or is in the team of."""
        own = Q(created_by=user) | Q(team_members__user=user)
        return self.filter(pk__in=self.model.objects.filter(own).values("pk"))

    def registered(self) -> Self:
        """Return the trials with a number, newest first."""
        return self.filter(number__isnull=False).order_by("-registered_at", "-pk")

    def searched(
        self,
        *,
        q: str = "",
        force: str = "",
        problem: str = "",
        registered_from: date | None = None,
        registered_to: date | None = None,
        running_on: date | None = None,
        **wanted: str,
    ) -> Self:
        """Return the trials with these words, places, days and states; what is blank does not narrow."""
        found = self.with_words(q) if q else self
        found = found.filter(**{_SEARCHED[name]: value for name, value in wanted.items() if value})
        found = found.in_force(force) if force else found
        found = found.about(problem) if problem else found
        if registered_from:
            found = found.filter(registered_at__gte=_start_of(registered_from))
        if registered_to:
            found = found.filter(registered_at__lt=_start_of(registered_to + timedelta(days=1)))
        return found.running_on(running_on) if running_on else found

    def with_words(self, q: str) -> Self:
        """Return the trials with each of these words in the title, the number or the name of the tactic.

        The tactics' names are read first: with their keys in hand the database can answer from its indexes.
        """
        tactics = self.model._meta.get_field("tactic").related_model.objects.values_list("pk", "name")
        names = [(key, folded(name)) for key, name in tactics]
        found = self
        for word in dict.fromkeys(folded(q).split()):
            of_tactic = [key for key, name in names if word in name]
            found = found.filter(Q(searched_words__contains=word) | Q(tactic__in=of_tactic))
        return found

    def in_force(self, slug: str) -> Self:
        """Return the trials that a force leads or has a site in."""
        sites = self.model.sites.rel.related_model.objects.filter(force__slug=slug)
        return self.filter(Q(lead_force__slug=slug) | Q(pk__in=sites.values("trial")))

    def about(self, problem: str) -> Self:
        """Return the trials whose protocol names this problem of the library."""
        return self.filter(pk__in=self.model.objects.filter(problems__slug=problem).values("pk"))

    def running_on(self, day: date) -> Self:
        """Return the trials that treat on this day: as it happened, where it is known, else as it is planned."""
        begun = Q(first_treated_on__lte=day) | Q(first_treated_on=None, planned_from__lte=day)
        on = Q(last_treated_on__gte=day) | Q(last_treated_on=None, planned_until__gte=day)
        off = Q(registration_state=Registration.WITHDRAWN) | Q(conduct_state=Conduct.NEVER_STARTED)
        return self.filter(begun & on).exclude(off)

    def line_of(self, numbers: Iterable[str]) -> dict[str, set[str]]:
        """Return these trials and all that they follow, each with the numbers that it follows itself."""
        line: dict[str, set[str]] = {}
        ahead = set(numbers)
        while ahead:
            line |= {number: set() for number in ahead}
            steps = self.filter(number__in=ahead, follows__isnull=False)
            for number, before in steps.values_list("number", "follows__number"):
                line[number].add(before)
            ahead = {before for number in ahead for before in line[number]} - line.keys()
        return line

    def acting_beside(self, trial: Any, forces: Iterable[int], days: Days) -> Self:
        """Return the other registered trials, of the same kind, that may treat in these forces while it does.

        Generous: how long a trial measures is taken from its plan, also where it ended early.
        """
        begin = Coalesce("first_treated_on", "planned_from")
        end = Greatest(
            Coalesce("last_treated_on", "planned_until"), Coalesce("measured_until", "planned_until")
        )
        inside = self.model.objects.filter(sites__force__in=list(forces))
        return (
            self.filter(pk__in=inside.values("pk"), registration_state=Registration.REGISTERED)
            .filter(is_simulated=trial.is_simulated)
            .exclude(pk=trial.pk)
            .exclude(conduct_state=Conduct.NEVER_STARTED)
            .annotate(begins=begin, ends=end)
            .filter(begins__lte=days.measured_until, ends__gte=days.begin)
        )

    def sorted_by(self, order: str) -> Self:
        """Return the trials newest first, by title, or by when their results are due."""
        return self.order_by(*ORDERS[order])

    def public(self) -> Self:
        """Return what everybody may see."""
        return self.filter(public_trials())

    def by_ref(self, ref: str) -> Self:
        """Return the trial with this number or public id, if there is one."""
        try:
            return self.filter(public_id=UUID(ref))
        except ValueError:
            return self.filter(number=ref.upper())

    def live(self) -> Self:
        """Return the registered trials that are neither terminated nor never started."""
        over = (Conduct.TERMINATED, Conduct.NEVER_STARTED)
        return self.filter(registration_state=Registration.REGISTERED).exclude(conduct_state__in=over)

    def to_watch(self) -> Self:
        """Return the live trials that are not over: completed with their results out, nothing can go wrong any more."""
        return self.live().exclude(conduct_state=Conduct.COMPLETED, results_state__in=ONCE_OUT)

    def for_list(self) -> Self:
        """Return the rows with what a list shows, in one query."""
        return self.select_related("tactic", "lead_force", "created_by")

    def for_registry(self) -> Self:
        """Return the rows with what the registry's list shows, and no more, in one query."""
        return self.select_related("tactic").only(*_SHOWN)

    def with_sites(self) -> Self:
        """Return the rows with their sites and the forces of these, in one more query."""
        sites = self.model.sites.rel.related_model.objects.select_related("force")
        return self.prefetch_related(Prefetch("sites", queryset=sites))

    def for_api(self) -> Self:
        """Return the rows with all that the API shows, and with columns to sort by that are never null.

        Of the protocol in force come two small parts, with its version; those of a draft stand in `draft_dates` and
        `draft_size`, which are null elsewhere, so that the database opens no protocol that is not shown.
        """
        field = self.model._meta.get_field
        versions, lists, tactics, forces = (
            field(name).related_model.objects
            for name in ("registrations", "allocations", "tactic", "lead_force")
        )
        in_force = versions.filter(next=None).defer("protocol")
        return (
            self.defer("protocol")
            .prefetch_related(
                Prefetch("tactic", tactics.only("slug")),
                Prefetch("lead_force", forces.only("slug")),
                Prefetch(
                    "registrations", in_force.annotate(dates=_DATES, sample_size=_SIZE), to_attr="in_force"
                ),
                Prefetch("allocations", lists.counted(), to_attr="unit_lists"),
                "sites__force",
            )
            .annotate(
                listed_at=Coalesce("registered_at", "created_at"),
                listed_number=Coalesce("number", models.Value("")),
                listed_due=Coalesce("results_due_on", models.Value(date.max)),
                draft_dates=Case(When(number=None, then=_DATES)),
                draft_size=Case(When(number=None, then=_SIZE)),
            )
        )

    def awaiting(self, user: "Person") -> Self:
        """Return the trials in review that the person did not write and is not in the team of."""
        states = (Registration.SUBMITTED, Registration.IN_REVIEW)
        waiting = self.filter(registration_state__in=states).exclude(created_by=user)
        return waiting.exclude(team_members__user=user)

    def published(self) -> Self:
        """Return the trials with published results."""
        return self.filter(results_state__in=REPORTED)


class OfTrialQuerySet(FrozenQuerySet):
    """Questions about frozen rows that belong to one trial and follow its visibility."""

    def visible_to(self, user: "Person") -> Self:
        """Return the rows of trials that the person may know of."""
        trials = self.model._meta.get_field("trial").related_model.objects.visible_to(user)
        return self.filter(trial__in=trials)

    def inside_for(self, user: "Person") -> Self:
        """Return the rows of trials that the person works on (never the public)."""
        return self.filter(
            pk__in=self.model.objects.filter(trials_worked_on_by(user, "trial__")).values("pk")
        )


class DatasetQuerySet(OfTrialQuerySet):
    """Questions about versions of data."""

    def released_from(self) -> Self:
        """Return those that a published release stands on."""
        out = {"analyses__releases__published_at__isnull": False, "analyses__releases__withdrawn_at": None}
        return self.filter(pk__in=self.model.objects.filter(**out).values("pk"))


class AccountQuerySet(OfTrialQuerySet):
    """Questions about what people recorded of a trial."""

    def visible_to(self, user: "Person") -> Self:
        """Return all of the trials that the person works on; of others, once results have been published.

        A result that was taken back does not hide them again.
        """
        trials = self.model._meta.get_field("trial").related_model.objects
        out = trials.visible_to(user).filter(results_state__in=ONCE_OUT)
        inside = trials.worked_on_by(user)
        return self.filter(Q(trial__in=out.values("pk")) | Q(trial__in=inside.values("pk")))

    def standing(self) -> Self:
        """Return the entries that nothing later replaces or takes back."""
        return self.filter(correction=None, takes_back=False)


class ExplanationQuerySet(AccountQuerySet):
    """Questions about why there is no result: what the public may read before there is one."""

    def visible_to(self, user: "Person") -> Self:
        """Return the rows of trials that the person may know of."""
        return OfTrialQuerySet.visible_to(self, user)


class ReleaseQuerySet(OfTrialQuerySet):
    """Questions about releases."""

    def published(self) -> Self:
        """Return the releases that are out and not withdrawn."""
        return self.filter(published_at__isnull=False, withdrawn_at=None)

    def visible_to(self, user: "Person") -> Self:
        """Return published releases of visible trials; cleared ones for the trial's leads; all for the Centre."""
        if user.is_authenticated and user.is_active and user.is_centre_staff:
            return self.all()
        public = self.published().filter(trial__in=self._trials().visible_to(user))
        if not user.is_authenticated or not user.is_active:
            return public
        led = Q(trial__lead_force__in=user.force_ids) | Q(
            trial__team_members__user=user, trial__team_members__role="lead"
        )
        to_check = self.model.objects.cleared(CHECKS_NEEDED).filter(led)
        return self.filter(Q(pk__in=public.values("pk")) | Q(pk__in=to_check.values("pk")))

    def awaiting_check_by(self, user: "Person") -> Self:
        """Return the unpublished releases that the person has not checked and did not make."""
        open_ones = self.filter(published_at=None, withdrawn_at=None).exclude(checks__decision="refuse")
        return open_ones.exclude(prepared_by=user).exclude(checks__checker=user)

    def cleared(self, needed: int) -> Self:
        """Return the unpublished releases that enough people have cleared and nobody refused."""
        open_ones = self.filter(published_at=None, withdrawn_at=None).exclude(checks__decision="refuse")
        return open_ones.annotate(clears=Count("checks")).filter(clears__gte=needed)

    def for_verification(self) -> Self:
        """Return the rows with what computing them again reads."""
        return self.select_related(
            "trial__lead_force",
            "trial__tactic",
            "analysis__registration",
            "analysis__dataset",
            "analysis__run",
        )

    def _trials(self) -> TrialQuerySet:
        trials: TrialQuerySet = self.model._meta.get_field("trial").related_model.objects.all()
        return trials


class ReleasedEstimateQuerySet(FrozenQuerySet):
    """Questions about the tidy table."""

    def visible_to(self, user: "Person") -> Self:
        """Return the estimates of published releases that a person may see; a draft of a release is in no table."""
        releases = self.model._meta.get_field("release").related_model.objects
        return self.filter(release__in=releases.visible_to(user).published().values("pk"))

    def all_visible_to(self, user: "Person") -> Self:
        """Return the same for who reads all of it: the releases are asked for first, so that no row is joined."""
        releases = self.model._meta.get_field("release").related_model.objects
        seen = releases.visible_to(user).published().values_list("pk", flat=True)
        # SQLite takes no list as long as this may be, and has no plan that a list makes faster.
        return self.filter(release__in=list(seen) if connections[self.db].vendor == "postgresql" else seen)
