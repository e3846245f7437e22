"""Questions about verifications of releases."""

from typing import TYPE_CHECKING, Self

from django.db.models import OuterRef, Subquery

from centre.frozen import FrozenQuerySet

if TYPE_CHECKING:
    from centre.permissions import Person


class VerificationQuerySet(FrozenQuerySet):
    """Questions about verifications of releases."""

    def visible_to(self, user: "Person") -> Self:
        """Return those of the releases that the person may see."""
        releases = self.model._meta.get_field("release").related_model.objects.visible_to(user)
        return self.filter(release__in=releases.values("pk"))

    def newest(self) -> Self:
        """Return the newest of each release."""
        same = self.model.objects.filter(release=OuterRef("release")).order_by("-at", "-pk")
        return self.filter(pk=Subquery(same.values("pk")[:1]))

    def alarms(self) -> Self:
        """Return the newest of each release that stands, where the numbers were not found again."""
        standing = {"release__published_at__isnull": False, "release__withdrawn_at": None}
        return self.newest().filter(**standing).exclude(verdict=self.model.Verdict.SAME)
