"""Questions about applications for restricted data."""

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from centre.frozen import FrozenQuerySet
from centre.permissions import Permission, has_permission

if TYPE_CHECKING:
    from centre.permissions import Person


class AccessApplicationQuerySet(FrozenQuerySet):
    """Questions about applications for restricted data."""

    def visible_to(self, user: "Person") -> Self:
        """Return a person's own; all for those who decide. Nobody else knows that somebody asked."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if has_permission(user, Permission.ACCESS_DECIDE) else self.filter(applicant=user)

    def waiting(self) -> Self:
        """Return those that nobody has decided and nobody has taken back."""
        return self.filter(decision=None, withdrawn_at=None)

    def waiting_for(self, user: "Person") -> Self:
        """Return those that this person may decide."""
        if not has_permission(user, Permission.ACCESS_DECIDE):
            return self.none()
        trial = "dataset__trial__"
        own = (
            Q(applicant=user) | Q(**{f"{trial}created_by": user}) | Q(**{f"{trial}team_members__user": user})
        )
        # In a query of its own: a trial with a large team must not come once for each of its people.
        return self.waiting().exclude(pk__in=self.model.objects.filter(own).values("pk"))

    def for_list(self) -> Self:
        """Return the rows with what a list shows, in one query."""
        return self.select_related("dataset__trial", "applicant", "decision__revocation", "decision__file")


class AccessNoticeQuerySet(FrozenQuerySet):
    """Questions about notices on access to restricted data."""

    def visible_to(self, user: "Person") -> Self:
        """Return a person's own."""
        return self.filter(user=user) if user.is_authenticated and user.is_active else self.none()

    def unseen(self) -> Self:
        """Return those that have not been read."""
        return self.filter(seen_at=None)
