"""Questions about frozen unit lists, their units, and cases that come one by one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Count, When
from django.db.models.functions import Coalesce

from centre.frozen import FrozenQuerySet
from experiments.lifecycle import Conduct
from experiments.protocol.vocabulary import AllocationMethod
from experiments.querysets import OfTrialQuerySet

if TYPE_CHECKING:
    from centre.permissions import Person

AT_ONCE = 500  # ids in one question: SQLite takes no more than some hundreds
_ONE_BY_ONE = [one.value for one in AllocationMethod if one.one_by_one]


class AllocationQuerySet(OfTrialQuerySet):
    """Questions about frozen unit lists."""

    def counted(self) -> Self:
        """Return the rows with `n_so_far`, how many units there are by now, and without what a draw needs."""
        units = self.model.units.rel.related_model.objects.filter(allocation=models.OuterRef("pk"))
        number = units.order_by().values("allocation").annotate(n=Count("pk")).values("n")
        whole = models.PositiveIntegerField()
        enrolled = Coalesce(models.Subquery(number), 0, output_field=whole)
        counted = Case(When(method__in=_ONE_BY_ONE, then=enrolled), default="n_units", output_field=whole)
        return self.defer("parameters", "prepared", "record").annotate(n_so_far=counted)


class UnitQuerySet(FrozenQuerySet):
    """Questions about the units of frozen lists."""

    def elsewhere(self, trial: Any, codes: Iterable[str], forces: Iterable[Any]) -> dict[str, Any]:
        """Return which of these ids of these forces are in another trial that runs, each with that trial."""
        running = (
            Conduct.BASELINE,
            Conduct.ALLOCATED,
            Conduct.DELIVERING,
            Conduct.SUSPENDED,
            Conduct.FOLLOW_UP,
        )
        others = self.filter(
            force__in=[force for force in forces if force], allocation__trial__conduct_state__in=running
        ).exclude(allocation__trial=trial)
        ids = list(codes)
        return {
            unit.code: unit.allocation.trial
            for place in range(0, len(ids), AT_ONCE)
            for unit in others.filter(code__in=ids[place : place + AT_ONCE]).select_related(
                "allocation__trial"
            )
        }


class EnrolmentQuerySet(FrozenQuerySet):
    """Questions about cases that come one by one."""

    def visible_to(self, user: "Person") -> Self:
        """Return the cases of the person's own forces, in trials that are theirs too; nobody sees another force's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(unit__force__in=user.force_ids).exclude(
            allocation__trial__team_members__in=user.trial_teams.filter(role="analyst")
        )

    def for_list(self) -> Self:
        """Return the rows with what a list shows, in one query; what only the next case needs is left out."""
        return self.defer("tally").select_related(
            "unit__force", "assignment", "confirmed_by", "registration", "allocation__trial"
        )
