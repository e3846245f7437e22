"""Which version of the rules rates, since when and why; and appeals against what they said."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from centre.errors import Conflict
from centre.frozen import FrozenModel
from tactics.models.ratings import Rating
from tactics.querysets import AppealQuerySet
from tactics.rating import CURRENT, VERSIONS, Rules

ANSWERS_NEEDED = 2


class RulesAdoption(FrozenModel):
    """The Centre rates by a version of the rules from now on. Before the first, the version that was built in first."""

    version = models.CharField(max_length=20, unique=True)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.version}, {self.at:%-d %B %Y}"


def rules_in_use() -> Rules:
    """Return the rules that rate now.

    Raises
    ------
    Conflict : the version adopted is not part of this software: an older one was put back.
    """
    newest = RulesAdoption.objects.values_list("version", flat=True).first()
    if newest is None:
        return CURRENT
    if newest not in VERSIONS:
        raise Conflict(f"The Centre rates by {newest}, which this version of the software does not know.")
    return VERSIONS[newest]


class Appeal(FrozenModel):
    """A force or a trial's team says that a public rating is wrong, and why. Everybody may read it and its answer."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="appeals")
    grounds = models.TextField()
    on_behalf_of = models.CharField(max_length=200)  # the force, or the team of which trial
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[Any]] = AppealQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"Appeal of {self.on_behalf_of}: {self.rating}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("appeal-detail", args=[self.public_id])

    @property
    def decision(self) -> str:
        """Return what two people have answered alike; empty while that is open."""
        given = [answer.decision for answer in self.answers.all()]
        return next((one for one in AppealAnswer.Decision.values if given.count(one) >= ANSWERS_NEEDED), "")

    @property
    def decision_words(self) -> str:
        """Return the decision in words."""
        return (
            AppealAnswer.Decision(self.decision).label if self.decision else "Waits for two people's answer"
        )


class AppealAnswer(FrozenModel):
    """One person's answer to an appeal, with its reason."""

    class Decision(models.TextChoices):
        """What they say."""

        UPHELD = "upheld", "Upheld"  # the rating is looked at again
        DISMISSED = "dismissed", "Dismissed"  # the rating stands

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="answers")
    decision = models.CharField(max_length=9, choices=Decision)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=("appeal", "by"), name="tactics_appeal_answer_once"),)

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.by}"
