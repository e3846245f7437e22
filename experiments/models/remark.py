"""What the team makes of the trial in words; and why it was stopped or is not published."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from experiments.models.account import AccountEntry
from experiments.querysets import ExplanationQuerySet


class Remark(AccountEntry):
    """One limitation, or one text on what the results mean and where they hold."""

    class Kind(models.TextChoices):
        LIMITATION = "limitation", "A limitation"
        GENERALISABILITY = "generalisability", "Where the results may hold, and where not"
        INTERPRETATION = "interpretation", "What the results mean"

    kind = models.CharField(max_length=16, choices=Kind)
    text = models.TextField()

    class Meta(AccountEntry.Meta):
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *AccountEntry.Meta.constraints,
            models.CheckConstraint(
                name="experiments_remark_kind",
                condition=Q(kind__in=("limitation", "generalisability", "interpretation")),
            ),
        )


class Explanation(AccountEntry):
    """Why a trial was stopped, or why its results are not published. It is public at once: there are no results."""

    class About(models.TextChoices):
        STOPPED = "stopped", "Why it was stopped, suspended or never begun"
        NOT_PUBLISHED = "not_published", "Why results are not published"

    class Code(models.TextChoices):
        SIGNOFF = "signoff", "Waits for sign-off"
        PROCUREMENT = "procurement", "Procurement"
        RESOURCE = "resource", "People or money"
        QUALITY = "quality", "Quality of the data or of the trial"
        POLICY_CHANGE = "policy_change", "A change of policy"
        OTHER = "other", "Something else"

    about = models.CharField(max_length=16, choices=About)
    code = models.CharField(max_length=16, choices=Code)
    text = models.TextField()

    objects = ExplanationQuerySet.as_manager()

    class Meta(AccountEntry.Meta):
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *AccountEntry.Meta.constraints,
            models.CheckConstraint(
                name="experiments_explanation_about", condition=Q(about__in=("stopped", "not_published"))
            ),
            models.CheckConstraint(
                name="experiments_explanation_code",
                condition=Q(
                    code__in=("signoff", "procurement", "resource", "quality", "policy_change", "other")
                ),
            ),
        )
