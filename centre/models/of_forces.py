"""Rows of the hub that are of forces: who may list them is decided here, once for all of them."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db.models import Exists, OuterRef

from centre.frozen import FrozenQuerySet
from centre.permissions import Permission, forces_on, has_permission

if TYPE_CHECKING:
    from centre.permissions import Person


class OfForceQuerySet(FrozenQuerySet):
    """Questions about many rows that are each of one force."""

    def visible_to(self, user: "Person") -> Self:
        """Return those of the person's own forces; all for those who see the whole hub."""
        if has_permission(user, Permission.HUB_SEE_ALL):
            return self.all()
        return self.filter(force__in=forces_on(user, Permission.HUB_SEE))


class WithPartsOfForcesQuerySet(FrozenQuerySet):
    """Questions about many rows whose parts are each of one force. `parts` is the relation that names them."""

    parts: ClassVar[str]

    def visible_to(self, user: "Person") -> Self:
        """Return those with parts of the person's own forces alone; all for those who see the whole hub."""
        if has_permission(user, Permission.HUB_SEE_ALL):
            return self.all()
        relation = self.model._meta.get_field(self.parts)
        own = forces_on(user, Permission.HUB_SEE)
        of_it = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        return self.filter(Exists(of_it.filter(force__in=own))).exclude(Exists(of_it.exclude(force__in=own)))
