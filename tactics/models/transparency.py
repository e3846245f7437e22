"""The transparency record of a tactic that uses AI: the draft that is worked on, and each published version."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from centre.frozen import FrozenModel
from tactics.models.catalogue import Tactic
from tactics.transparency import STANDARDS, Standard


class TransparencyDraft(models.Model):
    """The answers so far. `edition` counts the saves, so that nobody saves over another person's answer unseen."""

    tactic = models.OneToOneField(Tactic, on_delete=models.PROTECT, related_name="transparency_draft")
    standard_version = models.CharField(max_length=8)
    answers = models.JSONField(default=dict)
    edition = models.PositiveIntegerField(default=1)
    authors = models.JSONField(
        default=list
    )  # who has written since the last version: none of them publishes it
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What the Centre asked for when it gave the draft back; empty once it is sent again.
    changes_asked = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None) | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="tactics_transparency_sent_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.tactic}: draft of the transparency record"

    @property
    def is_sent(self) -> bool:
        """Return whether it waits for the Centre."""
        return self.sent_at is not None

    @property
    def standard(self) -> Standard:
        """Return the fields that are asked for."""
        return STANDARDS[self.standard_version]


class TransparencyRecord(FrozenModel):
    """One published version. The document stands by itself: the standard, its version, and every field by name."""

    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="transparency_records")
    number = models.PositiveIntegerField()
    standard_version = models.CharField(max_length=8)
    document = models.JSONField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("tactic", "number"), name="tactics_transparency_number_once"),
            models.CheckConstraint(
                condition=~Q(sent_by=F("published_by")), name="tactics_transparency_published_by_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tactic}: transparency record version {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return f"{reverse('transparency-record', args=[self.tactic.slug])}?version={self.number}"
