"""People and the posts they hold."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from centre.models.forces import Force
from centre.permissions import CENTRE_ROLES, FORCE_ROLES, ROLES


class UserManager(BaseUserManager["User"]):
    """Makes people; the e-mail address is the name they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find the person whatever the case of the address."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make one person."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make one person who may use Django's admin."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox names the relation on an abstract model
    """A person who signs in."""

    username = None  # type: ignore[assignment]  # the e-mail address takes its place
    first_name = None  # type: ignore[assignment]  # one name field: names do not divide everywhere alike
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120)
    # A tombstone: who stood here is not told any more (centre/erasure.py).
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Counts up to end every session of the person's: each session holds a hash of it and of the password.
    session_generation = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the person's name."""
        return self.name

    def get_short_name(self) -> str:
        """Return the person's name."""
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must hold to be the person's."""
        facts = f"{self.password}\n{self.session_generation}"
        return salted_hmac("centre.models.User.session", facts, secret=secret, algorithm="sha256").hexdigest()

    def memberships_held(self) -> list["Membership"]:
        """Return the posts held, read once for each request's person."""
        if not hasattr(self, "_memberships_held"):
            self._memberships_held = list(self.memberships.select_related("force"))
        return self._memberships_held

    def has_role(self, role: str) -> bool:
        """Return whether the person holds the role."""
        return any(membership.role == role for membership in self.memberships_held())

    @property
    def is_centre_staff(self) -> bool:
        """Return whether the person holds any post at the Centre."""
        return self.is_active and any(held.role in CENTRE_ROLES for held in self.memberships_held())

    @property
    def force_ids(self) -> frozenset[int]:
        """Return the forces the person works in."""
        return frozenset(held.force_id for held in self.memberships_held() if held.force_id)

    @property
    def forces(self) -> models.QuerySet[Force]:
        """Return the forces the person works in."""
        return Force.objects.filter(pk__in=self.force_ids)

    @property
    def role_names(self) -> list[str]:
        """Return the posts in words."""
        return [str(held) for held in self.memberships_held()]


class Membership(models.Model):
    """A post: one person in one role, in one force where the role is a force's."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=30, choices=[(key, role.display_name) for key, role in ROLES.items()])
    force = models.ForeignKey(
        Force, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role"), condition=Q(force=None), name="centre_membership_once"
            ),
            models.UniqueConstraint(
                fields=("user", "role", "force"), name="centre_membership_once_in_a_force"
            ),
            models.CheckConstraint(
                condition=(Q(role__in=sorted(FORCE_ROLES)) & Q(force__isnull=False))
                | (~Q(role__in=sorted(FORCE_ROLES)) & Q(force__isnull=True)),
                name="centre_membership_force_only_for_posts_in_a_force",
            ),
        )

    def __str__(self) -> str:
        name = ROLES[self.role].display_name
        return f"{name}, {self.force}" if self.force else name
