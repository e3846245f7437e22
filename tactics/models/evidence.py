"""Findings, and what the registry of trials has told the library."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from centre.frozen import FrozenModel
from tactics import wording
from tactics.models.catalogue import OutcomeDomain, Tactic
from tactics.querysets import GIVEN_UP, FindingQuerySet, RegisteredTrialQuerySet
from tactics.rating import RatedTrial, Rules, TrialEvidence, security
from tactics.rating.ladders import counts_as_randomised


class Finding(FrozenModel):
    """One study's estimate on one outcome. Kept for ever; a correction supersedes it.

    `yi` and its interval are oriented so that a negative value is a benefit; `benefit_sign` turns them back
    (+1 where a lower outcome is better, -1 where a higher one is).
    """

    class Source(models.TextChoices):
        """Where the study is recorded."""

        REGISTRY = "registry", "registered here"
        LOCATED = "located", "published elsewhere"

    class Metric(models.TextChoices):
        """The scale of the estimate."""

        RATE_RATIO = "log_rate_ratio", "log rate ratio"
        ODDS_RATIO = "log_odds_ratio", "log odds ratio"
        SMD = "smd", "standardised mean difference"
        DIFFERENCE = "difference", "difference in the outcome's own units"

    class Role(models.TextChoices):
        """What the outcome was in the trial's protocol."""

        PRIMARY = "primary", "primary outcome"
        SECONDARY = "secondary", "secondary outcome"
        HARM = "harm", "harm outcome"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="findings")
    outcome_domain = models.ForeignKey(OutcomeDomain, on_delete=models.PROTECT, related_name="findings")
    source = models.CharField(max_length=8, choices=Source)
    study_label = models.CharField(max_length=200)
    trial_number = models.CharField(max_length=40, blank=True)
    release_id = models.CharField(max_length=64, blank=True)
    citation = models.CharField(max_length=500, blank=True)
    role = models.CharField(max_length=9, choices=Role, default=Role.PRIMARY)
    metric = models.CharField(max_length=14, choices=Metric)
    yi = models.FloatField()
    vi = models.FloatField()
    conf_low = models.FloatField()
    conf_high = models.FloatField()
    benefit_sign = models.SmallIntegerField()
    security = models.PositiveSmallIntegerField(
        null=True
    )  # null: the rules refuse to rate it (trace says why)
    security_trace = models.JSONField()
    evidence = models.JSONField()
    is_randomised = models.BooleanField()
    design = models.CharField(max_length=20)
    sms = models.PositiveSmallIntegerField()
    force_names = models.JSONField(default=list)
    evaluator = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=60, blank=True)
    completed_on = models.DateField(null=True)
    below_integrity_floor = models.BooleanField(default=False)
    dose_response = models.BooleanField(default=False)
    n_units = models.PositiveIntegerField(null=True)
    n_events = models.PositiveIntegerField(null=True)
    is_proxy = models.BooleanField(default=False)
    is_simulated = models.BooleanField(default=False)
    conflicted_user_ids = models.JSONField(
        default=list
    )  # trial team and analyst: they may not sign the rating
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    frozen_except: ClassVar[tuple[str, ...]] = ("superseded_at",)

    objects: ClassVar[models.Manager[Any]] = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("completed_on", "study_label", "recorded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("tactic", "outcome_domain", "trial_number"),
                condition=Q(superseded_at=None) & ~Q(trial_number=""),
                name="tactics_finding_one_current_for_a_trial",
            ),
            models.CheckConstraint(condition=Q(vi__gt=0), name="tactics_finding_variance_above_0"),
            models.CheckConstraint(
                condition=Q(benefit_sign__in=(-1, 1)), name="tactics_finding_benefit_sign"
            ),
            models.CheckConstraint(
                condition=Q(security=None) | Q(security__lte=5), name="tactics_finding_security_0_to_5"
            ),
        )

    def __str__(self) -> str:
        return self.study_label

    @property
    def effect(self) -> str:
        """Return the estimate with its interval in words."""
        words = self.outcome_domain.words
        middle = wording.change(self.yi, self.metric, words)
        return f"{middle} ({wording.interval(self.conf_low, self.conf_high, self.metric, words)})"

    @property
    def security_words(self) -> str:
        """Return the security with its name, or that there is none."""
        name: str = self.security_trace["name"]
        return name if self.security is None else f"{self.security} of 5, {name}"

    @property
    def rated_trial(self) -> RatedTrial:
        """Return the finding as the rules read it."""
        return RatedTrial(
            study=self.study_label,
            metric=self.metric,  # type: ignore[arg-type]  # held to the choices by the action
            yi=self.yi,
            vi=self.vi,
            conf_low=self.conf_low,
            conf_high=self.conf_high,
            security=self.security,
            is_randomised=self.is_randomised,
            is_difference_or_rdd=self.design in ("difference", "discontinuity"),
            sms=self.sms,
            forces=frozenset(self.force_names),
            evaluator=self.evaluator,
            completed_on=self.completed_on,
            country=self.country,
            role=self.role,  # type: ignore[arg-type]
            is_proxy=self.is_proxy,
            n_events=self.n_events,
            below_integrity_floor=self.below_integrity_floor,
            dose_response=self.dose_response,
            ref=str(self.pk),
        )

    def rated_under(self, rules: Rules) -> RatedTrial:
        """Return the finding as the rules read it: with the security that was recorded where it is theirs."""
        same = self.security_trace["rules_version"] == rules.version
        return self.rated_trial if same else self.judged_by(rules)

    def judged_by(self, rules: Rules) -> RatedTrial:
        """Return the finding with its security judged afresh from the recorded evidence."""
        evidence = TrialEvidence.from_json(self.evidence)
        judged = security(evidence, rules=rules)
        return replace(
            self.rated_trial,
            security=judged.score,
            sms=judged.sms,
            is_randomised=counts_as_randomised(evidence, rules),
        )


class RegisteredTrial(models.Model):
    """What the registry has said about a trial of this tactic: enough to count, and to link to."""

    class State(models.TextChoices):
        """Where the trial stands."""

        REGISTERED = "registered", "Registered"  # frozen, not begun
        RUNNING = "running", "Running"  # delivering or collecting
        COMPLETED = "completed", "Completed"  # last data collected
        TERMINATED = "terminated", "Stopped early"  # begun and given up
        NEVER_STARTED = "never_started", "Never started"  # registered and given up before it began
        WITHDRAWN = "withdrawn", "Withdrawn"  # taken off the register

    tactic = models.ForeignKey(Tactic, on_delete=models.PROTECT, related_name="registered_trials")
    number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=13, choices=State)
    report_due = models.DateField(null=True)
    results_published = models.BooleanField(default=False)
    noted_at = models.DateTimeField()

    objects = RegisteredTrialQuerySet.as_manager()

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    @property
    def is_awaited(self) -> bool:
        """Return whether results may still come."""
        return not self.results_published and self.state not in GIVEN_UP

    def is_overdue(self, today: date) -> bool:
        """Return whether the results should have been published by now."""
        waiting = not self.results_published and self.state == self.State.COMPLETED
        return waiting and self.report_due is not None and self.report_due < today
