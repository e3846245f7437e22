"""Two reviewers' scores of how well the parts of a tactic's page are founded."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from centre.frozen import FrozenModel, FrozenQuerySet
from tactics.emmie import BEST, DIMENSIONS, MODERATED, OWN, Entry, Standing, standing
from tactics.models.catalogue import Tactic


class QualityScoreQuerySet(FrozenQuerySet):
    """Questions about many scores."""

    def open_for(self, user: Any) -> "QualityScoreQuerySet":
        """Return one score of each round that a reviewer can take further: the first of two, or one unlike theirs."""
        of_round = self.model.objects.filter(
            tactic=OuterRef("tactic"), dimension=OuterRef("dimension"), round=OuterRef("round")
        )
        other = of_round.filter(step=OWN).exclude(pk=OuterRef("pk"))
        by_other = self.filter(step=OWN).exclude(by=user).exclude(tactic__proposed_by=user)
        mine_differs = Exists(other.filter(by=user).exclude(score=OuterRef("score")))
        theirs = of_round.filter(step=MODERATED).exclude(by=user).filter(score=OuterRef("score"))
        alike = Exists(of_round.filter(step=MODERATED, by=user).filter(Exists(theirs)))
        return by_other.filter(~Exists(other) | (mine_differs & ~alike))


class QualityScore(FrozenModel):
    """One reviewer's score of one dimension. A later round takes the place of an earlier one; nothing is edited."""

    class Dimension(models.TextChoices):
        """What is scored. Effect is computed."""

        MECHANISM = "mechanism", DIMENSIONS["mechanism"]
        MODERATORS = "moderators", DIMENSIONS["moderators"]
        IMPLEMENTATION = "implementation", DIMENSIONS["implementation"]
        ECONOMICS = "economics", DIMENSIONS["economics"]

    class Step(models.TextChoices):
        """Whether the reviewer knew the other's score."""

        OWN = OWN, "Alone"
        MODERATED = MODERATED, "Agreed after both were seen"

    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="quality_scores")
    tactic_version = models.PositiveIntegerField()
    dimension = models.CharField(max_length=14, choices=Dimension)
    round = models.PositiveIntegerField()
    step = models.CharField(max_length=9, choices=Step)
    score = models.PositiveSmallIntegerField()
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[Any]] = QualityScoreQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(score__lte=BEST), name="tactics_quality_0_to_4"),
            models.UniqueConstraint(
                F("tactic"),
                F("dimension"),
                F("round"),
                F("by"),
                condition=Q(step=OWN),
                name="tactics_quality_own_score_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tactic}, {self.get_dimension_display()}: {self.score} of {BEST}"

    @property
    def entry(self) -> Entry:
        """Return it as the rules read it."""
        return Entry(
            by=self.by_id,
            name=self.by.name,
            round=self.round,
            step=self.step,
            score=self.score,
            reason=self.reason,
            at=self.at,
            tactic_version=self.tactic_version,
        )


def standings(scores: Iterable[QualityScore]) -> dict[str, Standing]:
    """Return where each dimension stands, by its name."""
    rows = list(scores)
    return {name: standing(row.entry for row in rows if row.dimension == name) for name in DIMENSIONS}
