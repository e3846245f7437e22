"""Links by which people come in, and suspensions by which they go out for a time."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from centre.frozen import FrozenModel, FrozenQuerySet
from centre.models.forces import Force
from centre.models.people import User
from centre.permissions import FORCE_ROLES, ROLES, Permission, has_permission

if TYPE_CHECKING:
    from centre.permissions import Person


class InvitationQuerySet(FrozenQuerySet):
    """Questions about many invitations."""

    def visible_to(self, user: "Person") -> "InvitationQuerySet":
        """Return all of them for those who invite, and none for others."""
        return self.all() if has_permission(user, Permission.PEOPLE_INVITE) else self.none()

    def open(self) -> "InvitationQuerySet":
        """Return those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


class Invitation(FrozenModel):
    """A link that works once. Only its hash is kept; it lets somebody in, or lets a person choose a new password."""

    KEPT_FOR = timedelta(days=7)
    frozen_except = ("mailed_at", "accepted_at", "person", "revoked_at", "revoked_by")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail address")
    role = models.CharField(
        max_length=30, blank=True, choices=[(key, role.display_name) for key, role in ROLES.items()]
    )
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="+")
    renews = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    link_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(accepted_at=None, person=None)
                | Q(accepted_at__isnull=False, person__isnull=False),
                name="centre_invitation_acceptance_whole",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="centre_invitation_revocation_whole",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None),
                name="centre_invitation_accepted_or_revoked",
            ),
            models.CheckConstraint(
                condition=(Q(person=None) | ~Q(person=F("made_by")))
                & (Q(renews=None) | ~Q(renews=F("made_by"))),
                name="centre_invitation_not_to_oneself",
            ),
            models.CheckConstraint(
                condition=Q(renews__isnull=False, role="", force=None)
                | Q(renews=None, role__in=sorted(FORCE_ROLES), force__isnull=False)
                | Q(renews=None, role__in=sorted(ROLES.keys() - FORCE_ROLES), force=None),
                name="centre_invitation_to_a_post_or_back",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="centre_invitation_ends"),
        )

    def __str__(self) -> str:
        return f"{self.email}: {self.what}"

    @property
    def what(self) -> str:
        """Return what the link is for, in words."""
        if not self.role:
            return "A new password"
        name = ROLES[self.role].display_name
        return f"{name}, {self.force}" if self.force else name

    @property
    def is_open(self) -> bool:
        """Return whether the link still works."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class SuspensionQuerySet(FrozenQuerySet):
    """Questions about many suspensions."""

    def in_force(self) -> "SuspensionQuerySet":
        """Return those that nobody has lifted."""
        return self.filter(lifted_at=None)


class Suspension(FrozenModel):
    """One person kept out by another, until somebody lifts it."""

    frozen_except = ("lifted_at", "lifted_by")

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="suspensions")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(person=F("by")) & (Q(lifted_by=None) | ~Q(lifted_by=F("person"))),
                name="centre_suspension_by_another",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="centre_suspension_lifting_whole",
            ),
            models.UniqueConstraint(
                fields=("person",), condition=Q(lifted_at=None), name="centre_suspension_once_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} suspended on {self.at:%-d %B %Y}"
