"""The trial: a draft protocol, then a number, and where it stands on four axes."""

import datetime as dt
import uuid
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from centre.clock import day_of_lists
from centre.models import Force
from experiments import deadlines
from experiments.lifecycle import REPORTED, Conduct, Registration, Results, Visibility
from experiments.protocol import Design, Protocol, from_json
from experiments.protocol.deadlines import FINAL_MONTHS, final_report_due, months_after
from experiments.querysets import TrialQuerySet

if TYPE_CHECKING:
    from experiments.models.allocation import Allocation
    from experiments.models.dataset import Dataset
    from experiments.models.registration import Registration as RegistrationRow


def _choices(axis: type[Registration | Conduct | Results | Visibility]) -> list[tuple[str, str]]:
    return [(state.value, state.value.replace("_", " ").capitalize()) for state in axis]


class Trial(models.Model):
    """One trial, from draft to published."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True, null=True)  # noqa: DJ001  null until registered
    title = models.CharField(max_length=150)
    tactic = models.ForeignKey("tactics.Tactic", on_delete=models.PROTECT, null=True, related_name="trials")
    lead_force = models.ForeignKey(Force, on_delete=models.PROTECT, null=True, related_name="trials_led")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trials_made"
    )
    protocol = models.JSONField(default=dict)  # the working draft; what was registered is in Registration
    protocol_edition = models.PositiveIntegerField(
        default=1
    )  # goes up with each save: a stale form is refused
    registration_state = models.CharField(
        max_length=20, choices=_choices(Registration), default=Registration.DRAFT.value, db_index=True
    )
    conduct_state = models.CharField(
        max_length=20, choices=_choices(Conduct), default=Conduct.NOT_STARTED.value, db_index=True
    )
    results_state = models.CharField(
        max_length=24, choices=_choices(Results), default=Results.NONE.value, db_index=True
    )
    visibility = models.CharField(
        max_length=10, choices=_choices(Visibility), default=Visibility.PRIVATE.value
    )
    embargo_until = models.DateField(null=True)
    state_reason = models.TextField(
        blank=True
    )  # why it was withdrawn, suspended, terminated or never started
    is_simulated = models.BooleanField(default=False)
    notice = models.CharField(
        max_length=200, blank=True
    )  # shown on every page of the trial and of its results
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="trials_submitted"
    )
    registered_at = models.DateTimeField(null=True)
    public_from = models.DateTimeField(
        null=True, db_index=True
    )  # when it was registered, or the end of its embargo: feeds go by it
    first_treated_on = models.DateField(null=True)  # what happened; what was planned is in the protocol
    last_treated_on = models.DateField(null=True)
    # What the registry is searched by, out of the protocol in force: kept by `actions.entries`.
    problems = models.ManyToManyField("tactics.Problem", related_name="trials")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followed_by")
    searched_words = models.TextField(
        blank=True
    )  # title and number, folded; PostgreSQL may index its trigrams
    searched_design = models.CharField(max_length=30, blank=True, choices=Design.choices(), db_index=True)
    planned_from = models.DateField(null=True)
    planned_until = models.DateField(null=True)
    measured_until = models.DateField(null=True)
    results_due_on = models.DateField(null=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=("-registered_at", "-id"), name="experiments_trial_newest"),
            models.Index(fields=("planned_from", "planned_until"), name="experiments_trial_planned"),
        )
        constraints = (
            models.CheckConstraint(
                name="experiments_trial_numbered_when_registered",
                condition=Q(registration_state__in=("registered", "withdrawn"), number__isnull=False)
                | (~Q(registration_state__in=("registered", "withdrawn")) & Q(number=None)),
            ),
            models.CheckConstraint(
                name="experiments_trial_conduct_needs_registration",
                condition=Q(conduct_state="not_started") | Q(number__isnull=False),
            ),
            models.CheckConstraint(
                name="experiments_trial_results_need_lock",
                condition=Q(results_state="none")
                | Q(conduct_state__in=("data_locked", "completed", "terminated")),
            ),
            models.CheckConstraint(
                name="experiments_trial_embargo_whole",
                condition=Q(visibility="embargoed", embargo_until__isnull=False)
                | (~Q(visibility="embargoed") & Q(embargo_until=None)),
            ),
            models.CheckConstraint(
                name="experiments_trial_submission_whole",
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """Return what its pages and API paths name it by."""
        return self.number or str(self.public_id)

    @property
    def force_ids(self) -> frozenset[int]:
        """Return the forces concerned: the lead and the sites."""
        lead = {self.lead_force_id} if self.lead_force_id else set()
        return frozenset(lead | {site.force_id for site in self.sites.all()})

    @property
    def draft(self) -> Protocol:
        """Return the working protocol as typed data."""
        return from_json(self.protocol)

    @cached_property
    def registration(self) -> "RegistrationRow | None":
        """Return the version in force, with those who registered and reviewed it."""
        versions = self.registrations.select_related("registrar", "reviewer")
        return versions.order_by("-major", "-minor").first()

    def version(self, name: str) -> "RegistrationRow | None":
        """Return the version named as "1.0", if there is one."""
        major, _, minor = name.partition(".")
        if not (major.isdecimal() and minor.isdecimal() and len(name) < 12):
            return None
        found = self.registrations.filter(major=int(major), minor=int(minor)).first()
        return found if found and found.version == name else None  # not for 01.0

    @property
    def allocation(self) -> "Allocation | None":
        """Return the frozen unit list and its draw."""
        return self.allocations.order_by("-committed_at").first()

    @property
    def newest_outcomes(self) -> "Dataset | None":
        """Return the newest version of the outcome data."""
        return self.datasets.filter(kind="outcome").order_by("-version").first()

    @property
    def is_editable(self) -> bool:
        """Return whether the draft may still be changed."""
        return self.registration_state in (Registration.DRAFT, Registration.CHANGES_REQUESTED)

    @property
    def is_registered(self) -> bool:
        return self.registration_state == Registration.REGISTERED

    @property
    def is_public(self) -> bool:
        """Return whether everybody may see it today."""
        if self.registration_state not in (Registration.REGISTERED, Registration.WITHDRAWN):
            return False
        if self.visibility == Visibility.EMBARGOED:
            return bool(self.embargo_until and self.embargo_until <= day_of_lists())
        return self.visibility == Visibility.PUBLIC

    @property
    def sites_not_ready(self) -> list[Force]:
        """Return the forces whose sponsor, data sharing and assessment are neither done nor not needed."""
        ready = self.site_steps.forces_ready()
        forces = {site.force_id: site.force for site in self.sites.select_related("force")}
        return [force for key, force in forces.items() if key not in ready]

    @property
    def is_data_locked(self) -> bool:
        """Return whether outcomes may be looked at by arm."""
        return self.conduct_state in (Conduct.DATA_LOCKED, Conduct.COMPLETED, Conduct.TERMINATED)

    @property
    def design(self) -> Design | None:
        """Return the design in force: the registered one, else the draft's."""
        return Design(self.searched_design) if self.searched_design else None

    @property
    def report_due(self) -> dt.date | None:
        """Return when results are due: twelve months after primary completion, as the protocol in force says."""
        return self.results_due_on

    @property
    def final_report_due(self) -> dt.date | None:
        """Return when the final report is due, whatever happened: 24 months after it stopped, or is to stop."""
        stopped = self.last_treated_on
        return months_after(stopped, FINAL_MONTHS) if stopped else final_report_due(self.draft)

    @property
    def owes_results(self) -> bool:
        """Return whether results have to come and have not."""
        is_out = self.results_state in REPORTED
        return self.is_registered and not is_out and self.conduct_state != Conduct.NEVER_STARTED

    @property
    def is_overdue(self) -> bool:
        """Return whether results are due and not published."""
        return self.owes_results and bool(self.report_due and self.report_due < timezone.localdate())

    @property
    def is_final_report_overdue(self) -> bool:
        """Return whether even the final report is late."""
        due = self.final_report_due
        return self.owes_results and bool(due and due < timezone.localdate())

    @property
    def update_due(self) -> dt.date | None:
        """Return by when the team owes the public a note on progress; nobody asks once results are out."""
        if not self.owes_results or self.registered_at is None:
            return None
        newest = self.progress_notes.order_by("-at").values_list("at", flat=True).first()
        return months_after(timezone.localdate(newest or self.registered_at), deadlines.UPDATE_MONTHS)

    @property
    def is_update_missed(self) -> bool:
        """Return whether the six-monthly note is late."""
        due = self.update_due
        return bool(due and due < timezone.localdate())


class TeamMember(models.Model):
    """A person who works on the trial: may not review, check or rate it."""

    class Role(models.TextChoices):
        LEAD = "lead", "Trial lead"  # writes the protocol and conducts the trial
        ANALYST = "analyst", "Analyst"  # runs the plan
        MEMBER = "member", "Member"  # anything else

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="team_members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trial_teams")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("trial", "user"), name="experiments_team_member_once"),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class Site(models.Model):
    """A force and area where the trial runs, as the protocol names it."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="sites")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="trial_sites")
    area = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("force__name", "area")
        constraints = (
            models.UniqueConstraint(fields=("trial", "force", "area"), name="experiments_site_once"),
        )

    def __str__(self) -> str:
        return f"{self.force}, {self.area}" if self.area else str(self.force)
