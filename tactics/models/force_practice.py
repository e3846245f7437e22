"""Practice as forces tell it: an account that is worked on, and each version that the Centre accepted."""

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from centre.frozen import FrozenModel
from centre.models import Force
from centre.permissions import Permission, has_permission
from tactics.models.catalogue import Tactic

if TYPE_CHECKING:
    from centre.permissions import Person


class PracticeQuerySet(models.QuerySet[Any]):
    """Questions about many accounts."""

    def visible_to(self, user: "Person") -> "PracticeQuerySet":
        """Return the accounts a person may open: accepted ones on public tactics, their force's; staff see all."""
        public = self.filter(versions__tactic__published_at__isnull=False).distinct()
        if not user.is_authenticated or not user.is_active:
            return public
        if user.is_centre_staff:
            return self.all()
        return self.filter(Q(pk__in=public.values("pk")) | Q(force__in=user.force_ids))

    def to_review(self, user: "Person") -> "PracticeQuerySet":
        """Return what was sent and waits for this person: never the account of a force they work in."""
        if not has_permission(user, Permission.PRACTICE_REVIEW):
            return self.none()
        return self.filter(sent_at__isnull=False).exclude(force__in=user.force_ids)  # type: ignore[union-attr]


class Practice(models.Model):
    """A force's account. `edition` counts the saves."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="practices")
    answers = models.JSONField(default=dict)
    edition = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    changes_asked = models.TextField(blank=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    declined_because = models.TextField(blank=True)

    objects = PracticeQuerySet.as_manager()

    class Meta:
        ordering = ("-written_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None) | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="tactics_practice_sent_whole",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None, declined_by=None, declined_because="")
                | (Q(declined_at__isnull=False, declined_by__isnull=False) & ~Q(declined_because="")),
                name="tactics_practice_declined_whole",
            ),
        )

    def __str__(self) -> str:
        return str(self.answers.get("title", "An account without a name"))

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("practice-detail", args=[self.public_id])

    @property
    def force_ids(self) -> frozenset[int]:
        """Return the force whose account it is."""
        return frozenset({self.force_id})

    @property
    def is_sent(self) -> bool:
        """Return whether it waits for the Centre."""
        return self.sent_at is not None

    @property
    def state(self) -> str:
        """Return where it stands, in words."""
        if self.is_sent:
            return "Waits for the Centre"
        if self.changes_asked:
            return "The Centre asks for changes"
        return "Declined" if self.declined_at else "Draft"


class PracticeVersion(FrozenModel):
    """What the Centre accepted: the force's own words, on the page of a tactic. A correction is a later version."""

    class Repeatable(models.TextChoices):
        """Whether another force could repeat it from this account."""

        YES = "yes", "Yes"
        PARTLY = "partly", "In part"
        NO = "no", "No"

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="versions")
    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="practice_versions")
    number = models.PositiveIntegerField()
    answers = models.JSONField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    repeatable = models.CharField(max_length=6, choices=Repeatable)
    repeatable_because = models.CharField(max_length=600)
    accepted_at = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("practice", "number"), name="tactics_practice_number_once"),
            models.CheckConstraint(
                condition=~Q(sent_by=F("accepted_by")), name="tactics_practice_accepted_by_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.practice}, version {self.number}"


def newest_of(tactic: Tactic) -> list[PracticeVersion]:
    """Return the newest version of each account on a tactic's page; one that has moved elsewhere is left out."""
    later = PracticeVersion.objects.filter(practice=OuterRef("practice"), number__gt=OuterRef("number"))
    found = PracticeVersion.objects.filter(~Exists(later), tactic=tactic)
    return list(found.select_related("practice__force").order_by("accepted_at"))
