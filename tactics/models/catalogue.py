"""Tactics, the problems they answer and the outcomes they are judged on."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from centre.models import Force
from centre.permissions import Permission, has_permission
from tactics.adoption import MISTAKE, STAGES, uses
from tactics.kinds import POPULATIONS, SETTINGS
from tactics.querysets import TacticQuerySet
from tactics.wording import COST_WORDS, Outcome

if TYPE_CHECKING:
    from centre.permissions import Person
    from tactics.models.ratings import Rating
    from tactics.models.transparency import TransparencyRecord


class OutcomeDomain(models.Model):
    """What a tactic is meant to change. The rating key is (tactic, outcome domain)."""

    class Benefit(models.TextChoices):
        """Which direction is better."""

        LOWER = "lower", "lower is better"
        HIGHER = "higher", "higher is better"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    counted_as = models.CharField(max_length=60, blank=True)  # "burglaries", for natural frequencies
    description = models.CharField(max_length=300, blank=True)
    benefit = models.CharField(max_length=6, choices=Benefit)
    is_proxy_default = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> Outcome:
        """Return what sentences need to know about it."""
        return Outcome(self.name, self.counted_as, self.benefit)  # type: ignore[arg-type]


class Problem(models.Model):
    """What a force may come with."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Tactic(models.Model):
    """A thing that police do about a problem."""

    class Stage(models.TextChoices):
        """How far practice has come."""

        IDEA = "idea", "Idea"  # nobody does it yet
        PILOTING = "piloting", "Being piloted"  # tried in one place
        IN_USE = "in_use", "In use"  # ordinary practice in at least one force
        SCALED = "scaled", "In use widely"  # ordinary practice in many forces
        RETIRED = "retired", "No longer used"  # given up

    class HoursBasis(models.TextChoices):
        """How the hours are known. Hours are never summed across bases."""

        MEASURED = "measured", "measured in a trial"
        TIME_AND_MOTION = "time_and_motion", "time and motion study"
        ESTIMATE = "estimate", "estimate"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    summary = models.CharField(max_length=300)
    problems = models.ManyToManyField(Problem, related_name="tactics", blank=True)
    main_outcome = models.ForeignKey(
        OutcomeDomain, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    problem_text = models.TextField(blank=True)
    mechanism = models.TextField(blank=True)
    moderators = models.TextField(blank=True)
    possible_harms = models.TextField(blank=True)
    equality = models.TextField(blank=True)
    implementation = models.TextField(blank=True)
    first_30_days = models.TextField(blank=True)
    economics = models.TextField(blank=True)
    cost_band = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=(MinValueValidator(1), MaxValueValidator(5))
    )
    cost_basis = models.CharField(max_length=500, blank=True)
    # Above nought is saved, below is spent.
    hours_per_100_incidents = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    hours_basis = models.CharField(max_length=16, choices=HoursBasis, blank=True)
    focus = models.CharField(max_length=200, blank=True)
    population = models.CharField(max_length=200, blank=True)
    setting = models.CharField(max_length=200, blank=True)
    setting_kind = models.CharField(max_length=20, choices=list(SETTINGS.items()), blank=True)
    population_kind = models.CharField(max_length=20, choices=list(POPULATIONS.items()), blank=True)
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.IDEA)
    contact = models.CharField(max_length=200, blank=True)
    force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, blank=True, related_name="tactics")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True)
    uses_ai = models.BooleanField(default=False)
    # Why the Centre published an AI tactic without its transparency record: public, for ever.
    no_record_because = models.CharField(max_length=600, blank=True)
    is_simulated = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = TacticQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="tactics_tactic_published_whole",
            ),
            models.CheckConstraint(
                condition=Q(cost_band=None) | Q(cost_band__gte=1, cost_band__lte=5),
                name="tactics_tactic_cost_band_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(hours_per_100_incidents=None, hours_basis="")
                | (Q(hours_per_100_incidents__isnull=False) & ~Q(hours_basis="")),
                name="tactics_tactic_hours_have_a_basis",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the tactic's page."""
        return reverse("tactic-detail", args=[self.slug])

    @property
    def is_published(self) -> bool:
        """Return whether everyone may see it."""
        return self.published_at is not None

    @property
    def force_ids(self) -> frozenset[int]:
        """Return the forces concerned: the one that proposed it."""
        return frozenset({self.force_id}) if self.force_id else frozenset()

    def may_be_edited_by(self, user: "Person") -> bool:
        """Return whether a page may offer editing: a draft to its force, a published tactic to the Centre."""
        allowed = has_permission(user, Permission.TACTIC_EDIT, on=self)
        return allowed and (not self.is_published or user.is_centre_staff)  # type: ignore[union-attr]

    @property
    def headline_rating(self) -> "Rating | None":
        """Return the rating on the main outcome, or the first there is. Needs `with_current_rating`."""
        ratings: list[Rating] = self.current_ratings  # type: ignore[attr-defined]
        main = [rating for rating in ratings if rating.outcome_domain_id == self.main_outcome_id]
        return next(iter(main or ratings), None)

    @property
    def is_known_elsewhere(self) -> bool:
        """Return whether nothing is rated here, but a review or study is cited. Needs `with_current_rating`."""
        rating = self.headline_rating
        return bool(self.cited) and (rating is None or rating.is_untested)  # type: ignore[attr-defined]

    @property
    def transparency(self) -> str:
        """Return what there is of its transparency record, in words. Needs `with_current_rating`."""
        records: list[TransparencyRecord] = self.records  # type: ignore[attr-defined]
        if records:
            newest = records[0]
            return f"Transparency record version {newest.number}, {newest.published_at:%-d %B %Y}"
        draft = getattr(self, "transparency_draft", None)
        if draft is not None and draft.is_sent:
            return "A transparency record has been sent and waits for the Centre's review"
        return "No transparency record has been sent"

    @property
    def first_steps(self) -> list[str]:
        """Return the first 30 days as steps: one on each line that is written."""
        return [line.strip() for line in self.first_30_days.splitlines() if line.strip()]

    @property
    def cost(self) -> str:
        """Return the cost band in words."""
        return COST_WORDS[self.cost_band] if self.cost_band else "Not known"

    @property
    def hours(self) -> str:
        """Return the officer time in words: saved, or spent, for every 100 incidents."""
        hours = self.hours_per_100_incidents
        if hours is None:
            return "Not known"
        amount = f"{abs(hours.normalize()):f}"
        if not hours:
            return "None saved or spent"
        return f"{amount} {'hour' if amount == '1' else 'hours'} {'saved' if hours > 0 else 'spent'}"

    @property
    def who_uses_it(self) -> "list[str]":
        """Return in words what each force says now, those that do it first. Needs `with_adopters`."""
        lines = uses(self.adopters)  # type: ignore[attr-defined]
        return [f"{use.now.force} ({use.now.get_stage_display().lower()})" for use in lines]

    @property
    def who_did_it(self) -> "list[str]":
        """Return the same without those that only think of it. Needs `with_adopters`."""
        thinking = f"({STAGES['considering'].lower()})"
        return [line for line in self.who_uses_it if not line.endswith(thinking)]

    @property
    def n_adopters(self) -> "dict[str, int]":
        """Return how many forces say each stage now. Needs `with_adopters`."""
        said = [one.stage for one in self.adopters]  # type: ignore[attr-defined]
        return {stage: said.count(stage) for stage in STAGES if stage != MISTAKE}

    @property
    def harms(self) -> "list[Rating]":
        """Return the outcomes on which it is rated potentially harmful. Needs `with_current_rating`."""
        return [rating for rating in self.current_ratings if rating.is_harmful]  # type: ignore[attr-defined]
