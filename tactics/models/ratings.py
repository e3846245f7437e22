"""Syntheses and ratings: computed, kept for ever, superseded and never edited."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from centre.frozen import FrozenModel
from tactics import wording
from tactics.models.catalogue import OutcomeDomain, Tactic
from tactics.querysets import RatingQuerySet
from tactics.rating import LABEL_NAMES, NEEDS_SIGNATURES, Label

SIGNATURES_NEEDED = 2


class Synthesis(FrozenModel):
    """The findings of one tactic and outcome domain, pooled. `document` holds the forest plot's rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="syntheses")
    outcome_domain = models.ForeignKey(OutcomeDomain, on_delete=models.PROTECT, related_name="+")
    k = models.PositiveIntegerField()
    method = models.CharField(max_length=200)
    document = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ("-computed_at",)
        verbose_name_plural = "syntheses"

    def __str__(self) -> str:
        return f"{self.tactic}: {self.outcome_domain}, k = {self.k}"


class Rating(FrozenModel):
    """A tactic's rating on one outcome domain, by the rules of one version, with its trace.

    A candidate goes public when two reviewers have signed it; the labels that claim nothing
    (Inconclusive, Being tested, Untested) go public at once.
    """

    class LabelChoices(models.TextChoices):
        """The headline label."""

        HARMFUL = Label.HARMFUL.value, LABEL_NAMES[Label.HARMFUL]
        EFFECTIVE = Label.EFFECTIVE.value, LABEL_NAMES[Label.EFFECTIVE]
        PROMISING = Label.PROMISING.value, LABEL_NAMES[Label.PROMISING]
        MIXED = Label.MIXED.value, LABEL_NAMES[Label.MIXED]
        NO_EFFECT = Label.NO_EFFECT.value, LABEL_NAMES[Label.NO_EFFECT]
        INCONCLUSIVE = Label.INCONCLUSIVE.value, LABEL_NAMES[Label.INCONCLUSIVE]
        BEING_TESTED = Label.BEING_TESTED.value, LABEL_NAMES[Label.BEING_TESTED]
        UNTESTED = Label.UNTESTED.value, LABEL_NAMES[Label.UNTESTED]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="ratings")
    outcome_domain = models.ForeignKey(OutcomeDomain, on_delete=models.PROTECT, related_name="+")
    synthesis = models.ForeignKey(Synthesis, on_delete=models.PROTECT, null=True, related_name="ratings")
    rules_version = models.CharField(max_length=20)
    label = models.CharField(max_length=20, choices=LabelChoices)
    crt_code = models.CharField(max_length=2, blank=True)
    strength = models.PositiveSmallIntegerField()
    size_band = models.CharField(max_length=10, blank=True)
    document = models.JSONField()
    computed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    frozen_except: ClassVar[tuple[str, ...]] = ("published_at", "superseded_at")

    objects: ClassVar[models.Manager[Any]] = RatingQuerySet.as_manager()

    class Meta:
        ordering = ("-computed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("tactic", "outcome_domain"),
                condition=Q(superseded_at=None, published_at__isnull=False),
                name="tactics_rating_one_public",
            ),
            models.UniqueConstraint(
                fields=("tactic", "outcome_domain"),
                condition=Q(superseded_at=None, published_at=None),
                name="tactics_rating_one_candidate",
            ),
            models.CheckConstraint(condition=Q(strength__lte=5), name="tactics_rating_strength_0_to_5"),
        )

    def __str__(self) -> str:
        return f"{self.tactic}: {self.outcome_domain}, {self.get_label_display()}"

    def get_absolute_url(self) -> str:
        """Return the address of the rating's page."""
        return reverse("rating-detail", args=[self.pk])

    @property
    def is_public(self) -> bool:
        """Return whether it has been public, now or before."""
        return self.published_at is not None

    @property
    def is_current(self) -> bool:
        """Return whether it is what the library says now."""
        return self.is_public and self.superseded_at is None

    @property
    def is_candidate(self) -> bool:
        """Return whether it waits for signatures."""
        return self.published_at is None and self.superseded_at is None

    @property
    def is_harmful(self) -> bool:
        """Return whether the label is Potentially harmful."""
        return self.label == Label.HARMFUL

    @property
    def is_untested(self) -> bool:
        """Return whether nothing was found and no trial is registered."""
        return self.label == Label.UNTESTED

    @property
    def is_held(self) -> bool:
        """Return whether staff must look the same day: a candidate says that people may come to harm."""
        return self.is_candidate and self.is_harmful

    @property
    def needs_signatures(self) -> bool:
        """Return whether two reviewers must agree before the label goes live."""
        return Label(self.label) in NEEDS_SIGNATURES

    @property
    def k(self) -> int:
        """Return the number of trials the rating rests on."""
        return int(self.document["k"])

    @property
    def summary(self) -> dict[str, Any] | None:
        """Return the pooled numbers."""
        summary: dict[str, Any] | None = self.document["summary"]
        return summary

    @property
    def headline(self) -> str:
        """Return the rating in plain words."""
        return wording.headline(self.document, self.outcome_domain.words)

    @property
    def effect(self) -> str:
        """Return the effect with its interval in words; empty where there is none."""
        return wording.effect(self.document, self.outcome_domain.words)

    @property
    def frequencies(self) -> str:
        """Return the effect for 100 cases; empty where the scale does not allow it."""
        return wording.frequencies(self.document, self.outcome_domain.words)

    @property
    def prediction(self) -> str:
        """Return what a new place might see; empty where it cannot be worked out."""
        return wording.prediction(self.document, self.outcome_domain.words)

    @property
    def caution(self) -> str:
        """Return what to keep in mind where few trials stand behind the numbers."""
        return wording.caution(self.document)

    @property
    def colour(self) -> str:
        """Return the colour of the label's tag."""
        return wording.TAG_COLOURS[Label(self.label)]

    @property
    def strength_words(self) -> str:
        """Return the strength in words."""
        return wording.STRENGTH_WORDS[self.strength]

    @property
    def why(self) -> list[str]:
        """Return why it is not what was public before; empty where that was not kept yet."""
        lines: list[str] = self.document.get("why", [])
        return lines

    @property
    def finding_ids(self) -> list[str]:
        """Return the findings that were read: those pooled and those only listed."""
        return [one["finding"] for one in (*self.document["eligible"], *self.document["listed"])]


class RatingSignature(FrozenModel):
    """A reviewer's name under a rating."""

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="signatures")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ("signed_at",)
        constraints = (models.UniqueConstraint(fields=("rating", "reviewer"), name="tactics_signature_once"),)

    def __str__(self) -> str:
        return f"{self.reviewer}, {self.signed_at:%-d %B %Y}"
