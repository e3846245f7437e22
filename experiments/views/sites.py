"""What the forces of a trial have agreed to: where each step stands, who is late, and the form that records it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from centre.errors import NotFound
from centre.models import AuditEvent, Force
from centre.permissions import Permission, has_permission, require
from experiments.actions import site_steps
from experiments.forms.acts import SiteStepForm
from experiments.models import SiteStep
from experiments.models.site_step import TO_START
from experiments.views.pages import TrialAct, TrialPage

_EVENTS = {
    "site_step.due": "Due date set",
    "site_step.done": "Done",
    "site_step.not_needed": "Not needed",
    "site_step.reopened": "Reopened",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one step of one force stands, in words."""

    force: Force
    label: str
    tag: str
    colour: str
    said: str
    url: str


@dataclass(frozen=True, slots=True)
class ForceSteps:
    """One force of the trial with its steps, in their order."""

    force: Force
    areas: str
    steps: list[Standing]
    n_late: int
    may_record: bool


class TrialSites(TrialPage):
    """Every force of the trial and every step."""

    template = "sites/list.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Show the table."""
        today = timezone.localdate()
        rows = {
            (one.force_id, one.kind): one
            for one in self.trial.site_steps.select_related("done_by", "not_needed_by")
        }
        forces = []
        for force in _forces(self.trial):
            own = [rows.get((force.pk, kind)) for kind in SiteStep.Kind.values]
            areas = ", ".join(
                one.area for one in self.trial.sites.all() if one.force_id == force.pk and one.area
            )
            steps = [
                standing(step, self.trial.ref, force, kind, today)
                for step, kind in zip(own, SiteStep.Kind.values, strict=True)
            ]
            n_late = sum(one is not None and one.is_late(today) for one in own)
            may = has_permission(request.user, Permission.TRIAL_CONDUCT, on=force)
            forces.append(ForceSteps(force, areas, steps, n_late, may))
        table = [
            (label, [one.steps[place] for one in forces]) for place, label in enumerate(SiteStep.Kind.labels)
        ]
        not_ready = self.trial.sites_not_ready if self.trial.conduct_state == "not_started" else []
        return self.page(
            forces=forces,
            table=table,
            n_late=sum(one.n_late for one in forces),
            not_ready=not_ready,
            needed=[kind.label for kind in TO_START],
        )


class SiteStepPage(TrialAct):
    """One step of one force: where it stands, what was recorded before, and a form."""

    template = "sites/step.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what the address names."""
        self.site, self.agreement = kwargs.pop("site"), kwargs.pop("agreement")
        return super().dispatch(request, *args, **kwargs)

    @property
    def force(self) -> Force:
        """Return the force, if it is a site of the trial and the step exists."""
        if self.agreement not in SiteStep.Kind.values:
            raise NotFound("There is no such step.")
        found: Force = get_object_or_404(_forces(self.trial), slug=self.site)
        return found

    @property
    def step(self) -> SiteStep | None:
        """Return the step as it is on record, if anything is."""
        found: SiteStep | None = self.trial.site_steps.filter(force=self.force, kind=self.agreement).first()
        return found

    def form(self, *sent: Any) -> SiteStepForm:
        """Return the form for a step that is open, or settled."""
        step = self.step
        initial: dict[str, Any] = {"on": step.due_on} if step and step.due_on else {}
        if step and step.is_settled:
            initial["act"] = "reopen"
        return SiteStepForm(*sent[:1], is_settled=bool(step and step.is_settled), initial=initial)

    def context(self) -> dict[str, Any]:
        """Return where it stands and what was recorded."""
        step, force = self.step, self.force
        return {
            "force": force,
            "standing": standing(step, self.trial.ref, force, self.agreement, timezone.localdate()),
            "step": step,
            "may_record": has_permission(self.person, Permission.TRIAL_CONDUCT, on=force),
            "history": _history(step),
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Turn those away who may not record for this force, whatever they sent."""
        require(self.person, Permission.TRIAL_CONDUCT, on=self.force)
        return super().post(request, **kwargs)

    def act(self, form: SiteStepForm) -> str:
        """Put it on record."""
        force, given = self.force, form.cleaned_data
        where = {"trial": self.trial, "force": force, "kind": self.agreement, "by": self.person}
        if given["act"] == "due":
            made = site_steps.due(on=given["on"], **where)
        elif given["act"] == "do":
            made = site_steps.do(reference=given["reference"], **where)
        elif given["act"] == "waive":
            made = site_steps.waive(reason=given["reason"], **where)
        else:
            made = site_steps.reopen(reason=given["reason"], **where)
        messages.success(self.request, f"Recorded: {made}")
        return reverse("trial-sites", args=[self.trial.ref])


def standing(step: SiteStep | None, ref: str, force: Force, kind: str, today: dt.date) -> Standing:
    """Return a step in words: a state, and what there is to say about it."""
    tag, colour, said = "No date yet", "grey", ""
    if step and step.done_at:
        day = timezone.localtime(step.done_at).date()
        tag, colour, said = "Done", "green", f"{step.reference}. Recorded on {_day(day)} by {step.done_by}"
    elif step and step.not_needed_at:
        day = timezone.localtime(step.not_needed_at).date()
        tag, colour = "Not needed", "blue"
        said = f"{step.not_needed_because} Recorded on {_day(day)} by {step.not_needed_by}"
    elif step and step.due_on:
        is_late = step.is_late(today)
        tag, colour = ("Late", "red") if is_late else ("Due", "yellow")
        said = f"Since {_day(step.due_on)}" if is_late else f"On {_day(step.due_on)}"
    url = reverse("trial-site-step", args=[ref, force.slug, kind])
    return Standing(force, SiteStep.Kind(kind).label, tag, colour, said, url)


def _history(step: SiteStep | None) -> list[tuple[AuditEvent, str, str]]:
    """Return what was recorded about the step, newest first, from the audit log."""
    if step is None:
        return []
    events = (
        AuditEvent.objects.with_erased()
        .filter(subject_type="experiments.sitestep", subject_id=str(step.pk), event__in=_EVENTS)
        .order_by("-pk")
    )
    return [(one, _EVENTS[one.event], _said(one.detail)) for one in events]


def _said(detail: dict[str, Any]) -> str:
    if due := detail.get("due_on"):
        return _day(dt.date.fromisoformat(due))
    said = detail.get("reference") or detail.get("reason") or ""
    return f"{said} (before: {detail['before']})" if detail.get("before") else said


def _forces(trial: Any) -> QuerySet[Force]:
    return Force.objects.filter(trial_sites__trial=trial).distinct().order_by("name")


def _day(day: dt.date) -> str:
    return f"{day:%-d %B %Y}"
