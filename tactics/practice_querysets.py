"""Questions about many rows that forces say of their own practice. Lists always go through `visible_to`."""

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Q

from centre.frozen import FrozenQuerySet
from tactics.adoption import DOING, MISTAKE

if TYPE_CHECKING:
    from centre.permissions import Person
    from tactics.hours import HoursSaid


class SaidQuerySet(FrozenQuerySet):
    """Questions about what forces say of a tactic."""

    def visible_to(self, user: "Person") -> Self:
        """Return what was said of tactics that the person may know of."""
        tactics = self.model.tactic.field.related_model.objects.visible_to(user)
        return self.filter(tactic__in=tactics)

    def standing(self) -> Self:
        """Return the rows that no later one corrects."""
        return self.filter(correction=None)


class AdoptionQuerySet(SaidQuerySet):
    """Questions about many entries of the adoption ledger."""

    def with_state(self) -> Self:
        """Annotate `is_current`: what the force says now. The rule is that of `tactics.adoption.uses`."""
        standing = self.model.objects.filter(correction=None).exclude(stage=MISTAKE)
        newer = Q(since__gt=OuterRef("since")) | Q(since=OuterRef("since"), pk__gt=OuterRef("pk"))
        later = standing.filter(newer, tactic=OuterRef("tactic"), force=OuterRef("force"))
        return self.annotate(is_current=Exists(standing.filter(pk=OuterRef("pk"))) & ~Exists(later))

    def current(self) -> Self:
        """Return what each force says now."""
        return self.with_state().filter(is_current=True)

    def done(self) -> Self:
        """Return the current entries of forces that do it."""
        return self.current().filter(stage__in=DOING)


class HoursQuerySet(SaidQuerySet):
    """Questions about many claims of hours."""

    def with_state(self) -> Self:
        """Annotate `is_current`: no later claim corrects it."""
        return self.annotate(is_current=~Exists(self.model.objects.filter(corrects=OuterRef("pk"))))

    def overlapping(self, claim: "HoursSaid") -> Self:
        """Return the standing claims on the same basis and of the same status whose period meets the claim's."""
        alike = self.filter(correction=None, basis=claim.basis, status=claim.status)
        return alike.filter(starts_on__lte=claim.ends_on, ends_on__gte=claim.starts_on)
