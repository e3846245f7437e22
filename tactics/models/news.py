"""What happens to ratings, who follows a tactic, and who was told."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from centre.frozen import FrozenModel
from tactics.models.catalogue import OutcomeDomain, Tactic
from tactics.models.ratings import Rating
from tactics.querysets import BulletinQuerySet


class Subscription(models.Model):
    """A person follows a tactic. Who follows what is nobody else's business, so it is kept only while it lasts."""

    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="subscriptions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tactic_subscriptions"
    )
    since = models.DateTimeField()

    class Meta:
        ordering = ("tactic__name",)
        constraints = (models.UniqueConstraint(fields=("tactic", "user"), name="tactics_subscription_once"),)

    def __str__(self) -> str:
        return f"{self.user} follows {self.tactic}"


class Bulletin(FrozenModel):
    """One thing that happened to what the library says of a tactic, in the words of that day.

    It hangs on the rating that was public then, or, where it says that a rating has become public, on that one.
    """

    class Kind(models.TextChoices):
        """What happened."""

        RESULT = "result", "New result"  # a result came in; the public rating does not use it yet
        REOPENED = (
            "reopened",
            "Rating re-opened",
        )  # what the rating rests on was withdrawn, amended or damaged
        RATED = "rated", "New rating"  # a rating is public
        APPEAL = "appeal", "Appeal"  # somebody appealed, or two people have answered
        HELD = "held", "Hold: possible harm"  # a candidate says that people may come to harm: for staff

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="bulletins")
    outcome_domain = models.ForeignKey(OutcomeDomain, on_delete=models.PROTECT, related_name="+")
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, null=True, related_name="bulletins")
    kind = models.CharField(max_length=8, choices=Kind)
    said = models.TextField()
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    frozen_except: ClassVar[tuple[str, ...]] = ("told_at",)

    objects: ClassVar[models.Manager[Any]] = BulletinQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("tactic", "-at"), name="tactics_bulletin_of_tactic"),
            models.Index(fields=("-at",), name="tactics_bulletin_newest"),
            models.Index(fields=("at",), condition=models.Q(told_at=None), name="tactics_bulletin_untold"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.tactic}, {self.outcome_domain}"

    @property
    def is_for_staff(self) -> bool:
        """Return whether the Centre alone hears of it before two reviewers have signed."""
        return self.kind == self.Kind.HELD


class TacticNotice(FrozenModel):
    """One person is told."""

    frozen_except: ClassVar[tuple[str, ...]] = ("seen_at",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tactic_notices"
    )
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.UniqueConstraint(fields=("bulletin", "user"), name="tactics_notice_once"),)
        indexes = (
            models.Index(
                fields=("user", "-at"), condition=models.Q(seen_at=None), name="tactics_notice_unseen"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.bulletin}"
